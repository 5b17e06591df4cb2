//! Recovery codes: 80 random bits each, ten at a time, good for one use.

use crate::ticket::hash;
use kernel::{Env, Secret, Subject};

/// How many a person is given at once.
pub(crate) const CODES: usize = 10;
/// Sixteen letters of five bits each.
const LENGTH: usize = 16;
/// Letters that are not taken for one another (Crockford).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code, as made or as typed.
#[derive(Clone)]
pub struct RecoveryCode(Secret<String>);

impl RecoveryCode {
    pub(crate) fn random(env: &Env) -> Self {
        let bytes: [u8; LENGTH] = env.random();
        let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
        Self(Secret::new(letters.map(|letter| char::from(*letter)).collect()))
    }

    /// What someone typed, with or without dashes, in any case.
    #[must_use]
    pub fn typed(text: &Secret<String>) -> Self {
        let letter = |letter: char| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        let is_letter = |letter: &char| letter.is_ascii_alphanumeric();
        Self(text.map(|text| text.chars().filter(is_letter).take(64).map(letter).collect()))
    }

    /// For people: in groups of four.
    #[must_use]
    pub fn grouped(&self) -> Secret<String> {
        self.0.map(|code| {
            let groups: Vec<_> = code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
            groups.join("-")
        })
    }

    /// What is stored. With the person in it, so that guessing at all people at once is no faster
    /// than at each; 80 random bits need no slow hash.
    pub(crate) fn hash(&self, subject: Subject) -> [u8; 32] {
        // EXPOSE: only the hash leaves this function.
        let code = self.0.expose().as_bytes();
        let (tenant, user) = (subject.tenant.as_uuid(), subject.user.as_uuid());
        hash(&[b"recovery code\0", tenant.as_bytes().as_slice(), user.as_bytes(), code].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{TenantId, UserId};
    use uuid::Uuid;

    fn someone(number: u128) -> Subject {
        Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
    }

    #[test]
    fn a_code_can_be_typed_as_people_type() {
        let code = RecoveryCode::random(&Env::system());
        let shown = code.grouped().expose().clone();
        assert_eq!(shown.len(), 19);
        let typed = format!(" {} ", shown.to_lowercase().replace('0', "o").replace('1', "l"));
        let typed = RecoveryCode::typed(&Secret::new(typed));
        assert_eq!(typed.hash(someone(1)), code.hash(someone(1)));
    }

    #[test]
    fn the_code_of_one_person_is_not_that_of_another() {
        let code = RecoveryCode::random(&Env::system());
        assert_ne!(code.hash(someone(1)), code.hash(someone(2)));
    }

    #[test]
    fn the_stored_form_never_changes() {
        let code = RecoveryCode::typed(&Secret::new("0123-4567-89AB-CDEF".into()));
        let start = [0x23, 0xdf, 0xdc, 0xc5, 0xdf, 0xfe, 0x7c, 0x3e];
        assert!(code.hash(someone(7)).starts_with(&start));
    }
}
