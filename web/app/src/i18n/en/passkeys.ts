export const passkeys = {
  "passkey.title": "Passkeys",
  "passkey.text":
    "A passkey logs you in by what unlocks your device: a finger, your face or its code. No page that only looks like this one can ask for it.",
  "passkey.use": "Use a passkey",
  "passkey.name": "Name of the device",
  "passkey.nameHint": "So that you know it later. You can leave it empty.",
  "passkey.add": "Add a passkey",
  "passkey.rename": "Rename",
  "passkey.remove": "Remove",
  "passkey.removeTitle": "Remove this passkey?",
  "passkey.removeText":
    "“{name}” opens nothing any more. Please confirm it with something else: another passkey, a code, or your password if you logged in with a second factor.",
  "passkey.made": "Made on {day}",
  "passkey.used": "last used on {day}",
  "passkey.synced": "kept by a password manager",
  "passkey.declined": "Nothing was done. You can try again whenever you like.",
  "passkey.byName": "Passkeys need a name in the address. Please open {address} to use them.",
  "passkey.cannot": "Passkeys need a secure address (https) and a browser that knows them.",
};
