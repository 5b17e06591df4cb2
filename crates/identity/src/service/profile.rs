//! How a person wants to be met.

use super::{
    Identity,
    names::columns::{NAME, PROFILE},
    sessions::caller,
};
use crate::{
    actions::{PROFILE_CHANGED, PROFILE_READ},
    error::IdentityError,
    model::{Account, NameKind},
    profile::{Place, Profile, ProfileDraft},
    store::{self, ProfileRow, SealedName},
};
use audit::Event;
use db::run_tx;
use httpkit::{Precondition, StaleVersion};
use kernel::{Ctx, Phi, Subject};
use uuid::Uuid;
use vault::{Keyring, Sealed};

impl Identity {
    /// The account and the profile of the person who asks.
    pub async fn profile(&self, ctx: &Ctx) -> Result<(Account, Profile), IdentityError> {
        let subject = caller(ctx)?.subject;
        let found = self.read_profile(subject).await?;
        let account = self.read_account(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&PROFILE_READ, subject)).await?;
        Ok((account, found))
    }

    async fn read_profile(&self, subject: Subject) -> Result<Profile, IdentityError> {
        let Some(row) = store::profile(&self.0.db, subject).await? else {
            return Ok(Profile { place: Place::default(), version: 0, updated_at: None });
        };
        let keys = self.0.vault.keyring(subject).await?;
        Ok(Profile {
            place: open(&keys, row.profile)?,
            version: row.version.cast_unsigned(),
            updated_at: Some(row.updated_at),
        })
    }

    /// Writes the profile of the person who asks, if it is still as they know it.
    pub async fn put_profile(
        &self,
        ctx: &Ctx,
        known: &Precondition,
        draft: ProfileDraft,
    ) -> Result<(Account, Profile), IdentityError> {
        let subject = caller(ctx)?.subject;
        draft.place.check().map_err(IdentityError::Field)?;
        let version = self.read_profile(subject).await?.version;
        known.check(version)?;
        let keys = self.0.vault.keyring(subject).await?;
        let row = ProfileRow {
            version: version.cast_signed() + 1,
            profile: seal(&keys, &draft.place)?.into_bytes(),
            updated_at: ctx.now(),
        };
        let name = draft.display_name.as_ref().map(|name| {
            let id: Uuid = ctx.new_id();
            // EXPOSE: it is sealed.
            let sealed = keys.seal(&NAME, id, name.text().expose().as_bytes())?;
            Ok::<_, IdentityError>(SealedName { id, kind: NameKind::Display, sealed })
        });
        let name = name.transpose()?;
        let ledger_keys = self.0.ledger.keys(ctx, subject).await?;
        run_tx!(self.0.db, "identity.put_profile", |tx| {
            if !store::put_profile(tx, subject, &row).await? {
                return Err(IdentityError::Stale(StaleVersion));
            }
            store::drop_name(tx, subject, NameKind::Display);
            if let Some(name) = &name {
                store::add_name(tx, subject, name);
            }
            let event = Event::new(&PROFILE_CHANGED, subject);
            self.0.ledger.record(tx, ctx, &ledger_keys, &event)?;
            Ok(())
        })?;
        let account = self.read_account(subject).await?;
        let (version, updated_at) = (version + 1, Some(row.updated_at));
        Ok((account, Profile { place: draft.place, version, updated_at }))
    }
}

fn seal(keys: &Keyring, place: &Place) -> Result<Sealed, IdentityError> {
    let json = serde_json::to_vec(place).map_err(|_| IdentityError::Unreadable("profile"))?;
    let json = Phi::new(json);
    // EXPOSE: it is sealed.
    Ok(keys.seal(&PROFILE, keys.subject().user.as_uuid(), json.expose())?)
}

fn open(keys: &Keyring, sealed: Vec<u8>) -> Result<Place, IdentityError> {
    let id = keys.subject().user.as_uuid();
    let plain = keys.open(&PROFILE, id, &Sealed::from_bytes(sealed))?;
    // EXPOSE: it goes to the person whose profile it is.
    serde_json::from_slice(plain.expose()).map_err(|_| IdentityError::Unreadable("profile"))
}
