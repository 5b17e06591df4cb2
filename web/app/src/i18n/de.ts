import type { Catalogue } from "./index";

// The words of the help page come first; the rest follows.
const de: Catalogue = {
  "action.back": "Zurück",
  "crisis.link": "Hilfe jetzt",
  "crisis.title": "Sie sind nicht allein.",
  "crisis.lead":
    "Wenn Sie in Gefahr sind oder daran denken, sich das Leben zu nehmen, sprechen Sie bitte jetzt mit jemandem. Es braucht dafür keine richtigen Worte.",
  "crisis.call": "Nummern zum Anrufen",
  "crisis.callNumber": "{number} anrufen",
  "crisis.line.emergency": "Notruf: wenn Sie oder jemand anderes jetzt in Gefahr ist",
  "crisis.line.suicide": "Krisentelefon, Tag und Nacht: bei Suizidgedanken und jeder Not",
  "crisis.line.listening": "Jemand, der zuhört, Tag und Nacht, worum es auch geht",
  "crisis.source": "Quelle: {source}",
  "crisis.elsewhere": "Wenn Sie woanders sind, wählen Sie unten den Ort.",
  "crisis.unknownPlace":
    "Rufen Sie die Notrufnummer des Ortes an, an dem Sie sind, oder wählen Sie unten den Ort.",
  "crisis.where": "Wo sind Sie?",
  "crisis.otherPlace": "Woanders",
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
};

export default de;
