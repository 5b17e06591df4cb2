// What a log-in says first in each language: title, button, and that it failed.
export const LOGIN = [
  [
    "es-ES",
    "Qué bien verte de nuevo",
    "Iniciar sesión",
    "El nombre o la contraseña no es correcto.",
  ],
  ["fr-FR", "Heureux de vous revoir", "Se connecter", "Le nom ou le mot de passe est faux."],
  ["de-DE", "Willkommen zurück", "Anmelden", "Der Name oder das Passwort ist falsch."],
  ["pt-BR", "Que bom ver você de novo", "Entrar", "O nome ou a senha está errado."],
  ["hi-IN", "फिर से स्वागत है", "लॉग इन करें", "नाम या पासवर्ड ग़लत है।"],
];

export const GERMAN = {
  today: "Heute",
  question: "Wie geht es Ihnen gerade?",
  good: "Gut",
  save: "Speichern",
  saved: "Gespeichert. Schön",
  journal: "Tagebuch",
};
