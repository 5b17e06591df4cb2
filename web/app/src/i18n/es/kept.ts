import type { Catalogue } from "../index";

// What Salus keeps of somebody: the memory, and what helpers should know.
export const kept: Catalogue = {
  "account.memory": "Memoria",
  "memory.title": "Lo que Salus puede recordar",
  "memory.text":
    "Cosas de ti que el acompañante debería saber también la próxima vez, con tus propias palabras. Se le dicen al modelo solo cuando vienen al caso, y debajo de cada respuesta ves que fue así.",
  "memory.on": "Recordarme",
  "memory.onHint":
    "Apagado, no se guarda nada ni se usa nada. Lo que guardaste antes sigue aquí hasta que lo borres.",
  "memory.how": "Cómo llega algo aquí",
  "memory.howText":
    "Lo escribes aquí abajo, o empiezas un mensaje con «Recuerda que …». Nada más se recuerda nunca.",
  "memory.retrieval.embedding":
    "Un modelo en este servidor encuentra por el significado lo que viene al caso. Nada sale de él para eso.",
  "memory.retrieval.lexical":
    "Lo que viene al caso se encuentra por las palabras que comparte con tu mensaje, porque aquí no hay instalado un modelo de significados.",
  "memory.facts": "Lo que se recuerda",
  "memory.none": "Nada todavía.",
  "memory.more": "Mostrar más",
  "memory.add": "Recordar algo",
  "memory.new": "¿Qué hay que recordar?",
  "memory.kind": "De qué trata",
  "memory.kind.about_me": "Tú y tu vida",
  "memory.kind.health": "Tu salud",
  "memory.kind.people": "Las personas de tu entorno",
  "memory.kind.preference": "Cómo hablar contigo (se dice siempre)",
  "memory.kind.other": "Otra cosa",
  "memory.keep": "Recordarlo",
  "memory.left": "{count, queda|quedan} {count} {count, carácter|caracteres}",
  "memory.from.person": "lo escribiste tú, {day}",
  "memory.from.chat": "de una conversación, {day}",
  "memory.edit": "Cambiar",
  "memory.save": "Guardar",
  "memory.delete": "Borrar",
  "memory.deleteTitle": "¿Olvidar esto?",
  "memory.deleteAll": "Olvidarlo todo",
  "memory.deleteAllTitle": "¿Olvidarlo todo?",
  "memory.deleteAllText":
    "Se {count, borra|borran} {count} {count, cosa recordada|cosas recordadas}. Tus conversaciones se quedan.",
  "memory.export": "Guardar en un archivo",
  "tell.title": "Lo que deben saber quienes te ayuden",
  "tell.text":
    "Con tus propias palabras. Se guarda cifrado. Solo lo abre una tarjeta tuya, o alguien del equipo en una emergencia, y cada vez se te avisa.",
  "tell.allergies": "Alergias",
  "tell.medications": "Medicamentos y dosis",
  "tell.conditions": "Enfermedades",
  "tell.blood_group": "Grupo sanguíneo",
  "tell.contacts": "A quién llamar",
  "tell.notes": "Qué más ayuda",
  "tell.save": "Guardar",
  "tell.written": "Guardado el {day}.",
  "tell.remove": "Quitarlo todo",
  "tell.removeTitle": "¿Quitar lo que deben saber quienes te ayuden?",
  "tell.removeText":
    "Tus tarjetas siguen valiendo, pero no abren nada hasta que vuelvas a escribir algo.",
  "open.text":
    "Abrirlo queda anotado, cuenta como un uso y se avisa a la persona. Ábrelo solo para ayudarla.",
  "open.open": "Abrirlo",
  "open.nothing": "No hay nada escrito en las partes que esto puede abrir.",
  "open.written": "Escrito por la persona el {day}.",
};
