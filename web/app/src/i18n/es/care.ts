import type { Catalogue } from "../index";

// Care, where it is about safety, and the closer look of a check-in.
export const care: Catalogue = {
  "crisis.own": "Lo que tienes a mano",
  "crisis.plan": "Mi plan de seguridad",
  "crisis.skills": "Ejercicios",
  "safety.plan": "Tu plan de seguridad",
  "safety.exercise": "Un ejercicio para ahora",
  "screening.notDiagnosis":
    "Un cuestionario detecta señales. No es un diagnóstico: lo que un resultado significa para ti puede decírtelo un médico o terapeuta.",
  "screening.goOn":
    "Puedes seguir con las preguntas o dejarlas. Tus respuestas hasta aquí se guardan en este dispositivo.",
  "screening.positive":
    "Con este resultado vale la pena hablar con un médico o terapeuta. Puedes enseñárselo.",
  "screening.language": "Las preguntas están en inglés: solo se usa su texto comprobado.",
  "plan.title": "Plan de seguridad",
  "plan.empty":
    "Un plan ayuda cuando llegan pensamientos de suicidio y cuesta pensar. Lo escribes antes, con tus palabras, mejor con alguien de confianza. Estas son sus partes:",
  "plan.start": "Escribir mi plan",
  "plan.edit": "Cambiar",
  "plan.print": "Imprimir",
  "plan.changed": "Último cambio: {day}",
  "plan.now": "Si ahora no puedes mantenerte a salvo, llama a alguien.",
  "plan.keep": "Guardar una copia en este dispositivo",
  "plan.keepHint":
    "Así puedes leerlo sin conexión, también desde la página de ayuda. Está sellado y se abre para quien abra este navegador; un bloqueo de la app pide antes su código. Al cerrar sesión se borra.",
  "plan.copy": "La copia de este dispositivo, del {day}.",
  "plan.notHere":
    "No hay ningún plan en este dispositivo. Con sesión iniciada y conexión verás el que escribiste.",
  "plan.offline": "No hay conexión ni copia de tu plan en este dispositivo.",
  "plan.logIn": "Entrar",
  "plan.delete": "Borrar el plan",
  "plan.deleteTitle": "¿Borrar tu plan de seguridad?",
  "plan.deleteText": "Desaparece para siempre, y también la copia de este dispositivo.",
  "plan.toPlan": "Ver el plan",
  "nav.care": "Cuidado",
  "checkin.closer": "Sentimientos e impulsos",
  "checkin.feelings": "¿Qué sientes?",
  "checkin.urges": "¿Hay un impulso? Tenerlo no es seguirlo.",
  "checkin.strength": "{what}, de 0 a 10",
  "checkin.delete": "Borrar",
  "feel.sadness": "Tristeza",
  "feel.fear": "Miedo",
  "feel.anger": "Enfado",
  "feel.shame": "Vergüenza o culpa",
  "feel.loneliness": "Soledad",
  "feel.joy": "Alegría",
  "urge.suicide": "De morir",
  "urge.self-harm": "De hacerme daño",
  "urge.substances": "De beber o tomar algo",
  "urge.eating": "De darme un atracón, purgarme o ayunar",
  "urge.withdraw": "De aislarme o rendirme",
};
