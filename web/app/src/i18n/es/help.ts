import type { Catalogue } from "../index";

// Help, and what is said in danger: to be read first by whoever grew up with the language.
export const help: Catalogue = {
  "crisis.link": "Ayuda ahora",
  "crisis.title": "No estás a solas.",
  "crisis.lead":
    "Si estás en peligro o piensas en quitarte la vida, habla con alguien ahora. No hace falta encontrar las palabras justas.",
  "crisis.call": "Números para llamar",
  "crisis.callNumber": "Llamar al {number}",
  "crisis.unknownPlace": "Llama al número de emergencias del lugar donde estás, o elígelo abajo.",
  "crisis.where": "¿Dónde estás?",
  "crisis.otherPlace": "En otro lugar",
  "crisis.danger": "En peligro ahora: emergencias",
  "crisis.emergency": "Emergencias",
  "crisis.textNumber": "SMS al {number}",
  "crisis.textKeyword": "SMS con {keyword} al {number}",
  "crisis.whatsapp": "WhatsApp {number}",
  "crisis.chat": "Escribir en un chat",
  "crisis.always": "Día y noche",
  "crisis.checked": "Revisado el {day}, fuente:",
  "crisis.noLine":
    "No conocemos allí ninguna línea de la que estemos lo bastante seguros. Puede que las listas de abajo conozcan una.",
  "crisis.change":
    "Los números cambian. Si uno no contesta, prueba el siguiente o el de emergencias.",
  "crisis.lists": "Líneas en cada país",
  "crisis.for.everyone": "Para todos",
  "crisis.for.youth": "Para niños y jóvenes",
  "crisis.for.violence": "Si alguien te hace daño",
  "crisis.for.lgbtq": "Para personas LGBTQ+",
  "crisis.for.veterans": "Para quienes sirvieron",
  "safety.title": "Qué bien que lo hayas dicho.",
  "safety.text": "No tienes que cargar con esto a solas. Estas personas atienden ahora.",
  "safety.more": "Más ayuda",
  "safety.support": "Si se hace pesado: la ayuda está a un toque.",
  "safety.program": "Hablas con un programa, no con una persona. Puede equivocarse.",
  "crisis.nowTitle": "Ahora mismo",
  "crisis.step1": "Ve con alguien o pide que vengan. Puedes decir: «No estoy a salvo a solas».",
  "crisis.step2": "Aléjate de todo aquello con lo que podrías hacerte daño.",
  "crisis.step3": "Solo tienes que pasar los próximos minutos. Suelta el aire despacio.",
  "crisis.limits":
    "Salus no es un servicio de emergencias. Aquí nadie lee, y nada de lo que haces en esta página se envía o se guarda en el servidor.",
  "breath.title": "Una respiración lenta",
  "breath.text": "Soltar el aire más despacio calma el cuerpo. Para cuando no te siente bien.",
  "breath.start": "Empezar",
  "breath.stop": "Parar",
  "breath.in": "Inspira",
  "breath.hold": "Aguanta",
  "breath.out": "Suelta el aire",
  "crisis.human": "Pedir aquí una persona",
  "crisis.humanText":
    "Si este Salus tiene un equipo de crisis, puede leer lo que le escribas. Nadie vigila día y noche.",
};
