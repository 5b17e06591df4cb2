import type { Catalogue } from "../index";

// What models may ask for: in conversations, and where servers of tools are set up.
export const tools: Catalogue = {
  "tool.switch": "Laisser Salus consulter",
  "tool.on":
    "Salus peut regarder dans votre journal, vos humeurs et les exercices. Ce qui serait gardé, ou quitterait ce serveur, attend votre accord.",
  "tool.asks": "Salus attend votre accord pour un outil.",
  "tool.title.journal_search": "Chercher dans votre journal",
  "tool.title.recent_moods": "Regarder vos dernières humeurs",
  "tool.title.find_exercise": "Chercher un exercice",
  "tool.title.remember": "Retenir quelque chose sur vous",
  "tool.title.elsewhere": "{name} de {server}",
  "tool.title.unknown": "Un outil qui n’existe pas",
  "tool.state.waiting": "vous attend",
  "tool.state.running": "en cours",
  "tool.state.done": "fait",
  "tool.state.failed": "n’a pas marché",
  "tool.state.refused": "vous avez dit non",
  "tool.state.expired": "pas fait, personne n’a donné son accord",
  "tool.touches.nothing": "Il ne regarde rien de vous.",
  "tool.touches.own_data":
    "Il lirait ce qui est gardé ici de vous. Le modèle qui le demande est ailleurs, et on lui dirait ce qui est trouvé.",
  "tool.touches.keeps": "Ce serait gardé dans votre mémoire, jusqu’à ce que vous l’effaciez :",
  "tool.touches.nearby":
    "Ce que le modèle a écrit pour lui irait à {server}, un serveur de ceux qui tiennent ce Salus.",
  "tool.touches.elsewhere":
    "Ce que le modèle a écrit pour lui irait à {server}, qui appartient à quelqu’un d’autre.",
  "tool.arguments": "Ce que le modèle a écrit pour lui",
  "tool.result": "Ce qui en est sorti",
  "tool.once": "Permettre une fois",
  "tool.always": "Toujours dans cette conversation",
  "tool.no": "Non",
  "tool.late": "Il n’attendait plus.",
  "tool.agreed": "Permis sans demander dans cette conversation",
  "tool.takeBack": "Demander à nouveau",
  "tool.takeBackOf": "Demander à nouveau : {name}",
  "admin.tools": "Outils",
  "mcp.title": "Outils d’autres serveurs",
  "mcp.text":
    "Des serveurs qui parlent le Model Context Protocol par HTTP. Les modèles n’apprennent rien que vous n’ayez coché ici, et chaque appel attend la personne, sauf si elle a accepté l’outil dans sa conversation.",
  "mcp.add": "Ajouter un serveur",
  "mcp.nameHint": "Minuscules, chiffres et tirets, 20 au plus.",
  "mcp.localHint":
    "Seul un tel serveur peut être sur cette machine ou dans votre réseau, et se passer de TLS. Ce qui va à un autre est consigné comme transmis à un tiers.",
  "mcp.look": "Regarder ses outils",
  "mcp.allowed": "{count} {count, outil peut|outils peuvent} servir",
  "mcp.empty": "Il n’a pas d’outils.",
  "mcp.silent": "Il n’a pas répondu comme convenu.",
  "mcp.standing.allowed": "permis",
  "mcp.standing.changed":
    "a changé depuis qu’il a été permis, et ne sert pas tant que vous ne le cochez pas à nouveau",
  "mcp.standing.new": "nouveau",
  "mcp.parameters": "Ce qu’il veut savoir",
  "mcp.allow": "Permettre ce qui est coché",
  "mcp.removeText": "Sa clé est effacée et ses outils disparaissent pour tout le monde.",
  "error.MCP_INVALID": "Cela ne peut pas être accepté tel quel.",
  "error.MCP_NAME_TAKEN": "Il y a déjà un serveur de ce nom.",
  "error.MCP_NOT_FOUND": "Ce serveur d’outils n’existe pas.",
  "error.MCP_SERVERS_FULL": "Il ne peut pas y avoir plus de serveurs. Retirez-en un d’abord.",
  "error.MCP_UNREACHABLE": "Ce serveur d’outils ne peut pas être interrogé en ce moment.",
};
