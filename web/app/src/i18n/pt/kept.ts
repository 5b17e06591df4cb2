import type { Catalogue } from "../index";

// What Salus keeps of somebody: the memory, and what helpers should know.
export const kept: Catalogue = {
  "account.memory": "Memória",
  "memory.title": "O que o Salus pode lembrar",
  "memory.text":
    "Coisas sobre você que o companheiro deve saber também da próxima vez, com as suas palavras. Elas são ditas ao modelo só quando combinam com o que você escreve, e embaixo de cada resposta você vê que foi assim.",
  "memory.on": "Lembrar de mim",
  "memory.onHint":
    "Desligado, nada é guardado e nada é usado. O que você guardou antes fica aqui até você apagar.",
  "memory.how": "Como algo chega aqui",
  "memory.howText":
    "Você escreve aqui embaixo, ou começa uma mensagem com “Lembre-se de que …”. Nada mais é lembrado, nunca.",
  "memory.retrieval.embedding":
    "Um modelo neste servidor encontra pelo significado o que combina. Nada sai dele para isso.",
  "memory.retrieval.lexical":
    "O que combina é encontrado pelas palavras em comum com a sua mensagem, porque aqui não há um modelo de significados instalado.",
  "memory.facts": "O que está guardado na memória",
  "memory.none": "Nada ainda.",
  "memory.more": "Mostrar mais",
  "memory.add": "Lembrar de algo",
  "memory.new": "O que deve ser lembrado?",
  "memory.kind": "Sobre o que é",
  "memory.kind.about_me": "Você e sua vida",
  "memory.kind.health": "Sua saúde",
  "memory.kind.people": "As pessoas à sua volta",
  "memory.kind.preference": "Como falar com você (é sempre dito)",
  "memory.kind.other": "Outra coisa",
  "memory.keep": "Lembrar",
  "memory.left": "{count, resta|restam} {count} {count, caractere|caracteres}",
  "memory.from.person": "você escreveu, {day}",
  "memory.from.chat": "de uma conversa, {day}",
  "memory.edit": "Mudar",
  "memory.save": "Salvar",
  "memory.delete": "Apagar",
  "memory.deleteTitle": "Esquecer isto?",
  "memory.deleteAll": "Esquecer tudo",
  "memory.deleteAllTitle": "Esquecer tudo?",
  "memory.deleteAllText":
    "{count} {count, coisa lembrada é apagada|coisas lembradas são apagadas}. Suas conversas ficam.",
  "memory.export": "Salvar em um arquivo",
  "tell.title": "O que quem ajuda deve saber",
  "tell.text":
    "Com as suas palavras. Fica guardado e cifrado. Só um cartão seu, ou alguém da equipe em uma emergência, abre isso, e a cada vez você é avisado.",
  "tell.allergies": "Alergias",
  "tell.medications": "Remédios e doses",
  "tell.conditions": "Doenças",
  "tell.blood_group": "Tipo sanguíneo",
  "tell.contacts": "Para quem ligar",
  "tell.notes": "O que mais ajuda",
  "tell.save": "Salvar",
  "tell.written": "Salvo em {day}.",
  "tell.remove": "Remover tudo",
  "tell.removeTitle": "Remover o que quem ajuda deve saber?",
  "tell.removeText":
    "Seus cartões continuam valendo, mas não abrem nada até você escrever algo de novo.",
  "open.text":
    "Abrir fica registrado, conta como um uso, e a pessoa é avisada. Abra só para ajudá-la.",
  "open.open": "Abrir",
  "open.nothing": "Nada está escrito nas partes que isto pode abrir.",
  "open.written": "Escrito pela pessoa em {day}.",
};
