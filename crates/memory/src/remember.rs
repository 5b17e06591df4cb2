//! When somebody says "remember that …".
//!
//! The words must stand at the beginning and be meant as a wish: what is only told or asked is not
//! kept. It is a short list on purpose; whoever words it otherwise finds the page for it.

use crate::model::FACT_CHARS;

/// What may stand before the wish.
const POLITE: [&str; 7] =
    ["please", "bitte", "por favor", "s'il te plaît", "s'il vous plaît", "kripya", "hey"];

/// The wish itself, in lower case. What follows is what is to be remembered.
const WISHES: [&str; 31] = [
    "remember that ",
    "remember this:",
    "remember:",
    "remember, ",
    "remember i ",
    "remember i'm ",
    "remember my ",
    "don't forget that ",
    "keep in mind that ",
    "merk dir, dass ",
    "merk dir dass ",
    "merke dir, dass ",
    "merk dir:",
    "merke dir:",
    "denk daran, dass ",
    "vergiss nicht, dass ",
    "recuerda que ",
    "recuerda:",
    "acuérdate de que ",
    "no olvides que ",
    "souviens-toi que ",
    "rappelle-toi que ",
    "retiens que ",
    "retiens :",
    "retiens:",
    "n'oublie pas que ",
    "lembre-se de que ",
    "lembra-te de que ",
    "não esqueças que ",
    "yaad rakhna ki ",
    "yaad rakho ki ",
];

/// Those whose last word belongs to what is remembered.
const OWN: [&str; 3] = ["remember i ", "remember i'm ", "remember my "];

/// What is to be remembered, if this is a wish that something be.
pub(crate) fn wished(said: &str) -> Option<&str> {
    let said = said.trim();
    let start = POLITE.iter().find_map(|word| after(said, word)).unwrap_or(said);
    let start = start.trim_start_matches([',', ' ', '!']);
    let wish = WISHES.iter().find_map(|wish| Some((*wish, after(start, wish)?)));
    let (wish, rest) = wish?;
    let rest = if OWN.contains(&wish) { after(start, "remember ")? } else { rest };
    // One paragraph: what comes after it is another matter.
    let fact = rest.split("\n\n").next()?.trim();
    let asks = fact.ends_with('?');
    let fits = (1..=FACT_CHARS).contains(&fact.chars().count());
    (fits && !asks).then_some(fact)
}

/// What follows this beginning, however it is capitalised.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in beginning.chars() {
        let found = rest.next()?;
        // Typewriters and telephones write it differently.
        let found = if found == '’' { '\'' } else { found };
        if !found.to_lowercase().eq([wanted]) {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wish_to_remember_is_heard_in_every_language() {
        for (said, fact) in [
            ("Remember that I am allergic to nuts.", "I am allergic to nuts."),
            ("please remember: my sister is called Ruth", "my sister is called Ruth"),
            ("Remember I’m on holiday in May", "I’m on holiday in May"),
            ("Remember my dog is called Rex", "my dog is called Rex"),
            ("Bitte merk dir, dass ich nachts arbeite.", "ich nachts arbeite."),
            ("Por favor, recuerda que vivo sola", "vivo sola"),
            ("Souviens-Toi que je dors mal", "je dors mal"),
            ("Lembre-se de que tenho asma", "tenho asma"),
            ("Yaad rakhna ki main raat ko kaam karta hoon", "main raat ko kaam karta hoon"),
            ("Remember that I run.\n\nNow, about today …", "I run."),
        ] {
            assert_eq!(wished(said), Some(fact), "{said}");
        }
    }

    #[test]
    fn what_is_only_told_or_asked_is_not_kept() {
        for said in [
            "I remember that day well.",
            "Remember when we talked about sleep?",
            "Remember to breathe",
            "Do you remember that I run?",
            "Remember that I told you about Ann?",
            "remember that ",
            "Remember",
            "",
        ] {
            assert_eq!(wished(said), None, "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(said in "\\PC{0,80}", wish in 0..WISHES.len()) {
            let _ = wished(&said);
            let fact = wished(&format!("{}{said}", WISHES[wish])).map(str::len);
            prop_assert!(fact.is_none_or(|length| length <= 4 * FACT_CHARS));
        }
    }
}
