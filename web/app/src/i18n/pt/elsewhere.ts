import type { Catalogue } from "../index";

// Accounts elsewhere that open the one here.
export const elsewhere: Catalogue = {
  "links.title": "Contas em outros lugares",
  "links.text":
    "Elas abrem sua conta aqui, então você não precisa de senha. Quem as mantém fica sabendo quando você entra, e nada do que faz aqui.",
  "links.connect": "Conectar {name}",
  "links.since": "Conectada em {day}",
  "links.remove": "Desconectar",
  "links.removeTitle": "Desconectar {name}?",
  "links.removeText": "Ela não abre mais a sua conta. Seus outros dispositivos saem da conta.",
  "stepUp.elsewhere": "Mostre com {name}; depois você volta a esta página.",
  "error.LAST_ADMIN": "Este é o último administrador. Nomeie outra pessoa antes.",
  "error.USERNAME_KEPT": "Você já tem um nome de usuário.",
  "error.LAST_WAY_IN": "Nada mais abre a sua conta. Adicione antes outra forma de entrar.",
  "error.LINKS_FULL":
    "Você tem tantas contas em outros lugares quanto pode haver. Remova uma antes.",
  "error.OIDC_LATE": "Esta entrada demorou demais ou começou em outro lugar. Comece de novo.",
  "error.OIDC_OTHER": "Essa era outra conta, não a que abre esta.",
  "error.OIDC_REFUSED": "Não foi possível confirmar esta entrada. Tente de novo.",
  "error.OIDC_TAKEN": "Essa conta já abre uma conta aqui.",
  "error.OIDC_UNREACHABLE": "No momento não dá para entrar por lá. Tente mais tarde.",
};
