import type { Catalogue } from "./index";

// The words of the help page come first; the rest follows.
const es: Catalogue = {
  "action.back": "Volver",
  "crisis.link": "Ayuda ahora",
  "crisis.title": "No estás a solas.",
  "crisis.lead":
    "Si estás en peligro o piensas en quitarte la vida, habla con alguien ahora. No hace falta encontrar las palabras justas.",
  "crisis.call": "Números para llamar",
  "crisis.callNumber": "Llamar al {number}",
  "crisis.line.emergency": "Emergencias: si tú u otra persona corre peligro ahora",
  "crisis.line.suicide":
    "Línea de crisis, día y noche: pensamientos de suicidio o cualquier angustia",
  "crisis.line.listening": "Alguien que escucha, día y noche, sobre cualquier cosa",
  "crisis.source": "Fuente: {source}",
  "crisis.elsewhere": "Si estás en otro lugar, elígelo abajo.",
  "crisis.unknownPlace": "Llama al número de emergencias del lugar donde estás, o elígelo abajo.",
  "crisis.where": "¿Dónde estás?",
  "crisis.otherPlace": "En otro lugar",
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
};

export default es;
