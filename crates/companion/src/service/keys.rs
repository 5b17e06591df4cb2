//! Personal keys: made, listed, revoked, and recognised when somebody shows one.

use super::{Companion, KEY_CREATED, KEY_REVOKED, KEYS_LISTED, Work};
use crate::{
    error::CompanionError,
    model::{ApiKey, Invalid, KEYS, KeyId, KeyLimits, NAME_CHARS, Scope, Scopes},
    store::{self, KEY_NAME, SealedKey},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consent::Action;
use db::run_tx;
use httpkit::auth::{AuthError, KEY_PREFIX};
use kernel::{Acr, Ctx, Person, Phi, RoleSet, Secret, Subject, TenantId, Timestamp, UserId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;
use vault::SystemKeys;

/// The secret of the program that hashes of keys are made with.
pub(crate) const HASH_KEY: &str = "companion.api_key";
/// How long what the database said of a key counts.
const FRESH: Duration = Duration::from_millis(500);
/// So many keys are remembered; beyond it all are looked up anew.
const REMEMBERED: usize = 20_000;
/// How often it is written down that a key is in use.
const NOTE_EVERY: Duration = Duration::from_mins(1);
const LONGEST_LIFE: Duration = Duration::from_hours(24 * 3_653);

/// A key to be made.
pub struct NewKey {
    /// What the person calls it.
    pub name: Phi<String>,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// What may be used with it.
    pub limits: KeyLimits,
}

/// What is known of a key that was shown.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) subject: Subject,
    pub(super) scopes: Scopes,
    pub(super) limits: KeyLimits,
    hash: [u8; 32],
    expires_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
    roles: RoleSet,
}

/// Keys that were found good a moment ago.
#[derive(Default)]
pub(super) struct KeyCache(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    keys: HashMap<KeyId, (Known, Timestamp)>,
    /// Goes up with every key that is revoked, so that nothing read before one is kept after it.
    changes: u64,
}

impl KeyCache {
    fn get(&self, id: KeyId, now: Timestamp) -> Result<Known, u64> {
        let state = self.lock();
        let fresh = |at: Timestamp| at <= now && now.since(at) < FRESH;
        match state.keys.get(&id) {
            Some((known, at)) if fresh(*at) => Ok(known.clone()),
            Some(_) | None => Err(state.changes),
        }
    }

    fn put(&self, id: KeyId, known: &Known, (before, now): (u64, Timestamp)) {
        let mut state = self.lock();
        if state.changes != before {
            return;
        }
        if state.keys.len() >= REMEMBERED {
            state.keys.clear();
        }
        state.keys.insert(id, (known.clone(), now));
    }

    fn forget(&self, id: KeyId) {
        let mut state = self.lock();
        state.changes += 1;
        state.keys.remove(&id);
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands in a key: whose it is, which, and its secret.
struct Shown {
    subject: Subject,
    id: KeyId,
    secret: Secret<[u8; 32]>,
}

impl Shown {
    fn text(&self) -> Secret<String> {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend(self.subject.tenant.as_uuid().as_bytes());
        bytes.extend(self.subject.user.as_uuid().as_bytes());
        bytes.extend(self.id.as_uuid().as_bytes());
        // EXPOSE: the person has to get it, this once.
        bytes.extend(self.secret.expose());
        let bytes = Secret::new(bytes);
        bytes.map(|bytes| format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    fn parse(text: &Secret<String>) -> Option<Self> {
        // EXPOSE: it has to be read to be compared.
        let text = text.expose().strip_prefix(KEY_PREFIX)?;
        let bytes = Secret::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (tenant, rest) = bytes.expose().split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (id, secret) = rest.split_first_chunk::<16>()?;
        let tenant = TenantId::from_uuid(Uuid::from_bytes(*tenant));
        let user = UserId::from_uuid(Uuid::from_bytes(*user));
        let secret = Secret::new(<[u8; 32]>::try_from(secret).ok()?);
        let id = KeyId::from_uuid(Uuid::from_bytes(*id));
        Some(Self { subject: Subject::new(tenant, user), id, secret })
    }

    fn hash(&self, keys: &SystemKeys) -> Result<[u8; 32], CompanionError> {
        // EXPOSE: only the hash leaves this function.
        Ok(keys.current()?.mac(&[self.id.as_uuid().as_bytes(), self.secret.expose()]))
    }

    /// Whether the hash was made of this key, with any version of the secret that is kept.
    fn matches(&self, keys: &SystemKeys, hash: &[u8; 32]) -> bool {
        // EXPOSE: only compared.
        let id = self.id.as_uuid();
        let parts: [&[u8]; 2] = [id.as_bytes(), self.secret.expose()];
        keys.iter().any(|key| key.is_mac(&parts, hash))
    }
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> AuthError {
    AuthError::Unavailable(Arc::new(error))
}

impl Companion {
    /// Makes a key. Its text is told this once.
    pub async fn create_key(
        &self,
        ctx: &Ctx,
        new: NewKey,
    ) -> Result<(ApiKey, Secret<String>), CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let NewKey { name, scopes, expires_at, limits } = new;
        let (name, scopes) = (key_name(name)?, Scopes::of(&scopes));
        if scopes.bits() == 0 {
            return Err(Invalid::NoScope.into());
        }
        let now = ctx.now();
        if expires_at.is_some_and(|end| end <= now || end > now.plus(LONGEST_LIFE)) {
            return Err(Invalid::Expiry.into());
        }
        let secret = Secret::new(ctx.env().random());
        let shown = Shown { subject: work.subject(), id: ctx.new_id(), secret };
        let hash = shown.hash(&self.0.vault.system_key(HASH_KEY).await?)?;
        // EXPOSE: goes nowhere but into the seal.
        let sealed = work.keyring.seal(&KEY_NAME, shown.id.as_uuid(), name.expose().as_bytes())?;
        let (created_at, used_at) = (now, None);
        let id = shown.id;
        let row =
            SealedKey { id, hash, scopes, limits, created_at, expires_at, used_at, name: sealed };
        let event = work.event_on(&KEY_CREATED, id);
        run_tx!(self.0.db, "companion.create_key", |tx| {
            if store::count_keys(tx, &work.access).await? >= KEYS {
                return Err(CompanionError::TooManyKeys);
            }
            store::insert_key(tx, &work.access, &row);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        })?;
        let key = ApiKey { id, name, scopes, limits, created_at, expires_at, used_at };
        Ok((key, shown.text()))
    }

    /// The caller's keys, the newest first.
    pub async fn list_keys(&self, ctx: &Ctx) -> Result<Vec<ApiKey>, CompanionError> {
        let work = self.begin(ctx, Action::Export).await?;
        let rows = store::list_keys(&self.0.db, &work.access, KEYS).await?;
        let keys = rows.iter().map(|row| open_key(&work, row)).collect::<Result<_, _>>()?;
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&KEYS_LISTED)).await?;
        Ok(keys)
    }

    /// Revokes a key: at once in this process, within half a second in every other.
    pub async fn revoke_key(&self, ctx: &Ctx, id: KeyId) -> Result<(), CompanionError> {
        let work = self.begin(ctx, Action::Delete).await?;
        let event = work.event_on(&KEY_REVOKED, id);
        let revoked = run_tx!(self.0.db, "companion.revoke_key", |tx| {
            if !store::delete_key(tx, &work.access, id).await? {
                return Err(CompanionError::NoKey);
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        // Also after a failure: whether the commit went through may be unknown.
        self.0.keys.forget(id);
        revoked
    }

    /// The person whose key this is, and which key; for the edge.
    pub async fn key_holder(
        &self,
        ctx: &Ctx,
        text: &Secret<String>,
    ) -> Result<(Person, Uuid), AuthError> {
        let shown = Shown::parse(text).ok_or(AuthError::Required)?;
        let known = self.known_key(ctx.now(), shown.subject, shown.id).await?;
        let keys = self.0.vault.system_key(HASH_KEY).await.map_err(unavailable)?;
        let Some(known) = known.filter(|known| shown.matches(&keys, &known.hash)) else {
            return Err(AuthError::Required);
        };
        if known.expires_at.is_some_and(|end| end <= ctx.now()) {
            return Err(AuthError::Expired);
        }
        self.note_use(ctx.now(), shown.id, &known).await?;
        let Known { subject, roles, .. } = known;
        // A key proves less than any log-in: nothing that wants a fresh proof takes it.
        let (session, auth_time) = (shown.id.as_uuid().into(), Timestamp::MIN);
        Ok((Person { subject, session, roles, acr: Acr::Single, auth_time }, shown.id.as_uuid()))
    }

    /// What is known of a key of this person; none if there is no such key, or their account is
    /// not active.
    pub(super) async fn known_key(
        &self,
        now: Timestamp,
        subject: Subject,
        id: KeyId,
    ) -> Result<Option<Known>, AuthError> {
        let before = match self.0.keys.get(id, now) {
            Ok(known) => return Ok((known.subject == subject).then_some(known)),
            Err(before) => before,
        };
        let row = store::shown_key(&self.0.db, subject, id).await.map_err(unavailable)?;
        let Some(row) = row else { return Ok(None) };
        let standing = self.0.accounts.standing(subject).await.map_err(unavailable)?;
        let Some(roles) = standing else { return Ok(None) };
        let SealedKey { hash, scopes, limits, expires_at, used_at, .. } = row;
        let known = Known { subject, scopes, limits, hash, expires_at, used_at, roles };
        self.0.keys.put(id, &known, (before, now));
        Ok(Some(known))
    }

    async fn note_use(&self, now: Timestamp, id: KeyId, known: &Known) -> Result<(), AuthError> {
        if known.used_at.is_some_and(|used| now.since(used) < NOTE_EVERY) {
            return Ok(());
        }
        store::note_use(&self.0.db, known.subject, id, now).await.map_err(unavailable)?;
        self.0.keys.forget(id);
        Ok(())
    }
}

fn key_name(name: Phi<String>) -> Result<Phi<String>, Invalid> {
    // EXPOSE: looked at, not kept.
    let words = name.expose();
    let fits = (1..=NAME_CHARS).contains(&words.chars().count())
        && !words.trim().is_empty()
        && !words.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(Invalid::KeyName) }
}

fn open_key(work: &Work, row: &SealedKey) -> Result<ApiKey, CompanionError> {
    let bytes = work.keyring.open(&KEY_NAME, row.id.as_uuid(), &row.name)?;
    // EXPOSE: becomes a name, which is as sensitive.
    let name = String::from_utf8(bytes.expose().clone()).map_err(|_| CompanionError::Damaged)?;
    let SealedKey { id, scopes, limits, created_at, expires_at, used_at, .. } = *row;
    Ok(ApiKey { id, name: Phi::new(name), scopes, limits, created_at, expires_at, used_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_format_of_keys_never_changes() {
        let text = format!("sk-salus-{}", URL_SAFE_NO_PAD.encode([7; 80]));
        let shown = Shown::parse(&Secret::new(text.clone())).unwrap();
        assert_eq!(shown.id.as_uuid(), Uuid::from_bytes([7; 16]));
        assert_eq!(shown.text().expose(), &text);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "(sk-salus-)?[A-Za-z0-9_-]{0,120}") {
            if let Some(shown) = Shown::parse(&Secret::new(text.clone())) {
                let again = shown.text();
                prop_assert_eq!(again.expose(), &text);
            }
        }
    }
}
