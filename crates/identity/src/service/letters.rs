//! What people are told by mail, as far as it is about their account: who is written to, and the
//! links in letters. How a letter looks and travels is not known here.
//!
//! A letter is asked for in the transaction that it tells of, by ids alone. What it says is looked
//! up when it is sent: nothing that was over by then is sent. The secret of a link is nowhere; it
//! follows from its id under a key of the program.

use super::{Identity, admin::require_admin, factors::Change, names::columns::NAME};
use crate::{
    actions::LINK_SHOWN,
    device::Family,
    error::IdentityError,
    mail_ticket::MailTicket,
    model::{NameKind, Status},
    store::{self, LinkRow},
    ticket::SecretHash,
};
use audit::Event;
use db::{DbError, Tx, outbox, run_tx};
use kernel::{
    Ctx, Cursor, Env, PageSize, Phi, Role, RoleSet, Secret, SessionId, Subject, TenantId,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;
use vault::Sealed;

/// Where letters are asked for.
pub const LETTER_TOPIC: &str = "identity.letter.v1";

/// The system key that links follow from.
pub(crate) const LINK_KEY: &str = "identity.mail_link";
/// No link holds for longer.
pub(crate) const LONGEST_LINK: Duration = LinkPurpose::VerifyEmail.life();

/// What a link in a letter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Proves that an address is that of its person.
    VerifyEmail,
    /// Lets its person choose a new password.
    ResetPassword,
}

impl LinkPurpose {
    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }

    /// How long a link holds.
    const fn life(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::from_hours(48),
            Self::ResetPassword => Duration::from_mins(30),
        }
    }
}

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Please prove that this is your address.
    VerifyEmail,
    /// Here you can choose a new password.
    ResetPassword,
    /// Someone wanted to register with your address.
    AddressKnown,
    /// You logged in on a device that was not seen before.
    NewDevice,
    /// A password or a second factor was changed.
    FactorChanged,
    /// Your account was closed and will be erased.
    AccountClosing,
    /// Your emergency data was opened, or can be.
    EmergencyAccess,
    /// For administrators: someone's emergency data was opened, or can be.
    EmergencyReview,
}

/// A letter that was asked for: ids, and nothing about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedLetter {
    /// The organisation.
    pub tenant: TenantId,
    /// To whom.
    pub user: UserId,
    /// What about.
    pub kind: LetterKind,
    /// The link in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Uuid>,
    /// The log-in that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Uuid>,
    /// The change that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// When it was asked for, in microseconds.
    pub at: i64,
}

/// What a letter tells of.
#[derive(Clone, Copy, Default)]
pub(crate) struct About {
    /// The link in it.
    pub(crate) link: Option<Uuid>,
    /// A log-in.
    pub(crate) session: Option<SessionId>,
    /// Another way to log in.
    pub(crate) change: Option<Change>,
}

impl AskedLetter {
    /// A letter that tells of nothing but the moment.
    #[must_use]
    pub const fn of_now(subject: Subject, kind: LetterKind, now: Timestamp) -> Self {
        let Subject { tenant, user, .. } = subject;
        Self { tenant, user, kind, link: None, session: None, change: None, at: now.as_micros() }
    }
}

impl About {
    /// A letter with a link.
    pub(crate) fn link(link: Uuid) -> Self {
        Self { link: Some(link), ..Self::default() }
    }
}

/// Everything that a letter says.
pub struct Letter {
    /// The address.
    pub to: Phi<String>,
    /// What the person wants to be called.
    pub name: Option<Phi<String>>,
    /// What about.
    pub kind: LetterKind,
    /// What follows the address of the page in the link.
    pub token: Option<Secret<String>>,
    /// When the link ends, or the account.
    pub until: Option<Timestamp>,
    /// The device that it tells of.
    pub device: Option<String>,
    /// The change that it tells of.
    pub change: Option<Change>,
    /// When it happened.
    pub at: Timestamp,
}

/// A link for someone who cannot be written to.
pub struct ShownLink {
    /// What it does.
    pub purpose: LinkPurpose,
    /// What follows the address of the page.
    pub token: Secret<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Asks for a letter, as part of this transaction.
pub(crate) fn ask(
    tx: &mut Tx,
    env: &Env,
    subject: Subject,
    kind: LetterKind,
    about: About,
) -> Result<(), DbError> {
    let asked = AskedLetter {
        link: about.link,
        session: about.session.map(|session| session.as_uuid()),
        change: about.change,
        ..AskedLetter::of_now(subject, kind, env.now())
    };
    outbox::publish(tx, env, LETTER_TOPIC, &asked)
}

impl Identity {
    /// Who administers this organisation: the newest, as many as one page holds.
    pub async fn administrators(&self, tenant: TenantId) -> Result<Vec<UserId>, IdentityError> {
        let admins = (tenant, Some(Status::Active), RoleSet::of(&[Role::Admin]).bits());
        let rows = store::accounts(&self.0.db, admins, Cursor::NEWEST, PageSize::MAX).await?;
        Ok(rows.into_iter().map(|row| UserId::from_uuid(row.user_id)).collect())
    }

    /// The address of a person, with its row and whether it was proved to be theirs.
    pub(super) async fn address(
        &self,
        subject: Subject,
    ) -> Result<Option<(Uuid, Phi<String>, bool)>, IdentityError> {
        let Some(row) = store::name_of_kind(&self.0.db, subject, NameKind::Email).await? else {
            return Ok(None);
        };
        let keys = self.0.vault.keyring(subject).await?;
        let plain = keys.open(&NAME, row.id, &Sealed::from_bytes(row.name))?;
        // EXPOSE: the text is as guarded as its bytes were.
        let text = String::from_utf8(plain.expose().clone());
        let text = text.map_err(|_| IdentityError::Unreadable("name"))?;
        let verified = store::is_verified(&self.0.db, subject, row.id).await?;
        Ok(Some((row.id, Phi::new(text), verified)))
    }

    /// A link of this person, to be stored.
    pub(super) async fn new_link(
        &self,
        ctx: &Ctx,
        subject: Subject,
        purpose: LinkPurpose,
    ) -> Result<LinkRow, IdentityError> {
        let name_id = self.address(subject).await?.map(|(id, ..)| id);
        let expires_at = ctx.now().plus(purpose.life());
        Ok(LinkRow { id: ctx.new_id(), purpose: purpose.name().to_owned(), name_id, expires_at })
    }

    async fn mac_of(&self, subject: Subject, link: Uuid) -> Result<SecretHash, IdentityError> {
        let keys = self.0.vault.system_key(LINK_KEY).await?;
        Ok(MailTicket::mac(keys.current()?, subject, link))
    }

    /// The link that someone follows, if we made it and it still holds for this.
    pub(super) async fn followed(
        &self,
        ctx: &Ctx,
        token: &Secret<String>,
        purpose: LinkPurpose,
    ) -> Result<(Subject, LinkRow), IdentityError> {
        let ticket = MailTicket::parse(token).ok_or(IdentityError::Link)?;
        let keys = self.0.vault.system_key(LINK_KEY).await?;
        // Nothing is looked up for a link that was made up.
        if !keys.iter().any(|key| ticket.was_made_with(key)) {
            return Err(IdentityError::Link);
        }
        let found = store::link(&self.0.db, ticket.subject, ticket.id, ctx.now()).await?;
        let link = found.filter(|link| link.purpose == purpose.name());
        Ok((ticket.subject, link.ok_or(IdentityError::Link)?))
    }

    /// What a letter that was asked for says; `None` if there is nothing to send any more, or
    /// nowhere to send it.
    pub async fn letter(
        &self,
        ctx: &Ctx,
        asked: &AskedLetter,
    ) -> Result<Option<Letter>, IdentityError> {
        let subject = Subject::new(asked.tenant, asked.user);
        let Some(row) = store::account(&self.0.db, subject).await? else { return Ok(None) };
        if row.status == Status::Erasing.name() {
            return Ok(None);
        }
        let Some((_, to, verified)) = self.address(subject).await? else { return Ok(None) };
        let answers_someone = match asked.kind {
            LetterKind::VerifyEmail | LetterKind::ResetPassword | LetterKind::AddressKnown => true,
            LetterKind::NewDevice
            | LetterKind::FactorChanged
            | LetterKind::AccountClosing
            | LetterKind::EmergencyAccess
            | LetterKind::EmergencyReview => false,
        };
        // News about an account go to an address only if it is that of its person.
        if !verified && !answers_someone {
            return Ok(None);
        }
        let (token, until) = match asked.link {
            None => (None, row.erase_at),
            Some(id) => match store::link(&self.0.db, subject, id, ctx.now()).await? {
                None => return Ok(None),
                Some(link) => {
                    let mac = self.mac_of(subject, id).await?;
                    (Some(MailTicket::text(subject, id, &mac)), Some(link.expires_at))
                }
            },
        };
        let device = self.device_of(subject, asked.session).await?;
        let name = self.open_account(subject.tenant, row).await?.display_name;
        let at = Timestamp::from_micros(asked.at);
        let AskedLetter { kind, change, .. } = *asked;
        Ok(Some(Letter { to, name, kind, token, until, device, change, at }))
    }

    async fn device_of(
        &self,
        subject: Subject,
        session: Option<Uuid>,
    ) -> Result<Option<String>, IdentityError> {
        let Some(session) = session.map(SessionId::from_uuid) else { return Ok(None) };
        let Some(row) = store::device(&self.0.db, subject, session).await? else {
            return Ok(None);
        };
        let keys = self.0.vault.keyring(subject).await?;
        let client = super::names::open_client(&keys, session, row.client)?;
        // EXPOSE: only names of well-known programs come of it.
        let agent = client.user_agent.as_ref().map(|agent| agent.expose().as_str());
        Ok(Some(Family::of(agent).label()))
    }

    /// A link to hand to someone who cannot be written to, because no mail is sent here. Whoever
    /// has it can use it, so it is for administrators and operators, and the ledger says who got
    /// it; its person sees that among what happened to their account.
    pub async fn show_link(
        &self,
        ctx: &Ctx,
        subject: Subject,
        purpose: LinkPurpose,
    ) -> Result<ShownLink, IdentityError> {
        require_admin(ctx)?;
        let row = store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        if row.status != Status::Active.name() {
            return Err(IdentityError::Going);
        }
        let link = self.new_link(ctx, subject, purpose).await?;
        if purpose == LinkPurpose::VerifyEmail && link.name_id.is_none() {
            return Err(IdentityError::NotFound);
        }
        let mac = self.mac_of(subject, link.id).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let event = Event::new(&LINK_SHOWN, subject).detail("purpose", purpose.name());
        run_tx!(self.0.db, "identity.show_link", |tx| {
            store::add_link(tx, subject, &link, ctx.now());
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, IdentityError>(())
        })?;
        let token = MailTicket::text(subject, link.id, &mac);
        Ok(ShownLink { purpose, token, expires_at: link.expires_at })
    }
}
