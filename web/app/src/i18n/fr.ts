import type { Catalogue } from "./index";

// The words of the help page come first; the rest follows.
const fr: Catalogue = {
  "action.back": "Retour",
  "crisis.link": "Aide immédiate",
  "crisis.title": "Vous n’êtes pas seul·e.",
  "crisis.lead":
    "Si vous êtes en danger ou pensez à mettre fin à vos jours, parlez à quelqu’un maintenant. Pas besoin de trouver les mots justes.",
  "crisis.call": "Numéros à appeler",
  "crisis.callNumber": "Appeler le {number}",
  "crisis.line.emergency": "Urgences : si vous ou quelqu’un d’autre êtes en danger maintenant",
  "crisis.line.suicide": "Ligne de crise, jour et nuit : idées de suicide ou toute détresse",
  "crisis.line.listening": "Quelqu’un qui écoute, jour et nuit, quel que soit le sujet",
  "crisis.source": "Source : {source}",
  "crisis.elsewhere": "Si vous êtes ailleurs, choisissez le lieu ci-dessous.",
  "crisis.unknownPlace":
    "Appelez le numéro d’urgence du lieu où vous êtes, ou choisissez le lieu ci-dessous.",
  "crisis.where": "Où êtes-vous ?",
  "crisis.otherPlace": "Ailleurs",
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
};

export default fr;
