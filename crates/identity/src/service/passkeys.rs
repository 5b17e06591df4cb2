//! Passkeys of a person: made, seen, named and removed.
//!
//! They are factors like the others: whoever adds one has just shown who they are, whoever
//! removes one does so by something else, and each change is told to the person.

use super::{
    Identity, as_person,
    factors::{Change, new_codes, put_codes},
    names::{PASSKEY_CREDENTIAL, PASSKEY_NAME},
    opening::Login,
    sessions::caller,
    step_up::{Given, Proof},
};
use crate::{
    actions::{PASSKEY_ADDED, PASSKEY_BEGUN, PASSKEY_REMOVED, PASSKEY_RENAMED, PASSKEYS_LISTED},
    error::IdentityError,
    factors::RecoveryCode,
    model::DisplayName,
    passkeys::{
        Ceremony, KEY, MOST, NewPasskey, OwnPasskey, PasskeyChallenge, Purpose, is_synced, refused,
    },
    store::{
        factors as factor_store, linked,
        passkeys::{self as store, Kept, PasskeyRow},
    },
};
use audit::Event;
use db::run_tx;
use kernel::{Coded, Ctx, Person, Phi, Secret, Subject};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;
use vault::{Keyring, Sealed};
use webauthn_rs::prelude::{Credential, Passkey, PasskeyRegistration, Webauthn};

/// What a passkey is called that its person gave no name.
const UNNAMED: &str = "Passkey";

/// A passkey with what it is checked by.
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) passkey: Passkey,
}

impl Identity {
    /// What checks passkeys, where there are any.
    pub(super) fn party(&self) -> Result<&Webauthn, IdentityError> {
        self.0.party.get().ok_or(IdentityError::PasskeysOff)
    }

    /// Asks a device to make a passkey; if wished, a device that is part of the machine.
    pub async fn begin_passkey(
        &self,
        ctx: &Ctx,
        on_this_machine: bool,
    ) -> Result<PasskeyChallenge, IdentityError> {
        let person = caller(ctx)?;
        let subject = person.subject;
        self.fresh(ctx).await?;
        let known = self.passkeys_of(subject).await?;
        if known.len() >= MOST {
            return Err(IdentityError::PasskeysFull);
        }
        let account = self.read_account(subject).await?;
        let login = account.email.as_ref().or(account.username.as_ref());
        // EXPOSE: the device shows them to the person whose names they are.
        let login = login.map_or("account", |name| name.expose().as_str());
        let shown = account.display_name.as_ref().map_or(login, |name| name.expose().as_str());
        let others = known.iter().map(|known| known.passkey.cred_id().clone()).collect();
        let user = subject.user.as_uuid();
        let begun = self.party()?.start_passkey_registration(user, login, shown, Some(others));
        let (options, state) = begun.map_err(|_| IdentityError::Unreadable("passkey"))?;
        let mut options = as_json(&options.public_key)?;
        wish(&mut options, on_this_machine);
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&PASSKEY_BEGUN, subject)).await?;
        self.question(ctx, purpose(person), options, state).await
    }

    /// What someone who has just logged in could make a first passkey with; nothing for those who
    /// have one, or where there are none.
    pub(crate) async fn first_passkey(
        &self,
        ctx: &Ctx,
        login: &Login,
    ) -> Result<Option<PasskeyChallenge>, IdentityError> {
        let subject = login.account.subject;
        if self.party().is_err() || self.factors_of(subject).await?.any() {
            return Ok(None);
        }
        let whose = (subject, login.session);
        let ctx = as_person(ctx, whose, login.account.roles, ctx.now());
        self.begin_passkey(&ctx, true).await.map(Some)
    }

    /// Keeps a passkey that a device has just made. Answers recovery codes too, if the person had
    /// none.
    pub async fn add_passkey(
        &self,
        ctx: &Ctx,
        new: &NewPasskey,
        (name, keep_others): (Option<&DisplayName>, bool),
    ) -> Result<(OwnPasskey, Option<Vec<RecoveryCode>>), IdentityError> {
        let person = caller(ctx)?;
        let subject = person.subject;
        let factors = self.fresh(ctx).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let asked = self.ceremony::<PasskeyRegistration>(ctx, &new.ticket, purpose(person)).await?;
        let made = self.party()?.finish_passkey_registration(&new.made, &asked.state);
        let made = match made.map_err(|error| refused(&error)) {
            Ok(made) => made,
            Err(error) => {
                let event = Event::new(&PASSKEY_ADDED, subject).denied(error.code());
                self.0.ledger.record_now(ctx, &keys, &event).await?;
                return Err(error);
            }
        };
        if self.passkeys_of(subject).await?.len() >= MOST {
            return Err(IdentityError::PasskeysFull);
        }
        let own = OwnPasskey {
            id: ctx.new_id(),
            name: name.map_or_else(|| Phi::new(UNNAMED.to_owned()), |name| name.text().clone()),
            synced: is_synced(&made),
            created_at: ctx.now(),
            used_at: None,
        };
        let ring = self.0.vault.keyring(subject).await?;
        let credential = seal_passkey(&ring, own.id, &made)?;
        let sealed_name = seal_name(&ring, &own)?;
        let sign_count = Credential::from(made).counter;
        let kept = Kept { id: own.id, credential: &credential, sign_count, now: ctx.now() };
        let codes = (factors.recovery_left == 0).then(|| new_codes(ctx));
        let result = run_tx!(self.0.db, "identity.add_passkey", |tx| {
            if !store::take_answer(tx, subject, asked.id, asked.expires_at()).await? {
                return Err(IdentityError::PasskeyLate);
            }
            store::add(tx, subject, &kept, &sealed_name);
            if let Some(codes) = &codes {
                put_codes(tx, ctx, subject, codes);
            }
            self.changed_factors(tx, ctx, (Change::PasskeyAdded, keep_others)).await?;
            let event = Event::new(&PASSKEY_ADDED, subject).resource(own.id);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        });
        self.0.live.changed(subject);
        result.map(|()| (own, codes))
    }

    /// The person's passkeys, oldest first.
    pub async fn passkeys(&self, ctx: &Ctx) -> Result<Vec<OwnPasskey>, IdentityError> {
        let subject = caller(ctx)?.subject;
        let rows = store::all(&self.0.db, subject).await?;
        let ring = self.0.vault.keyring(subject).await?;
        let own = rows.into_iter().map(|row| open_own(&ring, row)).collect::<Result<_, _>>()?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&PASSKEYS_LISTED, subject)).await?;
        Ok(own)
    }

    /// Gives a passkey another name.
    pub async fn rename_passkey(
        &self,
        ctx: &Ctx,
        id: Uuid,
        name: &DisplayName,
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let ring = self.0.vault.keyring(subject).await?;
        // EXPOSE: it is sealed.
        let name = ring.seal(&PASSKEY_NAME, id, name.text().expose().as_bytes())?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.rename_passkey", |tx| {
            if !store::rename(tx, subject, id, &name).await? {
                return Err(IdentityError::NotFound);
            }
            let event = Event::new(&PASSKEY_RENAMED, subject).resource(id);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        })
    }

    /// A passkey opens nothing any more. Another proof than itself is needed.
    pub async fn remove_passkey(
        &self,
        ctx: &Ctx,
        id: Uuid,
        (proof, keep_others): (&Proof, bool),
    ) -> Result<(), IdentityError> {
        let subject = caller(ctx)?.subject;
        let known = self.passkeys_of(subject).await?;
        if !known.iter().any(|known| known.id == id) {
            return Err(IdentityError::NotFound);
        }
        let keys = self.0.ledger.keys(ctx, subject).await?;
        let given = match self.another(ctx, None, proof).await.and_then(|given| not_by(given, id)) {
            Ok(given) => given,
            Err(error) => return Err(self.refused(ctx, &PASSKEY_REMOVED, error).await?),
        };
        // Recovery codes stand in for factors; without any there is nothing to stand in for.
        let last = known.len() == 1 && self.factors_of(subject).await?.totp_since.is_none();
        let outcome = run_tx!(self.0.db, "identity.remove_passkey", |tx| {
            let event = Event::new(&PASSKEY_REMOVED, subject).resource(id);
            if let Some(refused) = self.judge_given(tx, ctx, &given).await? {
                self.0.ledger.record(tx, ctx, &keys, &event.denied(refused.code()))?;
                return Ok(Err(refused));
            }
            crate::store::lock_account(tx, subject).await?.ok_or(IdentityError::NotFound)?;
            if !store::remove(tx, subject, id).await? {
                return Err(IdentityError::NotFound);
            }
            if linked::ways_in(tx, subject).await? == 0 {
                return Err(IdentityError::LastWayIn);
            }
            if last {
                factor_store::drop_recovery(tx, subject);
            }
            self.changed_factors(tx, ctx, (Change::PasskeyRemoved, keep_others)).await?;
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok(Ok(()))
        });
        given.settle(&outcome).await;
        self.0.live.changed(subject);
        outcome?
    }

    /// What a person's passkeys are checked by. Nothing is opened for those who have none.
    pub(super) async fn passkeys_of(&self, subject: Subject) -> Result<Vec<Known>, IdentityError> {
        let rows = store::all(&self.0.db, subject).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ring = self.0.vault.keyring(subject).await?;
        let open = |row: PasskeyRow| {
            Ok(Known { id: row.id, passkey: open_passkey(&ring, row.id, row.credential)? })
        };
        rows.into_iter().map(open).collect()
    }

    /// A question with its ticket.
    pub(super) async fn question<S: Serialize + DeserializeOwned>(
        &self,
        ctx: &Ctx,
        purpose: Purpose,
        options: Value,
        state: S,
    ) -> Result<PasskeyChallenge, IdentityError> {
        let keys = self.0.vault.system_key(KEY).await?;
        let asked = Ceremony::new(ctx.new_id(), purpose, state, ctx.now());
        let ticket = asked.text(&keys)?;
        Ok(PasskeyChallenge { ticket, options, expires_in: crate::passkeys::LIFE })
    }

    /// What was asked, as the client brings it back.
    pub(super) async fn ceremony<S: Serialize + DeserializeOwned>(
        &self,
        ctx: &Ctx,
        ticket: &Secret<String>,
        purpose: Purpose,
    ) -> Result<Ceremony<S>, IdentityError> {
        let keys = self.0.vault.system_key(KEY).await?;
        let asked = Ceremony::read(ticket, &keys, (purpose, ctx.now()));
        asked.ok_or(IdentityError::PasskeyLate)
    }
}

const fn purpose(person: &Person) -> Purpose {
    Purpose::Add(person.subject.user, person.session)
}

/// A passkey that a device can find without being told its name, so that nobody needs to type
/// theirs; the library asks for any.
fn wish(options: &mut Value, on_this_machine: bool) {
    let Some(selection) = options.get_mut("authenticatorSelection") else { return };
    let Some(selection) = selection.as_object_mut() else { return };
    selection.insert("residentKey".to_owned(), json!("required"));
    selection.insert("requireResidentKey".to_owned(), json!(true));
    if on_this_machine {
        selection.insert("authenticatorAttachment".to_owned(), json!("platform"));
    }
}

/// A passkey cannot vouch for its own removal.
fn not_by(given: Given, id: Uuid) -> Result<Given, IdentityError> {
    if given.passkey() == Some(id) { Err(IdentityError::SameFactor) } else { Ok(given) }
}

pub(super) fn as_json(value: &impl Serialize) -> Result<Value, IdentityError> {
    serde_json::to_value(value).map_err(|_| IdentityError::Unreadable("passkey"))
}

pub(super) fn seal_passkey(
    ring: &Keyring,
    id: Uuid,
    passkey: &Passkey,
) -> Result<Sealed, IdentityError> {
    let bytes = serde_json::to_vec(passkey).map_err(|_| IdentityError::Unreadable("passkey"))?;
    Ok(ring.seal(&PASSKEY_CREDENTIAL, id, &bytes)?)
}

fn open_passkey(ring: &Keyring, id: Uuid, sealed: Vec<u8>) -> Result<Passkey, IdentityError> {
    let plain = ring.open(&PASSKEY_CREDENTIAL, id, &Sealed::from_bytes(sealed))?;
    // EXPOSE: it is read to check what the device signs.
    serde_json::from_slice(plain.expose()).map_err(|_| IdentityError::Unreadable("passkey"))
}

fn seal_name(ring: &Keyring, own: &OwnPasskey) -> Result<Sealed, IdentityError> {
    // EXPOSE: it is sealed.
    Ok(ring.seal(&PASSKEY_NAME, own.id, own.name.expose().as_bytes())?)
}

fn open_own(ring: &Keyring, row: PasskeyRow) -> Result<OwnPasskey, IdentityError> {
    let passkey = open_passkey(ring, row.id, row.credential)?;
    let name = ring.open(&PASSKEY_NAME, row.id, &Sealed::from_bytes(row.name))?;
    let name = name.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (created_at, used_at) = (row.created_at, row.used_at);
    Ok(OwnPasskey { id: row.id, name, synced: is_synced(&passkey), created_at, used_at })
}
