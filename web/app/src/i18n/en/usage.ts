export const usage = {
  "usage.own": "What you used",
  "usage.left": "{count} of {of} messages are left today. In danger you are always answered.",
  "usage.title": "The last 30 days",
  "usage.text": "What everybody used together. Who used what is told to nobody.",
  "usage.none": "Nothing was used yet.",
  "usage.day": "Day and models",
  "usage.answers": "Answers",
  "usage.tokens": "Tokens",
  "usage.cost": "Cost",
  "usage.unpriced": "{count} without a known price",
} as const;
