import type { Catalogue } from "../index";

// Accounts elsewhere that open the one here.
export const elsewhere: Catalogue = {
  "links.title": "Doosri jagahon ke khaate",
  "links.text":
    "Ye yahan aapka khaata kholte hain, isliye password ki zaroorat nahin. Inhein chalane wale jaante hain ki aap kab log in karte hain, aur yeh kuch nahin ki aap yahan kya karte hain.",
  "links.connect": "{name} jodein",
  "links.since": "{day} ko joda gaya",
  "links.remove": "Hatayein",
  "links.removeTitle": "{name} hatayein?",
  "links.removeText":
    "Yeh aapka khaata phir nahin kholega. Aapke doosre device log out ho jayenge.",
  "stepUp.elsewhere": "{name} se dikhayein; phir aap isi page par laut aayenge.",
  "error.LAST_ADMIN": "Yeh aakhiri administrator hai. Kripya pehle kisi aur ko banaayein.",
  "error.USERNAME_KEPT": "Aapka ek username pehle se hai.",
  "error.LAST_WAY_IN":
    "Aur kuch aapka khaata nahin kholta. Kripya pehle aane ka koi aur tareeka jodein.",
  "error.LINKS_FULL":
    "Aapke paas doosri jagahon ke jitne khaate ho sakte hain, utne hain. Kripya pehle ek hatayein.",
  "error.OIDC_LATE":
    "Is log in mein bahut samay laga, ya yeh kahin aur shuru hua tha. Kripya phir se shuru karein.",
  "error.OIDC_OTHER": "Woh koi aur khaata tha, woh nahin jo ise kholta hai.",
  "error.OIDC_REFUSED": "Is log in ki pushti nahin ho payi. Kripya phir koshish karein.",
  "error.OIDC_TAKEN": "Wahan ka yeh khaata yahan pehle se ek khaata kholta hai.",
  "error.OIDC_UNREACHABLE":
    "Wahan log in abhi kaam nahin kar raha. Kripya baad mein phir koshish karein.",
};
