//! What a link in a letter holds: whose it is, which row, and a proof that we made it. The proof
//! follows from the row's id under a key of the program, so that no secret is stored or queued.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Secret, Subject, TenantId, UserId};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use vault::SystemKey;

const PREFIX: &str = "sml1_";

/// A link that someone follows.
pub(crate) struct MailTicket {
    pub(crate) subject: Subject,
    /// The row of the link.
    pub(crate) id: Uuid,
    mac: [u8; 32],
}

impl MailTicket {
    /// What proves that we made the link with this id.
    pub(crate) fn mac(key: &SystemKey, subject: Subject, id: Uuid) -> [u8; 32] {
        let (tenant, user) = (subject.tenant.as_uuid(), subject.user.as_uuid());
        key.mac(&[b"mail link", tenant.as_bytes(), user.as_bytes(), id.as_bytes()])
    }

    /// What the letter holds.
    pub(crate) fn text(subject: Subject, id: Uuid, mac: &[u8; 32]) -> Secret<String> {
        let (tenant, user) = (subject.tenant.as_uuid(), subject.user.as_uuid());
        let bytes = [tenant.as_bytes(), user.as_bytes(), id.as_bytes(), mac.as_slice()].concat();
        Secret::new(bytes).map(|bytes| format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What someone shows; `None` for what cannot be one of ours.
    pub(crate) fn parse(text: &Secret<String>) -> Option<Self> {
        // EXPOSE: it has to be read to be compared.
        let text = text.expose().strip_prefix(PREFIX)?;
        let bytes = Secret::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (tenant, rest) = bytes.expose().split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (id, mac) = rest.split_first_chunk::<16>()?;
        let tenant = TenantId::from_uuid(Uuid::from_bytes(*tenant));
        let user = UserId::from_uuid(Uuid::from_bytes(*user));
        let mac = mac.try_into().ok()?;
        Some(Self { subject: Subject::new(tenant, user), id: Uuid::from_bytes(*id), mac })
    }

    /// Whether it was made with this key.
    pub(crate) fn was_made_with(&self, key: &SystemKey) -> bool {
        Self::mac(key, self.subject, self.id).ct_eq(&self.mac).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "(sml1_)?[A-Za-z0-9_-]{0,120}") {
            let secret = Secret::new(text.clone());
            if let Some(ticket) = MailTicket::parse(&secret) {
                let again = MailTicket::text(ticket.subject, ticket.id, &ticket.mac);
                prop_assert_eq!(again.expose(), &text);
            }
        }

        #[test]
        fn what_a_letter_holds_reads_back(user: u128, id: u128, mac: [u8; 32]) {
            let user = UserId::from_uuid(Uuid::from_u128(user));
            let subject = Subject::new(TenantId::DEFAULT, user);
            let read = MailTicket::parse(&MailTicket::text(subject, Uuid::from_u128(id), &mac));
            let read = read.unwrap();
            prop_assert_eq!((read.subject, read.id.as_u128(), read.mac), (subject, id, mac));
        }
    }
}
