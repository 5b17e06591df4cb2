import type { Catalogue } from "./index";

// The words of the help page come first; the rest follows.
const hi: Catalogue = {
  "action.back": "Wapas",
  "crisis.link": "Abhi madad",
  "crisis.title": "Aap akele nahin hain.",
  "crisis.lead":
    "Agar aap khatre mein hain ya apni jaan lene ke baare mein soch rahe hain, to abhi kisi se baat karein. Sahi shabd zaroori nahin hain.",
  "crisis.call": "Call karne ke number",
  "crisis.callNumber": "{number} par call karein",
  "crisis.line.emergency": "Emergency seva: jab aap ya koi aur abhi khatre mein ho",
  "crisis.line.suicide": "Crisis line, din-raat: suicide ke khayal ya koi bhi takleef",
  "crisis.line.listening": "Koi jo sune, din-raat, kisi bhi baat par",
  "crisis.source": "Srot: {source}",
  "crisis.elsewhere": "Agar aap kahin aur hain, to neeche jagah chunein.",
  "crisis.unknownPlace":
    "Jahan aap hain wahan ke emergency number par call karein, ya neeche jagah chunein.",
  "crisis.where": "Aap kahan hain?",
  "crisis.otherPlace": "Kahin aur",
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
};

export default hi;
