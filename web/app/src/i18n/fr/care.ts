import type { Catalogue } from "../index";

// Care, where it is about safety, and the closer look of a check-in.
export const care: Catalogue = {
  "crisis.own": "Ce que vous avez sous la main",
  "crisis.plan": "Mon plan de sécurité",
  "crisis.skills": "Exercices",
  "safety.plan": "Votre plan de sécurité",
  "safety.exercise": "Un exercice pour maintenant",
  "screening.notDiagnosis":
    "Un questionnaire repère des signes. Ce n’est pas un diagnostic : ce qu’un résultat signifie pour vous, un médecin ou un thérapeute peut vous le dire.",
  "screening.goOn":
    "Vous pouvez continuer les questions ou les laisser. Vos réponses jusqu’ici restent sur cet appareil.",
  "screening.positive":
    "Avec ce résultat, il vaut la peine de parler à un médecin ou à un thérapeute. Vous pouvez le lui montrer.",
  "screening.language":
    "Les questions sont en anglais : seule leur formulation éprouvée est utilisée.",
  "plan.title": "Plan de sécurité",
  "plan.empty":
    "Un plan aide quand viennent des pensées de suicide et que réfléchir devient difficile. On l’écrit avant, avec ses mots, au mieux avec quelqu’un de confiance. En voici les parties :",
  "plan.start": "Écrire mon plan",
  "plan.edit": "Modifier",
  "plan.print": "Imprimer",
  "plan.changed": "Modifié le {day}",
  "plan.now": "Si vous n’êtes pas en sécurité en ce moment, appelez quelqu’un.",
  "plan.keep": "Garder une copie sur cet appareil",
  "plan.keepHint":
    "Vous pourrez alors le lire sans connexion, aussi depuis la page d’aide. Il est scellé et s’ouvre pour quiconque ouvre ce navigateur ; un verrou demande d’abord son code. La déconnexion l’efface.",
  "plan.copy": "La copie sur cet appareil, du {day}.",
  "plan.notHere":
    "Il n’y a pas de plan sur cet appareil. Une fois connecté·e, vous verrez celui que vous avez écrit.",
  "plan.offline": "Il n’y a ni connexion ni copie de votre plan sur cet appareil.",
  "plan.logIn": "Se connecter",
  "plan.delete": "Supprimer le plan",
  "plan.deleteTitle": "Supprimer votre plan de sécurité ?",
  "plan.deleteText": "Il disparaît pour de bon, et la copie sur cet appareil aussi.",
  "plan.toPlan": "Vers le plan",
  "nav.care": "Soin",
  "checkin.closer": "Émotions et impulsions",
  "checkin.feelings": "Que ressentez-vous ?",
  "checkin.urges": "Y a-t-il une impulsion ? L’avoir n’est pas la suivre.",
  "checkin.strength": "{what}, de 0 à 10",
  "checkin.delete": "Supprimer",
  "feel.sadness": "Tristesse",
  "feel.fear": "Peur",
  "feel.anger": "Colère",
  "feel.shame": "Honte ou culpabilité",
  "feel.loneliness": "Solitude",
  "feel.joy": "Joie",
  "urge.suicide": "De mourir",
  "urge.self-harm": "De me faire du mal",
  "urge.substances": "De boire ou de prendre quelque chose",
  "urge.eating": "De manger sans fin, me purger ou jeûner",
  "urge.withdraw": "De me retirer ou d’abandonner",
};
