export const human = {
  "human.title": "Ask for a human",
  "human.lead":
    "If this Salus has a crisis team, somebody of it can read what you write here, and nothing else of what you wrote. You can leave it empty.",
  "human.limits":
    "Nobody watches day and night, and nobody may be there at all. If you are in danger now, please call.",
  "human.help": "Numbers to call",
  "human.message": "What they may read",
  "human.send": "Ask for a human",
  "human.add": "Add to what you said",
  "human.sent": "It is with the crisis team of this Salus.",
  "human.mine": "What became of it",
  "human.none": "You have not asked so far.",
  "human.waiting": "Waits. Nobody has seen it yet.",
  "human.claimed": "Somebody of the team has it.",
  "human.closed": "Closed. You can ask again.",
  "human.asked": "Asked {when}",
  "human.changed": "last changed {when}",
  "human.back": "Back to Today",
} as const;
