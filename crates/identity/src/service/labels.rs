//! Accounts without personal data: a label and public keys, proven by signatures.
//!
//! Whether a label exists is told to whoever wants to take it, as with usernames, and to nobody
//! else: challenges are made for every label, and a proof that does not hold takes as long and is
//! answered alike, whatever the reason.

use super::{
    Closed, Identity, InviteCode, NewPerson,
    entering::{First, Second},
};
use crate::{
    actions::{ACCOUNT_CLOSED, LOGGED_IN, REGISTERED},
    error::{IdentityError, LABEL_PROOF_INVALID},
    factors::TypedCode,
    label::{Bound, Challenge, KeyAlgorithm, Label, Proof, answer, registration},
    limits::Factor,
    model::{GivenConsents, SessionKind, Status},
    service::Credentials,
    store::{self, LabelKeys},
};
use audit::Event;
use db::run_tx;
use httpkit::step_up::{FRESH, StepUp};
use kernel::{Acr, Ctx, Role, RoleSet, Secret, SessionId, Subject, TenantId, Timestamp, UserId};
use std::time::Duration;

/// The system key that challenges are made with.
pub(crate) const LABEL_KEY: &str = "identity.label_challenge";
/// How a person is recognised: by a key in software (RFC 8176).
const AMR: &str = "swk";

/// A label that someone wants to have.
pub struct NewLabel {
    /// As they wrote it.
    pub text: String,
    /// The same, checked.
    pub label: Label,
    /// The kind of key to sign with.
    pub algorithm: KeyAlgorithm,
    /// The public key to sign with.
    pub sign_key: Vec<u8>,
    /// The public key that others seal for.
    pub receive_key: Vec<u8>,
    /// The signature over both and the label.
    pub signature: Vec<u8>,
    /// Whether the terms were agreed to.
    pub terms: bool,
    /// An invitation, where one is needed.
    pub invite: Option<InviteCode>,
}

/// A signed challenge.
pub struct LabelProof {
    /// As they wrote it.
    pub text: String,
    /// The same, checked.
    pub label: Label,
    /// The kind of key it was signed with.
    pub algorithm: KeyAlgorithm,
    /// The challenge.
    pub challenge: String,
    /// The signature.
    pub signature: Vec<u8>,
    /// A code of the second factor, where the account has one.
    pub code: Option<TypedCode>,
}

/// Someone is logged in by a label.
pub struct LabelLogin {
    /// The log-in.
    pub session: SessionId,
    /// To be shown with every request; says nothing to whoever finds it.
    pub token: Secret<String>,
    /// How long the log-in lasts at most.
    pub max_age: Duration,
}

impl Identity {
    /// Makes an account of a label and its keys.
    pub async fn register_label(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        origin: &str,
        new: NewLabel,
    ) -> Result<UserId, IdentityError> {
        if !new.terms {
            return Err(IdentityError::TermsRequired);
        }
        let signed = registration(origin, &new.text, &new.sign_key, &new.receive_key);
        if !new.algorithm.holds(&new.sign_key, &signed, &new.signature) {
            return Err(IdentityError::LabelProof);
        }
        let newcomer = (Some(new.label.name()), new.invite.as_ref());
        let invited = self.admit_newcomer(ctx, tenant, newcomer).await?;
        let subject = Subject::new(tenant, ctx.new_id::<UserId>());
        // Keys first: they are made durably before anything is sealed with them.
        self.0.vault.keyring(subject).await?;
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        let given = GivenConsents { terms: true, ..GivenConsents::default() };
        let person = NewPerson { ctx, subject, ledger_keys: &ledger_keys, given };
        let roles = invited.as_ref().map_or(RoleSet::of(&[Role::User]), |by| by.roles);
        let keys =
            LabelKeys { algorithm: new.algorithm, sign: new.sign_key, receive: new.receive_key };
        let hash = new.label.hash(tenant);
        run_tx!(self.0.db, "identity.register_label", |tx| {
            if let Some(invited) = &invited {
                invited.accept(tx, ctx, tenant).await?;
            }
            if !store::add_label(tx, subject, (hash, &keys), ctx.now()).await? {
                return Err(IdentityError::LabelExists);
            }
            store::add_account(tx, subject, roles.bits(), ctx.now());
            self.0.consents.record(tx, &person).await?;
            self.0.ledger.record(tx, ctx, &ledger_keys, &Event::new(&REGISTERED, subject))?;
            Ok(subject.user)
        })
    }

    /// A challenge for this label, whether there is such a one or not. Nothing is stored.
    pub async fn challenge(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        origin: &str,
        label: &Label,
    ) -> Result<(String, Timestamp), IdentityError> {
        let keys = self.0.vault.system_key(LABEL_KEY).await?;
        let bound = Bound { origin, label: label.hash(tenant) };
        let challenge = Challenge::new(ctx.env(), keys.current()?, &bound);
        Ok((challenge.text(), challenge.until))
    }

    /// Logs in whoever signed the challenge with the key of the label.
    pub async fn log_in_label(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        origin: &str,
        proof: &LabelProof,
    ) -> Result<LabelLogin, IdentityError> {
        let (subject, challenge) = self.prove(ctx, (tenant, origin), Proof::LogIn, proof).await?;
        let first = First {
            subject,
            kind: SessionKind::Cookie,
            restore: false,
            amr: AMR.to_owned(),
            stronger: None,
            device: None,
            challenge: Some(challenge),
            vouched: None,
        };
        let second = match &proof.code {
            _ if !self.factors_of(subject).await?.any() => None,
            None => return Err(StepUp::needed(Acr::Mfa, FRESH).into()),
            Some(code) => {
                let factor = self.prepare(ctx, subject, code).await?;
                Some(Second { factor, ticket: None })
            }
        };
        let login = self.open(ctx, &first, second.as_ref()).await?;
        match login.credentials {
            Credentials::Cookie { value, max_age } => {
                Ok(LabelLogin { session: login.session, token: value, max_age })
            }
            Credentials::Tokens(_) => Err(IdentityError::Unreadable("kind of log-in")),
        }
    }

    /// Closes the account of whoever signed the challenge: all log-ins end now, and everything is
    /// erased after the time to change one's mind.
    pub async fn close_label(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        origin: &str,
        proof: &LabelProof,
    ) -> Result<Closed, IdentityError> {
        let (subject, challenge) = self.prove(ctx, (tenant, origin), Proof::Close, proof).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let erase_at = ctx.now().plus(self.0.config.undo());
        let closed = run_tx!(self.0.db, "identity.close_label", |tx| {
            let account = store::lock_account(tx, subject).await?;
            let active = account.is_some_and(|account| account.status == Status::Active.name());
            if !store::use_challenge(tx, challenge.nonce, challenge.until).await? || !active {
                return Err(IdentityError::LabelProof);
            }
            store::set_status(tx, subject, Status::Deleting, Some(erase_at));
            store::end_all(tx, subject, ctx.now());
            self.0.ledger.record(tx, ctx, &keys, &Event::new(&ACCOUNT_CLOSED, subject))?;
            Ok(Closed { erase_at })
        });
        self.0.live.changed(subject);
        closed
    }

    /// Whose label it is, if the signature and the challenge hold. The same work in every case.
    async fn prove(
        &self,
        ctx: &Ctx,
        (tenant, origin): (TenantId, &str),
        purpose: Proof,
        proof: &LabelProof,
    ) -> Result<(Subject, Challenge), IdentityError> {
        let hash = proof.label.hash(tenant);
        let tried = self.try_factor(ctx, Factor::Label, &hash, None).await?;
        let row = store::label(&self.0.db, tenant, hash).await?;
        let row = row.filter(|row| row.algorithm == proof.algorithm.name());
        let key = row.as_ref().map_or(proof.algorithm.nobody(), |row| row.sign_key.as_slice());
        let signed = answer(purpose, origin, &proof.challenge, &proof.text);
        let signature = proof.algorithm.holds(key, &signed, &proof.signature);
        let keys = self.0.vault.system_key(LABEL_KEY).await?;
        let bound = Bound { origin, label: hash };
        let challenge = Challenge::parse(&proof.challenge)
            .filter(|challenge| keys.iter().any(|key| challenge.holds(key, &bound, ctx.now())));
        let (Some(row), Some(challenge), true) = (row, challenge, signature) else {
            let whole = Subject::tenant_itself(tenant);
            let keys = self.0.ledger.keys(ctx, whole).await?;
            let event = Event::new(&LOGGED_IN, whole).denied(&LABEL_PROOF_INVALID);
            self.0.ledger.record_now(ctx, &keys, &event).await?;
            return Err(IdentityError::LabelProof);
        };
        tried.right().await;
        Ok((Subject::new(tenant, row.user_id.into()), challenge))
    }
}
