import type { Catalogue } from "../index";

// Care, where it is about safety, and the closer look of a check-in.
export const care: Catalogue = {
  "crisis.own": "O que você tem à mão",
  "crisis.plan": "Meu plano de segurança",
  "crisis.skills": "Exercícios",
  "safety.plan": "Seu plano de segurança",
  "safety.exercise": "Um exercício para agora",
  "screening.notDiagnosis":
    "Um questionário percebe sinais. Não é um diagnóstico: o que um resultado significa para você, um médico ou terapeuta pode dizer.",
  "screening.goOn":
    "Você pode continuar as perguntas ou deixá-las. Suas respostas até aqui ficam neste aparelho.",
  "screening.positive":
    "Com este resultado vale a pena falar com um médico ou terapeuta. Você pode mostrá-lo.",
  "screening.language": "As perguntas estão em inglês: só se usa o texto testado.",
  "plan.title": "Plano de segurança",
  "plan.empty":
    "Um plano ajuda quando vêm pensamentos de suicídio e pensar fica difícil. Você o escreve antes, com suas palavras, de preferência com alguém de confiança. Estas são as partes:",
  "plan.start": "Escrever meu plano",
  "plan.edit": "Mudar",
  "plan.print": "Imprimir",
  "plan.changed": "Mudado em {day}",
  "plan.now": "Se você não consegue ficar em segurança agora, ligue para alguém.",
  "plan.keep": "Guardar uma cópia neste aparelho",
  "plan.keepHint":
    "Assim você pode lê-lo sem conexão, também pela página de ajuda. Ele fica selado e abre para quem abrir este navegador; um bloqueio do app pede antes o código. Ao sair da conta, é apagado.",
  "plan.copy": "A cópia neste aparelho, de {day}.",
  "plan.notHere": "Não há plano neste aparelho. Com login e conexão você vê o que escreveu.",
  "plan.offline": "Não há conexão nem cópia do seu plano neste aparelho.",
  "plan.logIn": "Entrar",
  "plan.delete": "Apagar o plano",
  "plan.deleteTitle": "Apagar seu plano de segurança?",
  "plan.deleteText": "Some para sempre, e a cópia neste aparelho também.",
  "plan.toPlan": "Ao plano",
  "nav.care": "Cuidado",
  "checkin.closer": "Sentimentos e impulsos",
  "checkin.feelings": "O que você sente?",
  "checkin.urges": "Há um impulso? Ter um não é segui-lo.",
  "checkin.strength": "{what}, de 0 a 10",
  "checkin.delete": "Apagar",
  "feel.sadness": "Tristeza",
  "feel.fear": "Medo",
  "feel.anger": "Raiva",
  "feel.shame": "Vergonha ou culpa",
  "feel.loneliness": "Solidão",
  "feel.joy": "Alegria",
  "urge.suicide": "De morrer",
  "urge.self-harm": "De me machucar",
  "urge.substances": "De beber ou tomar algo",
  "urge.eating": "De comer demais, purgar ou jejuar",
  "urge.withdraw": "De me isolar ou desistir",
};
