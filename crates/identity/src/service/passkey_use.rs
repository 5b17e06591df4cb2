//! Passkeys used: to log in without a name, as a second factor, and to show again that it is you.
//!
//! A device releases a passkey only to whoever unlocks it, and says so in what it signs; nothing
//! less is taken. So a passkey counts for two factors: the device, and what unlocks it.

use super::{
    Identity,
    devices::DeviceId,
    entering::{First, Second},
    opening::Login,
    passkeys::{as_json, seal_passkey},
    second::Prepared,
    sessions::caller,
};
use crate::{
    error::IdentityError,
    factors::FactorKind,
    model::SessionKind,
    passkeys::{PasskeyAnswer, PasskeyChallenge, Purpose, refused},
    store::passkeys::{self as store, Kept, Use},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use db::Tx;
use kernel::{Coded, Ctx, Secret, Subject, TenantId, Timestamp, UserId};
use serde_json::{Value, json};
use uuid::Uuid;
use vault::Sealed;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey};

/// What someone brings who logs in with a passkey.
pub struct PasskeyLogin {
    /// What their device signed.
    pub answer: PasskeyAnswer,
    /// Whether a closed account is to be opened again.
    pub restore: bool,
    /// How they want to be logged in.
    pub kind: SessionKind,
    /// The cookie of a device that they were logged in on before.
    pub device: Option<Secret<String>>,
}

/// A passkey whose signature is right, still to be used up.
pub(super) struct Signed {
    pub(super) id: Uuid,
    question: Uuid,
    until: Timestamp,
    credential: Sealed,
    sign_count: u32,
}

const WRONG: IdentityError = IdentityError::FactorWrong(FactorKind::Passkey);

impl Identity {
    /// Asks whoever is there for a passkey of theirs. Nobody is named, so nothing is told.
    pub async fn ask_for_passkey(&self, ctx: &Ctx) -> Result<PasskeyChallenge, IdentityError> {
        self.ask_passkey(ctx, Purpose::LogIn, &[]).await
    }

    /// Asks the person for a passkey of theirs, to show again that it is them.
    pub async fn ask_to_confirm(&self, ctx: &Ctx) -> Result<PasskeyChallenge, IdentityError> {
        let person = caller(ctx)?;
        let known = self.passkeys_of(person.subject).await?;
        if known.is_empty() {
            return Err(IdentityError::FactorMissing);
        }
        let allowed: Vec<_> = known.into_iter().map(|known| known.passkey).collect();
        let purpose = Purpose::Confirm(person.subject.user, person.session);
        self.ask_passkey(ctx, purpose, &allowed).await
    }

    /// Asks someone whose first factor was right for a passkey of theirs, if they have any.
    pub(super) async fn ask_for_second(
        &self,
        ctx: &Ctx,
        subject: Subject,
        ticket: Uuid,
    ) -> Result<Option<PasskeyChallenge>, IdentityError> {
        let known = self.passkeys_of(subject).await?;
        if known.is_empty() || self.party().is_err() {
            return Ok(None);
        }
        let allowed: Vec<_> = known.into_iter().map(|known| known.passkey).collect();
        let purpose = Purpose::Second(subject.user, ticket);
        self.ask_passkey(ctx, purpose, &allowed).await.map(Some)
    }

    async fn ask_passkey(
        &self,
        ctx: &Ctx,
        purpose: Purpose,
        allowed: &[Passkey],
    ) -> Result<PasskeyChallenge, IdentityError> {
        let asked = self.party()?.start_discoverable_authentication();
        let (options, state) = asked.map_err(|_| IdentityError::Unreadable("passkey"))?;
        let mut options = as_json(&options.public_key)?;
        let named = |passkey: &Passkey| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(passkey.cred_id()) });
        let allowed: Vec<Value> = allowed.iter().map(named).collect();
        if let Some(options) = options.as_object_mut() {
            options.insert("allowCredentials".to_owned(), allowed.into());
        }
        self.question(ctx, purpose, options, state).await
    }

    /// Logs in with a passkey alone. Whatever is wrong with it, the answer is the same, but for a
    /// copied one.
    pub async fn log_in_with_passkey(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        request: &PasskeyLogin,
    ) -> Result<Login, IdentityError> {
        let result = self.enter_with_passkey(ctx, tenant, request).await;
        if let Err(
            error @ (IdentityError::FactorWrong(_)
            | IdentityError::PasskeyCopied
            | IdentityError::PasskeyLate),
        ) = &result
        {
            self.refuse_login(ctx, tenant, error.code()).await?;
        }
        result
    }

    async fn enter_with_passkey(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        request: &PasskeyLogin,
    ) -> Result<Login, IdentityError> {
        let PasskeyLogin { answer, restore, kind, device } = request;
        let named = self.party()?.identify_discoverable_authentication(&answer.signed);
        let (user, _) = named.map_err(|_| WRONG)?;
        let subject = Subject::new(tenant, UserId::from_uuid(user));
        let factor = self.prepare_passkey(ctx, subject, (Purpose::LogIn, answer)).await?;
        let device = device.as_ref();
        let device: Option<DeviceId> =
            self.known_device(ctx, tenant, Some(subject), device).await?;
        let (kind, restore) = (*kind, *restore);
        let first = First {
            subject,
            kind,
            restore,
            amr: String::new(),
            stronger: None,
            device,
            challenge: None,
            vouched: None,
        };
        self.open(ctx, &first, Some(&Second { factor, ticket: None })).await
    }

    /// Checks what a device of this person signed, as far as it can be checked without changing
    /// anything.
    pub(super) async fn prepare_passkey(
        &self,
        ctx: &Ctx,
        subject: Subject,
        (purpose, answer): (Purpose, &PasskeyAnswer),
    ) -> Result<Prepared, IdentityError> {
        let party = self.party()?;
        let asked =
            self.ceremony::<DiscoverableAuthentication>(ctx, &answer.ticket, purpose).await?;
        let (question, until) = (asked.id, asked.expires_at());
        if store::is_answered(&self.0.db, subject, question).await? {
            return Err(IdentityError::PasskeyLate);
        }
        let named = answer.signed.get_user_unique_id();
        if answer.is_embedded()
            || named.is_some_and(|user| user != subject.user.as_uuid().as_bytes())
        {
            return Err(WRONG);
        }
        let known = self.passkeys_of(subject).await?.into_iter();
        let signer = answer.signed.get_credential_id();
        let mut known = known.filter(|known| known.passkey.cred_id().as_slice() == signer);
        let mut known = known.next().ok_or(WRONG)?;
        let checked = party.finish_discoverable_authentication_v2(
            &answer.signed,
            asked.state,
            &known.passkey,
        );
        let checked = checked.map_err(|error| refused(&error))?;
        if !checked.user_verified() {
            return Err(WRONG);
        }
        known.passkey.update_credential(&checked);
        let ring = self.0.vault.keyring(subject).await?;
        let credential = seal_passkey(&ring, known.id, &known.passkey)?;
        let sign_count = checked.counter();
        Ok(Prepared::Passkey(Signed { id: known.id, question, until, credential, sign_count }))
    }

    /// Uses the passkey and the question up; says why not, if either is not good any more.
    pub(super) async fn use_passkey(
        &self,
        tx: &mut Tx,
        (ctx, subject): (&Ctx, Subject),
        signed: &Signed,
    ) -> Result<Option<IdentityError>, IdentityError> {
        if !store::take_answer(tx, subject, signed.question, signed.until).await? {
            return Ok(Some(IdentityError::PasskeyLate));
        }
        let Signed { id, sign_count, .. } = *signed;
        let kept = Kept { id, credential: &signed.credential, sign_count, now: ctx.now() };
        Ok(match store::used(tx, subject, &kept).await? {
            Use::Used => None,
            Use::Gone => Some(WRONG),
            Use::Copied => Some(IdentityError::PasskeyCopied),
        })
    }
}
