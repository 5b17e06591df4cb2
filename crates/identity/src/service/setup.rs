//! The one-time code that makes the first administrator.

use super::Identity;
use crate::{actions::SETUP_CODE_MADE, error::IdentityError, store, ticket::hash};
use audit::Event;
use db::run_tx;
use kernel::{Ctx, Env, Secret, Subject, TenantId, Timestamp};
use std::time::Duration;

/// Letters that are not taken for one another (Crockford).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 20;
/// A code stands in logs of the start: whoever reads them much later must find nothing of use.
const LIFE: Duration = Duration::from_hours(24);

/// The one-time code that makes whoever registers with it an administrator: 20 letters, 100
/// random bits.
#[derive(Clone)]
pub struct SetupCode(Secret<String>);

impl SetupCode {
    pub(super) fn random(env: &Env) -> Self {
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
        Self(text.map(|text| text.chars().filter(is_letter).map(letter).collect()))
    }

    /// For people: in groups of four.
    #[must_use]
    pub fn grouped(&self) -> Secret<String> {
        self.0.map(|code| {
            let groups: Vec<_> = code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
            groups.join("-")
        })
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        // EXPOSE: only the hash leaves this function.
        hash(self.0.expose().as_bytes())
    }

    /// What the store knows it by, and when it must have been made after.
    pub(super) fn sought(&self, now: Timestamp) -> ([u8; 32], Timestamp) {
        (self.hash(), now.minus(LIFE))
    }
}

impl Identity {
    /// A new set-up code, which makes the one before it worthless; `None` once there is an
    /// administrator. It is good for a day. Only its hash is stored.
    pub async fn setup_code(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
    ) -> Result<Option<SetupCode>, IdentityError> {
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        let code = SetupCode::random(ctx.env());
        let made = run_tx!(self.0.db, "identity.setup_code", |tx| {
            if store::admins(tx, tenant).await? > 0 {
                store::drop_setup_code(tx, tenant);
                return Ok::<_, IdentityError>(false);
            }
            store::put_setup_code(tx, tenant, code.hash(), ctx.now());
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&SETUP_CODE_MADE, whole))?;
            Ok(true)
        })?;
        Ok(made.then_some(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_typed_as_people_type() {
        let code = SetupCode::random(&Env::system());
        let shown = code.grouped().expose().clone();
        assert_eq!(shown.len(), 24);
        let typed = format!(" {} ", shown.to_lowercase().replace('0', "o").replace('1', "l"));
        assert_eq!(SetupCode::typed(&Secret::new(typed)).hash(), code.hash());
    }
}
