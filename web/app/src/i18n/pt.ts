import type { Catalogue } from "./index";

// The words of the help page come first; the rest follows.
const pt: Catalogue = {
  "action.back": "Voltar",
  "crisis.link": "Ajuda agora",
  "crisis.title": "Você não está só.",
  "crisis.lead":
    "Se você está em perigo ou pensa em tirar a própria vida, fale com alguém agora. Não é preciso achar as palavras certas.",
  "crisis.call": "Números para ligar",
  "crisis.callNumber": "Ligar para {number}",
  "crisis.line.emergency": "Emergência: quando você ou outra pessoa corre perigo agora",
  "crisis.line.suicide": "Linha de crise, dia e noite: pensamentos de suicídio ou qualquer aflição",
  "crisis.line.listening": "Alguém que escuta, dia e noite, sobre qualquer coisa",
  "crisis.source": "Fonte: {source}",
  "crisis.elsewhere": "Se você está em outro lugar, escolha abaixo.",
  "crisis.unknownPlace":
    "Ligue para o número de emergência do lugar onde você está, ou escolha abaixo.",
  "crisis.where": "Onde você está?",
  "crisis.otherPlace": "Em outro lugar",
  "crisis.nowTitle": "Neste momento",
  "crisis.step1":
    "Vá até alguém ou peça que venham. Você pode dizer: “Não estou em segurança sem companhia.”",
  "crisis.step2": "Afaste-se de tudo com que você poderia se machucar.",
  "crisis.step3": "Só é preciso passar pelos próximos minutos. Solte o ar devagar.",
  "crisis.limits":
    "Salus não é um serviço de emergência. Ninguém lê aqui, e nada do que você faz nesta página é enviado ou guardado no servidor.",
  "breath.title": "Uma respiração lenta",
  "breath.text": "Soltar o ar mais devagar acalma o corpo. Pare se não fizer bem.",
  "breath.start": "Começar",
  "breath.stop": "Parar",
  "breath.in": "Inspire",
  "breath.hold": "Segure",
  "breath.out": "Solte o ar",
};

export default pt;
