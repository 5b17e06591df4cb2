import type { Catalogue } from "../index";

// Care, where it is about safety, and the closer look of a check-in.
export const care: Catalogue = {
  "crisis.own": "Was Sie zur Hand haben",
  "crisis.plan": "Mein Sicherheitsplan",
  "crisis.skills": "Übungen",
  "safety.plan": "Ihr Sicherheitsplan",
  "safety.exercise": "Eine Übung für jetzt",
  "screening.notDiagnosis":
    "Ein Fragebogen bemerkt Zeichen. Er ist keine Diagnose: Was ein Ergebnis für Sie bedeutet, kann Ihnen eine Ärztin oder ein Therapeut sagen.",
  "screening.goOn":
    "Sie können mit den Fragen weitermachen oder sie lassen. Ihre Antworten bis hierher bleiben auf diesem Gerät.",
  "screening.positive":
    "Mit diesem Ergebnis lohnt es sich, mit einer Ärztin oder einem Therapeuten zu sprechen. Sie können es dort zeigen.",
  "screening.language": "Die Fragen sind auf Englisch: Nur ihr geprüfter Wortlaut wird verwendet.",
  "plan.title": "Sicherheitsplan",
  "plan.empty":
    "Ein Plan hilft, wenn Gedanken an Suizid kommen und das Denken schwerfällt. Sie schreiben ihn vorher, in Ihren Worten, am besten mit jemandem, dem Sie vertrauen. Das sind seine Teile:",
  "plan.start": "Meinen Plan schreiben",
  "plan.edit": "Ändern",
  "plan.print": "Drucken",
  "plan.changed": "Zuletzt geändert am {day}",
  "plan.now": "Wenn Sie gerade nicht für Ihre Sicherheit sorgen können, rufen Sie jemanden an.",
  "plan.keep": "Eine Kopie auf diesem Gerät behalten",
  "plan.keepHint":
    "Dann können Sie ihn ohne Verbindung lesen, auch von der Hilfeseite aus. Er ist versiegelt und öffnet sich für jeden, der diesen Browser öffnet; eine App-Sperre fragt zuerst nach ihrem Code. Beim Abmelden wird er entfernt.",
  "plan.copy": "Die Kopie auf diesem Gerät, Stand {day}.",
  "plan.notHere":
    "Auf diesem Gerät ist kein Plan. Angemeldet und mit Verbindung sehen Sie den, den Sie geschrieben haben.",
  "plan.offline": "Es gibt keine Verbindung und keine Kopie Ihres Plans auf diesem Gerät.",
  "plan.logIn": "Anmelden",
  "plan.delete": "Den Plan löschen",
  "plan.deleteTitle": "Ihren Sicherheitsplan löschen?",
  "plan.deleteText": "Er ist dann endgültig weg, und die Kopie auf diesem Gerät auch.",
  "plan.toPlan": "Zum Plan",
  "nav.care": "Fürsorge",
  "checkin.closer": "Gefühle und Impulse",
  "checkin.feelings": "Was fühlen Sie?",
  "checkin.urges": "Ist da ein Drang? Ihn zu haben heißt nicht, ihm zu folgen.",
  "checkin.strength": "{what}, von 0 bis 10",
  "checkin.delete": "Löschen",
  "feel.sadness": "Traurigkeit",
  "feel.fear": "Angst",
  "feel.anger": "Wut",
  "feel.shame": "Scham oder Schuld",
  "feel.loneliness": "Einsamkeit",
  "feel.joy": "Freude",
  "urge.suicide": "Zu sterben",
  "urge.self-harm": "Mich zu verletzen",
  "urge.substances": "Zu trinken oder etwas zu nehmen",
  "urge.eating": "Zu essen, zu erbrechen oder zu hungern",
  "urge.withdraw": "Mich zurückzuziehen oder aufzugeben",
};
