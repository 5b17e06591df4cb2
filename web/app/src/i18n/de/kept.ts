import type { Catalogue } from "../index";

// What Salus keeps of somebody: the memory, and what helpers should know.
export const kept: Catalogue = {
  "account.memory": "Gedächtnis",
  "memory.title": "Woran Salus sich erinnern darf",
  "memory.text":
    "Was der Begleiter auch beim nächsten Mal über Sie wissen soll, in Ihren eigenen Worten. Dem Modell wird es nur gesagt, wo es zu dem passt, was Sie schreiben, und unter jeder Antwort sehen Sie, dass es so war.",
  "memory.on": "Sich an mich erinnern",
  "memory.onHint":
    "Ausgeschaltet wird nichts aufbewahrt und nichts verwendet. Was Sie vorher festgehalten haben, bleibt hier, bis Sie es löschen.",
  "memory.how": "Wie etwas hierher kommt",
  "memory.howText":
    "Sie schreiben es unten auf, oder Sie beginnen eine Nachricht mit „Merk dir, dass …“. Anderes wird nie gemerkt.",
  "memory.retrieval.embedding":
    "Was passt, findet ein Modell auf diesem Server nach der Bedeutung. Nichts verlässt ihn dafür.",
  "memory.retrieval.lexical":
    "Was passt, wird an den Wörtern erkannt, die es mit Ihrer Nachricht teilt: Ein Modell für Bedeutungen ist hier nicht eingerichtet.",
  "memory.facts": "Was gemerkt ist",
  "memory.none": "Noch nichts.",
  "memory.more": "Mehr zeigen",
  "memory.add": "Etwas merken",
  "memory.new": "Was soll gemerkt werden?",
  "memory.kind": "Worum es geht",
  "memory.kind.about_me": "Sie und Ihr Leben",
  "memory.kind.health": "Ihre Gesundheit",
  "memory.kind.people": "Menschen um Sie herum",
  "memory.kind.preference": "Wie mit Ihnen gesprochen werden soll (wird immer gesagt)",
  "memory.kind.other": "Etwas anderes",
  "memory.keep": "Merken",
  "memory.left": "noch {count} Zeichen",
  "memory.from.person": "von Ihnen geschrieben, {day}",
  "memory.from.chat": "aus einem Gespräch, {day}",
  "memory.edit": "Ändern",
  "memory.save": "Speichern",
  "memory.delete": "Löschen",
  "memory.deleteTitle": "Das vergessen?",
  "memory.deleteAll": "Alles vergessen",
  "memory.deleteAllTitle": "Alles vergessen?",
  "memory.deleteAllText":
    "{count} {count, gemerkte Sache wird|gemerkte Sachen werden} gelöscht. Ihre Gespräche bleiben.",
  "memory.export": "Als Datei speichern",
  "tell.title": "Was Helfende wissen sollen",
  "tell.text":
    "In Ihren eigenen Worten. Es wird verschlüsselt aufbewahrt. Nur eine Karte von Ihnen oder eine helfende Person im Notfall öffnet es, und jedes Mal wird es Ihnen gesagt.",
  "tell.allergies": "Allergien",
  "tell.medications": "Medikamente und Dosen",
  "tell.conditions": "Erkrankungen",
  "tell.blood_group": "Blutgruppe",
  "tell.contacts": "Wen man anrufen soll",
  "tell.notes": "Was sonst noch hilft",
  "tell.save": "Speichern",
  "tell.written": "Gespeichert am {day}.",
  "tell.remove": "Alles entfernen",
  "tell.removeTitle": "Entfernen, was Helfende wissen sollen?",
  "tell.removeText":
    "Ihre Karten bleiben gültig, öffnen aber nichts, bis Sie wieder etwas schreiben.",
  "open.text":
    "Das Öffnen wird verzeichnet, zählt als eine Verwendung, und die Person erfährt davon. Bitte öffnen Sie es nur, um ihr zu helfen.",
  "open.open": "Öffnen",
  "open.nothing": "In den Teilen, die hiermit geöffnet werden dürfen, steht nichts.",
  "open.written": "Von der Person geschrieben am {day}.",
};
