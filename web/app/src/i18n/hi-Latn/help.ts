import type { Catalogue } from "../index";

// Help, and what is said in danger: to be read first by whoever grew up with the language.
export const help: Catalogue = {
  "crisis.link": "Abhi madad",
  "crisis.title": "Aap akele nahin hain.",
  "crisis.lead":
    "Agar aap khatre mein hain ya apni jaan lene ke baare mein soch rahe hain, to abhi kisi se baat karein. Sahi shabd zaroori nahin hain.",
  "crisis.call": "Call karne ke number",
  "crisis.callNumber": "{number} par call karein",
  "crisis.unknownPlace":
    "Jahan aap hain wahan ke emergency number par call karein, ya neeche jagah chunein.",
  "crisis.where": "Aap kahan hain?",
  "crisis.otherPlace": "Kahin aur",
  "crisis.danger": "Abhi khatre mein: emergency seva",
  "crisis.emergency": "Emergency seva",
  "crisis.textNumber": "{number} par SMS karein",
  "crisis.textKeyword": "{number} par {keyword} ka SMS karein",
  "crisis.whatsapp": "WhatsApp {number}",
  "crisis.chat": "Chat mein likhein",
  "crisis.always": "Din-raat",
  "crisis.checked": "{day} ko dekha gaya, srot:",
  "crisis.noLine":
    "Wahan ki kisi line par hamein poora bharosa nahin hai. Neeche ki suchi mein shayad koi mile.",
  "crisis.change":
    "Number badalte rehte hain. Jawab na mile to agla number ya emergency number aazmaiye.",
  "crisis.lists": "Har desh ki lines",
  "crisis.for.everyone": "Sabke liye",
  "crisis.for.youth": "Bachchon aur yuvaon ke liye",
  "crisis.for.violence": "Jab koi aapko chot pahunchaye",
  "crisis.for.lgbtq": "LGBTQ+ logon ke liye",
  "crisis.for.veterans": "Sena mein rahe logon ke liye",
  "safety.title": "Achha hua ki aapne yeh kaha.",
  "safety.text": "Aapko yeh akele nahin uthana hai. In logon se abhi baat ho sakti hai.",
  "safety.more": "Aur madad",
  "safety.support": "Agar mann bhaari ho: madad ek tap door hai.",
  "safety.program":
    "Aap ek program se baat kar rahe hain, insaan se nahin. Isse galti ho sakti hai.",
  "followUp.title": "Aap kaise hain?",
  "followUp.better": "Main behtar hoon",
  "followUp.hard": "Ab bhi mushkil hai",
  "followUp.never": "Kripya yeh phir na poochein",
  "crisis.nowTitle": "Abhi ke liye",
  "crisis.step1":
    "Kisi ke paas jaiye, ya kisi ko bulaiye. Aap keh sakte hain: “Main akele surakshit nahin hoon.”",
  "crisis.step2": "Jis cheez se aap khud ko chot pahuncha sakte hain, usse door ho jaiye.",
  "crisis.step3": "Bas agle kuchh minute nikalne hain. Dheere se saans chhodiye.",
  "crisis.limits":
    "Salus emergency seva nahin hai. Yahan koi nahin padh raha, aur is page par kiya gaya kuchh bhi server par nahin jaata.",
  "breath.title": "Ek dheemi saans",
  "breath.text": "Lambi saans chhodne se sharir shaant hota hai. Achha na lage to ruk jaiye.",
  "breath.start": "Shuru karein",
  "breath.stop": "Rokein",
  "breath.in": "Saans lein",
  "breath.hold": "Rokein",
  "breath.out": "Saans chhodein",
  "crisis.human": "Yahan kisi insaan se baat maangein",
  "crisis.humanText":
    "Agar is Salus mein sankat team hai, to aap use jo likhenge woh padh sakti hai. Koi din-raat nahin dekhta.",
};
