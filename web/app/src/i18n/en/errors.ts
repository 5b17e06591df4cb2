// What the server says when something is refused, as it says it: other languages translate these.
// English needs none of them, so they are loaded with no page.
export const errors = {
  "error.ACCOUNT_CLOSED":
    "This account is closed. You can still open it again by logging in with `restore`.",
  "error.AUDIT_UNAVAILABLE":
    "Salus cannot record this right now, so it was not done. Please try again soon.",
  "error.AUTH_REQUIRED": "Please log in.",
  "error.CONSENT_REQUIRED": "This needs your consent, which you can give in the settings.",
  "error.CSRF_INVALID":
    "This request could not be traced to our own page. Please reload and try again.",
  "error.ENTRY_INVALID": "This entry cannot be kept as it is.",
  "error.FACTOR_WRONG": "This code is not valid. Each code can be used once.",
  "error.FORBIDDEN": "You may not do this.",
  "error.INTERNAL": "Something went wrong on our side. Nothing was lost; please try again.",
  "error.INVALID_INVITE": "An invitation is needed here, and this one does not hold (any more).",
  "error.INVALID_REQUEST": "The request is not valid.",
  "error.KEYS_UNAVAILABLE": "Salus cannot reach its keys right now. Please try again soon.",
  "error.LINK_INVALID": "This link does not work (any more). Please ask for a new one.",
  "error.LOGIN_FAILED": "The name or the password is wrong.",
  "error.LOGIN_TICKET_INVALID": "This log-in took too long. Please start again.",
  "error.NOT_FOUND": "There is nothing here.",
  "error.PASSKEY_LATE": "This took too long, or was done already. Please try again.",
  "error.PASSKEY_WRONG": "This passkey was not recognised here.",
  "error.PASSWORD_REFUSED": "Please choose another password.",
  "error.PASSWORD_WRONG": "The password is wrong.",
  "error.RATE_LIMITED": "Too many requests. Please wait a moment.",
  "error.SESSION_EXPIRED": "Your session has ended. Please log in again.",
  "error.SETUP_CODE_INVALID": "This set-up code is not valid.",
  "error.SIGN_UP_CLOSED": "New accounts cannot be made here at the moment.",
  "error.STEP_UP_REQUIRED": "Please confirm that it is you, with your second factor.",
  "error.TERMS_REQUIRED": "Please agree to the terms first.",
  "error.TIMEOUT": "This took too long. Please try again.",
  "error.TOO_LARGE": "This is more than can be sent at once.",
  "error.UNAVAILABLE": "Salus cannot do this right now. Please try again soon.",
  "error.USERNAME_EXISTS": "Someone has this username already.",
  "error.USER_INACTIVE": "This account is not active.",
  "error.VERSION_STALE": "Someone changed this since you last read it. Please read it again.",
} as const;
