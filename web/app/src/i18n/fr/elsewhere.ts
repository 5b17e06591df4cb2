import type { Catalogue } from "../index";

// Accounts elsewhere that open the one here.
export const elsewhere: Catalogue = {
  "links.title": "Comptes ailleurs",
  "links.text":
    "Ils ouvrent votre compte ici, sans mot de passe. Ceux qui les gèrent apprennent quand vous vous connectez, et rien de ce que vous faites ici.",
  "links.connect": "Relier {name}",
  "links.since": "Relié le {day}",
  "links.remove": "Délier",
  "links.removeTitle": "Délier {name} ?",
  "links.removeText": "Il n'ouvrira plus votre compte. Vos autres appareils seront déconnectés.",
  "stepUp.elsewhere": "Montrez-le avec {name} ; vous revenez ensuite à cette page.",
  "error.LAST_ADMIN": "C’est le dernier administrateur. Nommez d’abord quelqu’un d’autre.",
  "error.USERNAME_KEPT": "Vous avez déjà un nom d’utilisateur.",
  "error.LAST_WAY_IN":
    "Rien d'autre n'ouvre votre compte. Ajoutez d'abord un autre moyen d'entrer.",
  "error.LINKS_FULL":
    "Vous avez autant de comptes ailleurs qu'il peut y en avoir. Retirez-en d'abord un.",
  "error.OIDC_LATE":
    "Cette connexion a pris trop de temps ou a été commencée ailleurs. Veuillez recommencer.",
  "error.OIDC_OTHER": "C'était un autre compte que celui qui ouvre celui-ci.",
  "error.OIDC_REFUSED": "Cette connexion n'a pas pu être confirmée. Veuillez réessayer.",
  "error.OIDC_TAKEN": "Ce compte ouvre déjà un compte ici.",
  "error.OIDC_UNREACHABLE":
    "La connexion là-bas ne marche pas pour le moment. Veuillez réessayer plus tard.",
};
