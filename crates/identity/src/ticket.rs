//! The text of a cookie or a refresh token: whose it is, which row, and a secret.
//!
//! With the person in it, the row is found by its key in a divided database too. The row keeps
//! only the hash of the secret; 32 random bytes need no slow hash.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Env, Secret, Subject, TenantId, UserId};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What a ticket is good for. The prefix also tells secret scanners what they found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketKind {
    Refresh,
    Cookie,
    /// Stands for a first factor that was right.
    Login,
}

impl TicketKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "srt1_",
            Self::Cookie => "sid1_",
            Self::Login => "slt1_",
        }
    }
}

/// The SHA-256 of a ticket's secret, as stored.
pub(crate) type SecretHash = [u8; 32];

pub(crate) struct Ticket {
    pub(crate) subject: Subject,
    /// The row of the refresh token or of the session.
    pub(crate) id: Uuid,
    secret: Secret<[u8; 32]>,
}

impl Ticket {
    pub(crate) fn new(env: &Env, subject: Subject, id: Uuid) -> Self {
        Self { subject, id, secret: Secret::new(env.random()) }
    }

    /// What the row keeps.
    pub(crate) fn hash(&self) -> SecretHash {
        // EXPOSE: only the hash leaves this function.
        hash(self.secret.expose())
    }

    /// Whether the row was made for this ticket.
    pub(crate) fn matches(&self, stored: &SecretHash) -> bool {
        self.hash().ct_eq(stored).into()
    }

    /// What the client keeps.
    pub(crate) fn text(&self, kind: TicketKind) -> Secret<String> {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend(self.subject.tenant.as_uuid().as_bytes());
        bytes.extend(self.subject.user.as_uuid().as_bytes());
        bytes.extend(self.id.as_bytes());
        // EXPOSE: the client has to get its secret.
        bytes.extend(self.secret.expose());
        let bytes = Secret::new(bytes);
        bytes.map(|bytes| format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The ticket that a client shows; `None` for what cannot be one of ours.
    pub(crate) fn parse(kind: TicketKind, text: &Secret<String>) -> Option<Self> {
        // EXPOSE: it has to be read to be compared.
        let text = text.expose().strip_prefix(kind.prefix())?;
        let bytes = Secret::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (tenant, rest) = bytes.expose().split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (id, secret) = rest.split_first_chunk::<16>()?;
        let tenant = TenantId::from_uuid(Uuid::from_bytes(*tenant));
        let user = UserId::from_uuid(Uuid::from_bytes(*user));
        let secret = Secret::new(<[u8; 32]>::try_from(secret).ok()?);
        Some(Self { subject: Subject::new(tenant, user), id: Uuid::from_bytes(*id), secret })
    }
}

/// The hash of a secret that has at least 100 random bits.
pub(crate) fn hash(secret: &[u8]) -> SecretHash {
    let digest = digest::digest(&digest::SHA256, secret);
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ticket() -> Ticket {
        let subject = Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(5)));
        Ticket::new(&Env::system(), subject, Uuid::from_u128(6))
    }

    #[test]
    fn a_ticket_reads_back_and_matches_its_hash() {
        let made = ticket();
        let read = Ticket::parse(TicketKind::Refresh, &made.text(TicketKind::Refresh)).unwrap();
        assert_eq!((read.subject, read.id), (made.subject, made.id));
        assert!(read.matches(&made.hash()));
        assert!(!ticket().matches(&made.hash()));
    }

    #[test]
    fn a_cookie_is_no_refresh_token() {
        assert!(Ticket::parse(TicketKind::Refresh, &ticket().text(TicketKind::Cookie)).is_none());
    }

    #[test]
    fn the_format_of_tickets_never_changes() {
        let text = format!("srt1_{}", URL_SAFE_NO_PAD.encode([7; 80]));
        let ticket = Ticket::parse(TicketKind::Refresh, &Secret::new(text)).unwrap();
        assert_eq!(ticket.id, Uuid::from_bytes([7; 16]));
        assert!(ticket.matches(&hash(&[7; 32])));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in ".{0,140}") {
            let secret = Secret::new(text.clone());
            if let Some(ticket) = Ticket::parse(TicketKind::Cookie, &secret) {
                let again = ticket.text(TicketKind::Cookie);
                prop_assert_eq!(again.expose(), &text);
            }
        }
    }
}
