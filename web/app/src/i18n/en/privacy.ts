export const privacy = {
  "discreet.title": "Discreet mode",
  "discreet.hint": "Shows as “Notes” in the browser, and blurs entries until you touch them.",
  "lock.title": "App lock",
  "lock.hint":
    "Asks for a code when you come back. It keeps out curious eyes; it does not encrypt this device.",
  "lock.after": "Lock after",
  "lock.minutes": "{count} {count, minute|minutes}",
  "lock.now": "Lock now",
  "lock.choose": "Choose a code",
  "lock.again": "The same once more",
  "lock.digits":
    "4 to 12 digits. If you forget it, log out by removing this site's data in the browser.",
  "lock.differ": "The two codes differ.",
  "lock.set": "Turn on the lock",
} as const;
