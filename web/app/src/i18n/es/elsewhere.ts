import type { Catalogue } from "../index";

// Accounts elsewhere that open the one here.
export const elsewhere: Catalogue = {
  "links.title": "Cuentas en otros sitios",
  "links.text":
    "Abren tu cuenta aquí, así que no necesitas contraseña. Quienes las gestionan saben cuándo entras, y nada de lo que haces aquí.",
  "links.connect": "Conectar {name}",
  "links.since": "Conectada el {day}",
  "links.remove": "Desconectar",
  "links.removeTitle": "¿Desconectar {name}?",
  "links.removeText": "Ya no abrirá tu cuenta. En tus otros dispositivos se cerrará la sesión.",
  "stepUp.elsewhere": "Demuéstralo con {name}; luego vuelves a esta página.",
  "error.LAST_ADMIN": "Es el último administrador. Nombra antes a otra persona.",
  "error.USERNAME_KEPT": "Ya tienes un nombre de usuario.",
  "error.LAST_WAY_IN": "Nada más abre tu cuenta. Añade antes otra forma de entrar.",
  "error.LINKS_FULL": "Tienes tantas cuentas en otros sitios como puede haber. Quita una antes.",
  "error.OIDC_LATE":
    "Este inicio de sesión tardó demasiado o empezó en otro lugar. Empieza de nuevo.",
  "error.OIDC_OTHER": "Esa era otra cuenta, no la que abre esta.",
  "error.OIDC_REFUSED": "No se pudo confirmar este inicio de sesión. Inténtalo de nuevo.",
  "error.OIDC_TAKEN": "Esa cuenta ya abre una cuenta aquí.",
  "error.OIDC_UNREACHABLE": "Ahora no se puede iniciar sesión allí. Inténtalo más tarde.",
};
