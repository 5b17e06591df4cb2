import type { Catalogue } from "../index";

// Help, and what is said in danger: to be read first by whoever grew up with the language.
export const help: Catalogue = {
  "crisis.link": "Ajuda agora",
  "crisis.title": "Você não está só.",
  "crisis.lead":
    "Se você está em perigo ou pensa em tirar a própria vida, fale com alguém agora. Não é preciso achar as palavras certas.",
  "crisis.call": "Números para ligar",
  "crisis.callNumber": "Ligar para {number}",
  "crisis.unknownPlace":
    "Ligue para o número de emergência do lugar onde você está, ou escolha abaixo.",
  "crisis.where": "Onde você está?",
  "crisis.otherPlace": "Em outro lugar",
  "crisis.danger": "Em perigo agora: emergência",
  "crisis.emergency": "Emergência",
  "crisis.textNumber": "SMS para {number}",
  "crisis.textKeyword": "SMS com {keyword} para {number}",
  "crisis.whatsapp": "WhatsApp {number}",
  "crisis.chat": "Escrever em um chat",
  "crisis.always": "Dia e noite",
  "crisis.checked": "Conferido em {day}, fonte:",
  "crisis.noLine":
    "Não conhecemos lá nenhuma linha de que tenhamos certeza. As listas abaixo talvez conheçam uma.",
  "crisis.change": "Os números mudam. Se ninguém atender, tente o próximo ou o de emergência.",
  "crisis.lists": "Linhas em cada país",
  "crisis.for.everyone": "Para todas as pessoas",
  "crisis.for.youth": "Para crianças e jovens",
  "crisis.for.violence": "Quando alguém machuca você",
  "crisis.for.lgbtq": "Para pessoas LGBTQ+",
  "crisis.for.veterans": "Para quem serviu",
  "safety.title": "Foi bom você ter dito isso.",
  "safety.text": "Você não precisa carregar isso sem companhia. Estas pessoas atendem agora.",
  "safety.more": "Mais ajuda",
  "safety.support": "Se ficar pesado: a ajuda está a um toque.",
  "safety.program": "Você fala com um programa, não com uma pessoa. Ele pode errar.",
  "followUp.title": "Como você está?",
  "followUp.better": "Estou melhor",
  "followUp.hard": "Ainda está difícil",
  "followUp.never": "Por favor, não me pergunte mais isso",
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
  "crisis.human": "Pedir uma pessoa aqui",
  "crisis.humanText":
    "Se este Salus tem uma equipe de crise, ela pode ler o que você lhe escrever. Ninguém vigia dia e noite.",
};
