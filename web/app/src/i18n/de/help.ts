import type { Catalogue } from "../index";

// Help, and what is said in danger: to be read first by whoever grew up with the language.
export const help: Catalogue = {
  "crisis.link": "Hilfe jetzt",
  "crisis.title": "Sie sind nicht allein.",
  "crisis.lead":
    "Wenn Sie in Gefahr sind oder daran denken, sich das Leben zu nehmen, sprechen Sie bitte jetzt mit jemandem. Es braucht dafür keine richtigen Worte.",
  "crisis.call": "Nummern zum Anrufen",
  "crisis.callNumber": "{number} anrufen",
  "crisis.unknownPlace":
    "Rufen Sie die Notrufnummer des Ortes an, an dem Sie sind, oder wählen Sie unten den Ort.",
  "crisis.where": "Wo sind Sie?",
  "crisis.otherPlace": "Woanders",
  "crisis.danger": "Jetzt in Gefahr: der Notruf",
  "crisis.emergency": "Notruf",
  "crisis.textNumber": "SMS an {number}",
  "crisis.textKeyword": "SMS mit {keyword} an {number}",
  "crisis.whatsapp": "WhatsApp {number}",
  "crisis.chat": "In einem Chat schreiben",
  "crisis.always": "Tag und Nacht",
  "crisis.checked": "Durchgesehen am {day}, Quelle:",
  "crisis.noLine":
    "Wir kennen dort keine Krisenlinie, bei der wir sicher genug sind. Die Verzeichnisse unten kennen vielleicht eine.",
  "crisis.change":
    "Nummern ändern sich. Wenn sich niemand meldet, versuchen Sie die nächste oder den Notruf.",
  "crisis.lists": "Krisenlinien in jedem Land",
  "crisis.for.everyone": "Für alle",
  "crisis.for.youth": "Für Kinder und Jugendliche",
  "crisis.for.violence": "Wenn Ihnen jemand Gewalt antut",
  "crisis.for.lgbtq": "Für LGBTQ+",
  "crisis.for.veterans": "Für Menschen, die gedient haben",
  "safety.title": "Gut, dass Sie das gesagt haben.",
  "safety.text": "Sie müssen das nicht allein tragen. Diese Menschen sind jetzt erreichbar.",
  "safety.more": "Mehr Hilfe",
  "safety.support": "Wenn es schwer wird: Hilfe ist einen Tipp entfernt.",
  "safety.program":
    "Sie sprechen mit einem Programm, nicht mit einem Menschen. Es kann sich irren.",
  "followUp.title": "Wie geht es Ihnen?",
  "followUp.better": "Mir geht es besser",
  "followUp.hard": "Es ist noch schwer",
  "followUp.never": "Bitte fragen Sie mich das nicht mehr",
  "crisis.nowTitle": "Jetzt gerade",
  "crisis.step1":
    "Gehen Sie zu jemandem, oder bitten Sie jemanden zu kommen. Sie können sagen: „Ich bin allein nicht sicher.“",
  "crisis.step2": "Schaffen Sie Abstand zu allem, womit Sie sich verletzen könnten.",
  "crisis.step3": "Es geht nur um die nächsten Minuten. Atmen Sie langsam aus.",
  "crisis.limits":
    "Salus ist kein Notdienst. Niemand liest hier mit, und nichts von dieser Seite wird gesendet oder auf dem Server gespeichert.",
  "breath.title": "Ein langsamer Atemzug",
  "breath.text": "Länger auszuatmen beruhigt den Körper. Hören Sie auf, wenn es nicht guttut.",
  "breath.start": "Beginnen",
  "breath.stop": "Aufhören",
  "breath.in": "Einatmen",
  "breath.hold": "Halten",
  "breath.out": "Ausatmen",
  "crisis.human": "Hier um einen Menschen bitten",
  "crisis.humanText":
    "Wenn es in diesem Salus ein Krisenteam gibt, kann es lesen, was Sie ihm schreiben. Niemand wacht Tag und Nacht.",
};
