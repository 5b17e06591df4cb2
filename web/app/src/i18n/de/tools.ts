import type { Catalogue } from "../index";

// What models may ask for: in conversations, and where servers of tools are set up.
export const tools: Catalogue = {
  "tool.switch": "Salus nachsehen lassen",
  "tool.on":
    "Salus darf in Ihrem Tagebuch, Ihren Stimmungen und den Übungen nachsehen. Was aufbewahrt würde oder diesen Server verließe, wartet auf Ihr Wort.",
  "tool.asks": "Salus wartet bei einem Werkzeug auf Ihr Wort.",
  "tool.title.journal_search": "In Ihrem Tagebuch suchen",
  "tool.title.recent_moods": "Ihre letzten Stimmungen ansehen",
  "tool.title.find_exercise": "Eine Übung suchen",
  "tool.title.remember": "Sich etwas über Sie merken",
  "tool.title.elsewhere": "{name} von {server}",
  "tool.title.unknown": "Ein Werkzeug, das es nicht gibt",
  "tool.state.waiting": "wartet auf Sie",
  "tool.state.running": "ist dabei",
  "tool.state.done": "fertig",
  "tool.state.failed": "ging nicht",
  "tool.state.refused": "Sie haben Nein gesagt",
  "tool.state.expired": "nicht getan, niemand hat zugestimmt",
  "tool.touches.nothing": "Es sieht nichts von Ihnen an.",
  "tool.touches.own_data":
    "Es würde lesen, was hier von Ihnen aufbewahrt ist. Das Modell, das danach fragt, läuft anderswo und bekäme gesagt, was gefunden wird.",
  "tool.touches.keeps": "Es würde in Ihrem Gedächtnis hier aufbewahrt, bis Sie es löschen:",
  "tool.touches.nearby":
    "Was das Modell dafür geschrieben hat, ginge an {server}, einen Server derer, die dieses Salus betreiben.",
  "tool.touches.elsewhere":
    "Was das Modell dafür geschrieben hat, ginge an {server}, und der gehört jemand anderem.",
  "tool.arguments": "Was das Modell dafür geschrieben hat",
  "tool.result": "Was herauskam",
  "tool.once": "Einmal erlauben",
  "tool.always": "In diesem Gespräch immer",
  "tool.no": "Nein",
  "tool.late": "Es hat nicht mehr gewartet.",
  "tool.agreed": "In diesem Gespräch ohne Nachfrage erlaubt",
  "tool.takeBack": "Wieder fragen",
  "tool.takeBackOf": "Wieder fragen: {name}",
  "admin.tools": "Werkzeuge",
  "mcp.title": "Werkzeuge anderer Server",
  "mcp.text":
    "Server, die das Model Context Protocol über HTTP sprechen. Modelle erfahren nur von dem, was Sie hier angekreuzt haben, und jeder Aufruf wartet auf die Person, es sei denn, sie hat dem Werkzeug in ihrem Gespräch zugestimmt.",
  "mcp.add": "Einen Server hinzufügen",
  "mcp.nameHint": "Kleinbuchstaben, Ziffern und Bindestriche, höchstens 20.",
  "mcp.localHint":
    "Nur ein solcher darf auf diesem Rechner oder in Ihrem Netz sein und ohne TLS auskommen. Was an andere geht, wird als Weitergabe verzeichnet.",
  "mcp.look": "Seine Werkzeuge ansehen",
  "mcp.allowed": "{count} {count, Werkzeug darf|Werkzeuge dürfen} benutzt werden",
  "mcp.empty": "Er hat keine Werkzeuge.",
  "mcp.silent": "Er hat nicht wie vereinbart geantwortet.",
  "mcp.standing.allowed": "erlaubt",
  "mcp.standing.changed":
    "hat sich geändert, seit es erlaubt wurde, und wird nicht benutzt, bis Sie es wieder ankreuzen",
  "mcp.standing.new": "neu",
  "mcp.parameters": "Was es wissen will",
  "mcp.allow": "Erlauben, was angekreuzt ist",
  "mcp.removeText": "Sein Schlüssel wird gelöscht, und seine Werkzeuge sind für alle weg.",
  "error.MCP_INVALID": "So kann das nicht angenommen werden.",
  "error.MCP_NAME_TAKEN": "Einen Server mit diesem Namen gibt es schon.",
  "error.MCP_NOT_FOUND": "Einen solchen Server von Werkzeugen gibt es nicht.",
  "error.MCP_SERVERS_FULL": "Mehr Server kann es nicht geben. Entfernen Sie zuerst einen.",
  "error.MCP_UNREACHABLE": "Dieser Server von Werkzeugen kann gerade nicht gefragt werden.",
};
