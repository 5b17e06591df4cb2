export const memory = {
  "memory.title": "What Salus may remember",
  "memory.text":
    "Things about you that the companion should know next time too, in your own words. They are told to the model only where they fit what you say, and you see under each answer that they were.",
  "memory.on": "Remember me",
  "memory.onHint":
    "Off, nothing is kept and nothing is used. What you kept before stays here until you delete it.",
  "memory.how": "How something gets here",
  "memory.howText":
    "You write it down below, or you begin a message with “Remember that …”. Nothing else is ever remembered.",
  "memory.retrieval.embedding":
    "What fits is found by meaning, by a model on this server. Nothing leaves it for that.",
  "memory.retrieval.lexical":
    "What fits is found by the words it shares with your message, because no model for meanings is installed here.",
  "memory.facts": "What is remembered",
  "memory.none": "Nothing yet.",
  "memory.more": "Show more",
  "memory.add": "Remember something",
  "memory.new": "What should be remembered?",
  "memory.kind": "What it is about",
  "memory.kind.about_me": "You and your life",
  "memory.kind.health": "Your health",
  "memory.kind.people": "People around you",
  "memory.kind.preference": "How to speak with you (always told)",
  "memory.kind.other": "Something else",
  "memory.keep": "Remember it",
  "memory.left": "{count} {count, character|characters} left",
  "memory.from.person": "you wrote it, {day}",
  "memory.from.chat": "from a conversation, {day}",
  "memory.edit": "Change",
  "memory.save": "Save",
  "memory.delete": "Delete",
  "memory.deleteTitle": "Forget this?",
  "memory.deleteAll": "Forget everything",
  "memory.deleteAllTitle": "Forget everything?",
  "memory.deleteAllText":
    "All {count} {count, thing that is|things that are} remembered {count, is|are} deleted. Your conversations stay.",
  "memory.export": "Save as a file",
} as const;
