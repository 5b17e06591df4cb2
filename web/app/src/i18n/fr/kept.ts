import type { Catalogue } from "../index";

// What Salus keeps of somebody: the memory, and what helpers should know.
export const kept: Catalogue = {
  "account.memory": "Mémoire",
  "memory.title": "Ce que Salus peut retenir",
  "memory.text":
    "Ce que le compagnon devrait savoir de vous la prochaine fois aussi, avec vos propres mots. Ce n’est dit au modèle que là où cela touche à ce que vous écrivez, et vous le voyez sous chaque réponse.",
  "memory.on": "Se souvenir de moi",
  "memory.onHint":
    "Désactivé, rien n’est gardé et rien n’est utilisé. Ce que vous avez gardé avant reste ici jusqu’à ce que vous le supprimiez.",
  "memory.how": "Comment une chose arrive ici",
  "memory.howText":
    "Vous l’écrivez ci-dessous, ou vous commencez un message par « Retiens que … ». Rien d’autre n’est jamais retenu.",
  "memory.retrieval.embedding":
    "Un modèle sur ce serveur trouve par le sens ce qui convient. Rien n’en sort pour cela.",
  "memory.retrieval.lexical":
    "Ce qui convient est trouvé par les mots communs avec votre message, car aucun modèle du sens n’est installé ici.",
  "memory.facts": "Ce qui est retenu",
  "memory.none": "Rien encore.",
  "memory.more": "Afficher plus",
  "memory.add": "Retenir quelque chose",
  "memory.new": "Que faut-il retenir ?",
  "memory.kind": "De quoi il s’agit",
  "memory.kind.about_me": "Vous et votre vie",
  "memory.kind.health": "Votre santé",
  "memory.kind.people": "Les personnes autour de vous",
  "memory.kind.preference": "Comment vous parler (toujours dit)",
  "memory.kind.other": "Autre chose",
  "memory.keep": "Retenir",
  "memory.left": "encore {count} {count, caractère|caractères}",
  "memory.from.person": "écrit par vous, {day}",
  "memory.from.chat": "d’une conversation, {day}",
  "memory.edit": "Modifier",
  "memory.save": "Enregistrer",
  "memory.delete": "Supprimer",
  "memory.deleteTitle": "Oublier ceci ?",
  "memory.deleteAll": "Tout oublier",
  "memory.deleteAllTitle": "Tout oublier ?",
  "memory.deleteAllText":
    "{count} {count, chose retenue est supprimée|choses retenues sont supprimées}. Vos conversations restent.",
  "memory.export": "Enregistrer dans un fichier",
  "tell.title": "Ce que les secours devraient savoir",
  "tell.text":
    "Avec vos propres mots. C’est gardé chiffré. Seule une carte à vous, ou une personne de l’équipe en cas d’urgence, l’ouvre, et on vous le dit chaque fois.",
  "tell.allergies": "Allergies",
  "tell.medications": "Médicaments et doses",
  "tell.conditions": "Maladies",
  "tell.blood_group": "Groupe sanguin",
  "tell.contacts": "Qui appeler",
  "tell.notes": "Ce qui aide aussi",
  "tell.save": "Enregistrer",
  "tell.written": "Enregistré le {day}.",
  "tell.remove": "Tout retirer",
  "tell.removeTitle": "Retirer ce que les secours devraient savoir ?",
  "tell.removeText":
    "Vos cartes restent valables, mais n’ouvrent rien tant que vous n’avez pas écrit de nouveau.",
  "open.text":
    "L’ouverture est consignée, compte pour une utilisation, et la personne en est informée. Ne l’ouvrez que pour l’aider.",
  "open.open": "Ouvrir",
  "open.nothing": "Rien n’est écrit dans les parties que ceci peut ouvrir.",
  "open.written": "Écrit par la personne le {day}.",
};
