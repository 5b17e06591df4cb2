import type { Catalogue } from "../index";

// Accounts elsewhere that open the one here.
export const elsewhere: Catalogue = {
  "links.title": "Konten anderswo",
  "links.text":
    "Sie öffnen hier Ihr Konto, sodass Sie kein Passwort brauchen. Wer sie betreibt, erfährt, wann Sie sich anmelden, und nichts von dem, was Sie hier tun.",
  "links.connect": "{name} verbinden",
  "links.since": "Verbunden am {day}",
  "links.remove": "Trennen",
  "links.removeTitle": "{name} trennen?",
  "links.removeText": "Es öffnet Ihr Konto dann nicht mehr. Ihre anderen Geräte werden abgemeldet.",
  "stepUp.elsewhere": "Zeigen Sie es mit {name}; danach sind Sie wieder auf dieser Seite.",
  "error.LAST_ADMIN": "Das ist der letzte Administrator. Bitte ernennen Sie zuerst jemand anderen.",
  "error.USERNAME_KEPT": "Sie haben schon einen Benutzernamen.",
  "error.LAST_WAY_IN":
    "Sonst öffnet nichts Ihr Konto. Bitte richten Sie zuerst einen anderen Weg ein.",
  "error.LINKS_FULL":
    "Sie haben so viele Konten anderswo, wie es geben kann. Bitte entfernen Sie zuerst eines.",
  "error.OIDC_LATE":
    "Diese Anmeldung hat zu lange gedauert oder wurde anderswo begonnen. Bitte beginnen Sie von vorn.",
  "error.OIDC_OTHER": "Das war ein anderes Konto als das, welches dieses hier öffnet.",
  "error.OIDC_REFUSED":
    "Diese Anmeldung ließ sich nicht bestätigen. Bitte versuchen Sie es noch einmal.",
  "error.OIDC_TAKEN": "Dieses Konto dort öffnet hier schon ein Konto.",
  "error.OIDC_UNREACHABLE":
    "Dort kann man sich gerade nicht anmelden. Bitte versuchen Sie es später noch einmal.",
};
