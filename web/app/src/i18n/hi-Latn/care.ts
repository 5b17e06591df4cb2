import type { Catalogue } from "../index";

// Care, where it is about safety, and the closer look of a check-in.
export const care: Catalogue = {
  "crisis.own": "Aapke paas kya hai",
  "crisis.plan": "Meri suraksha yojana",
  "crisis.skills": "Abhyas",
  "safety.plan": "Aapki suraksha yojana",
  "safety.exercise": "Abhi ke liye ek abhyas",
  "screening.notDiagnosis":
    "Prashnavali sanket pehchanti hai. Yeh nidan nahin hai: natije ka aapke liye kya matlab hai, yeh doctor ya therapist bata sakte hain.",
  "screening.goOn":
    "Aap sawal jaari rakh sakte hain ya chhod sakte hain. Ab tak ke jawab isi device par rehte hain.",
  "screening.positive":
    "Is natije ke saath doctor ya therapist se baat karna achha hoga. Aap ise unhein dikha sakte hain.",
  "screening.language": "Sawal English mein hain: sirf jaanche-parkhe shabd istemal hote hain.",
  "plan.title": "Suraksha yojana",
  "plan.empty":
    "Jab aatmahatya ke vichar aayein aur sochna mushkil ho, tab yojana madad karti hai. Ise pehle se, apne shabdon mein likhein, kisi bharosemand ke saath ho to aur achha. Iske hisse ye hain:",
  "plan.start": "Apni yojana likhein",
  "plan.edit": "Badlein",
  "plan.print": "Print karein",
  "plan.changed": "Pichhla badlav: {day}",
  "plan.now": "Agar aap abhi khud ko surakshit nahin rakh paa rahe, to kisi ko phone karein.",
  "plan.keep": "Is device par ek prati rakhein",
  "plan.keepHint":
    "Tab aap ise bina connection ke bhi padh sakte hain, madad wale page se bhi. Yeh seal hai, par jo yeh browser khole woh ise dekh sakta hai; app lock pehle code poochhta hai. Log out karne par yeh hat jaati hai.",
  "plan.copy": "Is device ki prati, {day} ki.",
  "plan.notHere":
    "Is device par koi yojana nahin hai. Log in aur connection hone par aap apni likhi yojana dekh sakte hain.",
  "plan.offline": "Na connection hai, na is device par aapki yojana ki prati.",
  "plan.logIn": "Log in karein",
  "plan.delete": "Yojana mitayein",
  "plan.deleteTitle": "Apni suraksha yojana mitayein?",
  "plan.deleteText": "Yeh hamesha ke liye chali jayegi, aur is device ki prati bhi.",
  "plan.toPlan": "Yojana par jaayein",
  "nav.care": "Dekhbhal",
  "checkin.closer": "Bhavnayein aur aaveg",
  "checkin.feelings": "Aap kya mehsoos kar rahe hain?",
  "checkin.urges": "Kya koi aaveg hai? Uska hona us par chalna nahin hai.",
  "checkin.strength": "{what}, 0 se 10 tak",
  "checkin.delete": "Mitayein",
  "feel.sadness": "Udaasi",
  "feel.fear": "Dar",
  "feel.anger": "Gussa",
  "feel.shame": "Sharm ya apradhbodh",
  "feel.loneliness": "Akelapan",
  "feel.joy": "Khushi",
  "urge.suicide": "Mar jaane ka",
  "urge.self-harm": "Khud ko chot pahunchane ka",
  "urge.substances": "Peene ya kuchh lene ka",
  "urge.eating": "Bahut khane, ulti karne ya bhookhe rehne ka",
  "urge.withdraw": "Sabse door hone ya haar maanne ka",
};
