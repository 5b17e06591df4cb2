import type { Catalogue } from "../index";

// What Salus keeps of somebody: the memory, and what helpers should know.
export const kept: Catalogue = {
  "account.memory": "यादें",
  "memory.title": "Salus क्या याद रख सकता है",
  "memory.text":
    "आपके बारे में वे बातें जो साथी को अगली बार भी पता हों, आपके अपने शब्दों में। मॉडल को वे तभी बताई जाती हैं जब आपकी बात से जुड़ती हों, और हर जवाब के नीचे आप देखते हैं कि ऐसा हुआ।",
  "memory.on": "मुझे याद रखें",
  "memory.onHint":
    "बंद होने पर न कुछ रखा जाता है, न कुछ इस्तेमाल होता है। पहले रखी बातें यहीं रहती हैं, जब तक आप उन्हें न मिटाएँ।",
  "memory.how": "कोई बात यहाँ कैसे आती है",
  "memory.howText":
    "आप उसे नीचे लिखते हैं, या संदेश को “Yaad rakhna ki …” से शुरू करते हैं। इसके अलावा कभी कुछ याद नहीं रखा जाता।",
  "memory.retrieval.embedding":
    "जो जुड़ता है, उसे इसी सर्वर का एक मॉडल अर्थ से ढूँढता है। इसके लिए कुछ भी बाहर नहीं जाता।",
  "memory.retrieval.lexical":
    "जो जुड़ता है, वह आपके संदेश से मिलते शब्दों से मिलता है, क्योंकि यहाँ अर्थ समझने वाला मॉडल नहीं लगा है।",
  "memory.facts": "क्या याद है",
  "memory.none": "अभी कुछ नहीं।",
  "memory.more": "और दिखाएँ",
  "memory.add": "कुछ याद रखें",
  "memory.new": "क्या याद रखा जाए?",
  "memory.kind": "यह किस बारे में है",
  "memory.kind.about_me": "आप और आपका जीवन",
  "memory.kind.health": "आपका स्वास्थ्य",
  "memory.kind.people": "आपके आसपास के लोग",
  "memory.kind.preference": "आपसे कैसे बात की जाए (हमेशा बताया जाता है)",
  "memory.kind.other": "कुछ और",
  "memory.keep": "याद रखें",
  "memory.left": "{count} अक्षर बाकी",
  "memory.from.person": "आपने लिखा, {day}",
  "memory.from.chat": "एक बातचीत से, {day}",
  "memory.edit": "बदलें",
  "memory.save": "सहेजें",
  "memory.delete": "मिटाएँ",
  "memory.deleteTitle": "इसे भूल जाएँ?",
  "memory.deleteAll": "सब भूल जाएँ",
  "memory.deleteAllTitle": "सब भूल जाएँ?",
  "memory.deleteAllText":
    "याद रखी {count} {count, बात मिटा दी जाती है|बातें मिटा दी जाती हैं}। आपकी बातचीत बनी रहती है।",
  "memory.export": "फ़ाइल में सहेजें",
  "tell.title": "मदद करने वालों को क्या पता हो",
  "tell.text":
    "आपके अपने शब्दों में। इसे बंद और सुरक्षित रखा जाता है। केवल आपका कार्ड, या आपात स्थिति में मदद करने वाला, इसे खोल सकता है, और हर बार आपको बताया जाता है।",
  "tell.allergies": "एलर्जी",
  "tell.medications": "दवाएँ और मात्रा",
  "tell.conditions": "बीमारियाँ",
  "tell.blood_group": "रक्त समूह",
  "tell.contacts": "किसे फ़ोन करें",
  "tell.notes": "और क्या मदद करेगा",
  "tell.save": "सहेजें",
  "tell.written": "{day} को सहेजा गया।",
  "tell.remove": "सब हटाएँ",
  "tell.removeTitle": "मदद करने वालों के लिए लिखा हुआ हटाएँ?",
  "tell.removeText": "आपके कार्ड मान्य रहते हैं, पर जब तक आप फिर कुछ न लिखें, वे कुछ नहीं खोलते।",
  "open.text":
    "इसे खोलना दर्ज होता है, एक इस्तेमाल गिना जाता है, और व्यक्ति को बताया जाता है। कृपया केवल उनकी मदद के लिए खोलें।",
  "open.open": "खोलें",
  "open.nothing": "जो हिस्से इससे खुल सकते हैं, उनमें कुछ नहीं लिखा है।",
  "open.written": "व्यक्ति ने {day} को लिखा।",
};
