import type { Catalogue } from "../index";

// Help, and what is said in danger: to be read first by whoever grew up with the language.
export const help: Catalogue = {
  "crisis.link": "Aide immédiate",
  "crisis.title": "Vous n’êtes pas seul·e.",
  "crisis.lead":
    "Si vous êtes en danger ou pensez à mettre fin à vos jours, parlez à quelqu’un maintenant. Pas besoin de trouver les mots justes.",
  "crisis.call": "Numéros à appeler",
  "crisis.callNumber": "Appeler le {number}",
  "crisis.unknownPlace":
    "Appelez le numéro d’urgence du lieu où vous êtes, ou choisissez le lieu ci-dessous.",
  "crisis.where": "Où êtes-vous ?",
  "crisis.otherPlace": "Ailleurs",
  "crisis.danger": "En danger maintenant : les urgences",
  "crisis.emergency": "Urgences",
  "crisis.textNumber": "SMS au {number}",
  "crisis.textKeyword": "SMS {keyword} au {number}",
  "crisis.whatsapp": "WhatsApp {number}",
  "crisis.chat": "Écrire dans un tchat",
  "crisis.always": "Jour et nuit",
  "crisis.checked": "Vérifié le {day}, source :",
  "crisis.noLine":
    "Nous n’y connaissons aucune ligne dont nous soyons assez sûrs. Les listes ci-dessous en connaissent peut-être une.",
  "crisis.change":
    "Les numéros changent. Si personne ne répond, essayez le suivant ou les urgences.",
  "crisis.lists": "Des lignes dans chaque pays",
  "crisis.for.everyone": "Pour tout le monde",
  "crisis.for.youth": "Pour les enfants et les jeunes",
  "crisis.for.violence": "Si quelqu’un vous fait du mal",
  "crisis.for.lgbtq": "Pour les personnes LGBTQ+",
  "crisis.for.veterans": "Pour celles et ceux qui ont servi",
  "safety.title": "C’est bien de l’avoir dit.",
  "safety.text": "Vous n’avez pas à porter cela seul·e. Ces personnes sont joignables maintenant.",
  "safety.more": "Plus d’aide",
  "safety.support": "Si cela devient lourd : l’aide est à portée de main.",
  "safety.program": "Vous parlez à un programme, pas à une personne. Il peut se tromper.",
  "followUp.title": "Comment allez-vous ?",
  "followUp.better": "Je vais mieux",
  "followUp.hard": "C'est encore difficile",
  "followUp.never": "Ne me le demandez plus, s'il vous plaît",
  "crisis.nowTitle": "Tout de suite",
  "crisis.step1":
    "Allez vers quelqu’un, ou demandez qu’on vienne. Vous pouvez dire : « Seul·e, je ne suis pas en sécurité. »",
  "crisis.step2": "Éloignez-vous de tout ce avec quoi vous pourriez vous faire du mal.",
  "crisis.step3": "Il s’agit seulement de passer les prochaines minutes. Expirez lentement.",
  "crisis.limits":
    "Salus n’est pas un service d’urgence. Personne ne lit ici, et rien de ce que vous faites sur cette page n’est envoyé ni conservé sur le serveur.",
  "breath.title": "Une respiration lente",
  "breath.text":
    "Expirer plus longuement apaise le corps. Arrêtez si cela ne vous fait pas de bien.",
  "breath.start": "Commencer",
  "breath.stop": "Arrêter",
  "breath.in": "Inspirez",
  "breath.hold": "Retenez",
  "breath.out": "Expirez",
  "crisis.human": "Demander une personne ici",
  "crisis.humanText":
    "Si ce Salus a une équipe de crise, elle peut lire ce que vous lui écrivez. Personne ne veille jour et nuit.",
};
