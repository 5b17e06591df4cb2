//! Which new passwords are allowed: long enough, not among the most used, not the person's own
//! name. No rules about kinds of letters; they make passwords worse (NIST SP 800-63B).

use super::{Password, PasswordFilter};
use std::{collections::HashSet, sync::LazyLock};

const MIN: usize = 8;
const MAX: usize = 256;
/// Names shorter than this are in too many words to count.
const WORD_MIN: usize = 4;

/// The passwords of eight and more letters, and the words that others are made of, that are
/// guessed first.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").lines().filter(|line| !line.is_empty()).collect());

/// Why a new password is not allowed. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Fewer than eight letters.
    #[error("password: at least 8 letters; 15 or more are better")]
    TooShort,
    /// More than 256 letters.
    #[error("password: at most 256 letters")]
    TooLong,
    /// One that is guessed first.
    #[error("password: this one is guessed in seconds, because many people use it")]
    Common,
    /// The account's own name and little else.
    #[error("password: it is little more than your own name or that of this service")]
    Context,
}

/// Holds if the password may be used by someone with these names. The list that comes with the
/// program is looked at here; that of the operator by whoever has it.
pub(crate) fn check_new(password: &Password, names: &[&str]) -> Result<(), PasswordProblem> {
    // EXPOSE: the rules look at every letter.
    let text = password.text().expose();
    match text.chars().count() {
        0..MIN => return Err(PasswordProblem::TooShort),
        MIN..=MAX => {}
        _ => return Err(PasswordProblem::TooLong),
    }
    let lower = zeroize::Zeroizing::new(text.to_lowercase());
    let word = lower.trim_matches(|letter: char| !letter.is_alphabetic());
    let letters: HashSet<char> = lower.chars().collect();
    let common = PasswordFilter::built_in();
    if common.contains_any_case(text) {
        return Err(PasswordProblem::Common);
    }
    if COMMON.contains(lower.as_str()) || COMMON.contains(word) || letters.len() < 4 {
        return Err(PasswordProblem::Common);
    }
    for name in names.iter().copied().chain(["salus"]).flat_map(parts) {
        let rest = zeroize::Zeroizing::new(lower.replace(&name, ""));
        if rest.len() < lower.len() && rest.chars().count() < MIN {
            return Err(PasswordProblem::Context);
        }
    }
    Ok(())
}

/// A name and the words it is made of.
fn parts(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    let whole = std::iter::once(name.as_str());
    whole.chain(words).filter(|word| word.len() >= WORD_MIN).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Secret;

    fn check(text: &str) -> Result<(), PasswordProblem> {
        check_new(&Password::new(&Secret::new(text.into())), &["ana.miller@example.org", "Ana"])
    }

    #[test]
    fn eight_letters_are_enough_and_two_hundred_and_fifty_six_are_not_too_many() {
        assert_eq!(check("7 lettr"), Err(PasswordProblem::TooShort));
        assert_eq!(check("äöü-äöß7"), Ok(()));
        assert_eq!(check(&"wörter ".repeat(36)), Ok(()));
        assert_eq!(check(&"wörter ".repeat(37)), Err(PasswordProblem::TooLong));
    }

    #[test]
    fn the_most_used_passwords_are_refused_with_numbers_around_them_too() {
        for bad in
            ["password", "Password123!", "12345678", "qwertyuiop", "00iloveyou00", "aaaaaaaa"]
        {
            assert_eq!(check(bad), Err(PasswordProblem::Common), "{bad}");
        }
    }

    #[test]
    fn passwords_of_the_list_are_refused_in_any_case() {
        for bad in ["jordan23", "iloveyou2", "Manchester1", "PASSWORD1", "1qaz2wsx3edc"] {
            assert_eq!(check(bad), Err(PasswordProblem::Common), "{bad}");
        }
    }

    #[test]
    fn a_password_is_more_than_a_name_of_the_person_or_the_service() {
        for bad in ["miller1987", "Salus2026!", "ana.miller@example.org", "example.org"] {
            assert_eq!(check(bad), Err(PasswordProblem::Context), "{bad}");
        }
        assert_eq!(check("miller has three goats"), Ok(()));
    }

    #[test]
    fn one_letter_written_in_two_ways_is_one_password() {
        let composed = Password::new(&Secret::new("caf\u{e9} au lait".into()));
        let decomposed = Password::new(&Secret::new("cafe\u{301} au lait".into()));
        assert_eq!(composed.text().expose(), decomposed.text().expose());
    }
}
