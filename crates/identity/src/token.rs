//! Access tokens: JWTs signed with Ed25519, for a quarter of an hour.
//!
//! A token names the log-in it belongs to and the refresh token it was issued with; both are
//! looked up at every request, so a token is worth nothing once its log-in has ended. What it
//! says about roles is for clients to read; the program itself asks the database.
//!
//! The verifier knows one algorithm and its own keys. Keys, addresses of keys and demands that a
//! token brings along make it invalid.

use crate::ticket::hash;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use kernel::{Acr, RoleSet, Secret, SessionId, Subject, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;
use vault::{SystemKey, SystemKeys, Vault, VaultError};

/// The system key that tokens are signed with.
pub(crate) const KEY: &str = "identity.access_token";
const TYPE: &str = "at+jwt";
const AUDIENCE: &str = "salus-api";
/// Clocks of two processes may differ by this much.
const SKEW: Duration = Duration::from_secs(5);
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Longer texts are not even read.
const LONGEST: usize = 4096;
/// More tokens than this are not remembered.
const REMEMBERED: usize = 10_000;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: UserId,
    pub(crate) tid: TenantId,
    pub(crate) sid: SessionId,
    /// The refresh token it was issued with.
    pub(crate) jti: Uuid,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) acr: String,
    pub(crate) amr: Vec<String>,
    pub(crate) auth_time: i64,
    pub(crate) roles: Vec<String>,
}

impl Claims {
    pub(crate) fn subject(&self) -> Subject {
        Subject::new(self.tid, self.sub)
    }

    /// How surely the person was recognised.
    pub(crate) fn acr(&self) -> Option<Acr> {
        let name = self.acr.strip_prefix("salus:")?;
        [Acr::Single, Acr::Mfa].into_iter().find(|acr| acr.name() == name)
    }

    /// When.
    pub(crate) fn auth_at(&self) -> Timestamp {
        Timestamp::from_micros(self.auth_time.saturating_mul(1_000_000))
    }
}

/// What a token is to say.
pub(crate) struct Grant<'a> {
    pub(crate) subject: Subject,
    pub(crate) session: SessionId,
    pub(crate) token: Uuid,
    pub(crate) acr: Acr,
    pub(crate) amr: &'a str,
    pub(crate) auth_at: Timestamp,
    pub(crate) roles: RoleSet,
}

/// An access token cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an access token cannot be signed")]
pub struct TokenError;

/// Why a token names nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error("not an access token of ours")]
    Invalid,
    #[error("the access token has expired")]
    Expired,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

struct KeyPairOf {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// A token whose signature was found good under this version of the key. Whether the version is
/// still good, and the time, are looked at anew for each request.
struct Verified {
    claims: Arc<Claims>,
    version: u32,
    key: [u8; 32],
}

/// Signs and verifies access tokens.
pub(crate) struct AccessTokens {
    vault: Vault,
    issuer: String,
    life: Duration,
    /// Parsed keys by the hash of their secret: the vault decides which of them count.
    parsed: Mutex<HashMap<[u8; 32], Arc<KeyPairOf>>>,
    /// By the hash of the token, so that a signature is checked once and not at every request.
    verified: Mutex<HashMap<[u8; 32], Verified>>,
    /// When the store was last asked for a newer key.
    asked: Mutex<Option<Timestamp>>,
}

impl AccessTokens {
    pub(crate) fn new(vault: Vault, issuer: String, life: Duration) -> Self {
        let (parsed, verified, asked) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { vault, issuer, life, parsed, verified, asked }
    }

    pub(crate) const fn life(&self) -> Duration {
        self.life
    }

    /// The keys for signing. Ask before a transaction is opened.
    pub(crate) async fn keys(&self) -> Result<SystemKeys, VaultError> {
        self.vault.system_key(KEY).await
    }

    /// Another process may have begun to sign with a new key. Made-up versions must not make us
    /// ask the store each time, so that is done once a second at most.
    async fn keys_with(&self, version: u32, now: Timestamp) -> Result<SystemKeys, VaultError> {
        let keys = self.keys().await?;
        let newest = keys.iter().map(SystemKey::version).max().unwrap_or_default();
        if version != newest.saturating_add(1) || !self.may_ask(now) {
            return Ok(keys);
        }
        self.vault.system_key_fresh(KEY).await
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let may = asked.is_none_or(|asked| now.since(asked) >= ASK_EVERY);
        if may {
            *asked = Some(now);
        }
        may
    }

    pub(crate) fn sign(
        &self,
        keys: &SystemKeys,
        grant: &Grant<'_>,
        now: Timestamp,
    ) -> Result<Secret<String>, TokenError> {
        self.sign_for(keys, grant, (now, self.life))
    }

    /// A token with a life of its own.
    pub(crate) fn sign_for(
        &self,
        keys: &SystemKeys,
        grant: &Grant<'_>,
        (now, life): (Timestamp, Duration),
    ) -> Result<Secret<String>, TokenError> {
        let key = keys.current().map_err(|_| TokenError)?;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: grant.subject.user,
            tid: grant.subject.tenant,
            sid: grant.session,
            jti: grant.token,
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            exp: now.plus(life).as_seconds(),
            acr: format!("salus:{}", grant.acr.name()),
            amr: grant.amr.split(' ').map(str::to_owned).collect(),
            auth_time: grant.auth_at.as_seconds(),
            roles: grant.roles.iter().map(|role| role.name().to_owned()).collect(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.version().to_string());
        let token = encode(&header, &claims, &self.pair(key)?.signing);
        token.map(Secret::new).map_err(|_| TokenError)
    }

    pub(crate) async fn verify(
        &self,
        token: &Secret<String>,
        now: Timestamp,
    ) -> Result<Arc<Claims>, VerifyError> {
        // EXPOSE: it has to be read to be checked.
        let token = token.expose().as_str();
        if token.len() > LONGEST {
            return Err(VerifyError::Invalid);
        }
        let name = hash(token.as_bytes());
        let claims = match self.remembered(&name).await? {
            Some(claims) => claims,
            None => self.check_signature(token, name, now).await?,
        };
        let (from, until) = (now.minus(SKEW).as_seconds(), now.plus(SKEW).as_seconds());
        if claims.nbf > until || claims.iat > until {
            return Err(VerifyError::Invalid);
        }
        if claims.exp <= from { Err(VerifyError::Expired) } else { Ok(claims) }
    }

    /// What a token says whose signature was checked before, if its key still counts.
    async fn remembered(&self, name: &[u8; 32]) -> Result<Option<Arc<Claims>>, VerifyError> {
        let found = {
            let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.get(name).map(|known| (Arc::clone(&known.claims), known.version, known.key))
        };
        let Some((claims, version, key)) = found else { return Ok(None) };
        let keys = self.keys().await?;
        // EXPOSE: only its hash is compared.
        let same = |now: &SystemKey| hash(now.secret().expose()) == key;
        Ok(keys.version(version).is_some_and(same).then_some(claims))
    }

    async fn check_signature(
        &self,
        token: &str,
        name: [u8; 32],
        now: Timestamp,
    ) -> Result<Arc<Claims>, VerifyError> {
        let version = key_version(token).ok_or(VerifyError::Invalid)?;
        let keys = self.keys_with(version, now).await?;
        let key = keys.version(version).ok_or(VerifyError::Invalid)?;
        let pair = self.pair(key).map_err(|_| VerifyError::Invalid)?;
        let decoded = decode::<Claims>(token, &pair.verifying, &self.validation());
        let claims = Arc::new(decoded.map_err(|_| VerifyError::Invalid)?.claims);
        // EXPOSE: only its hash is kept.
        let key = hash(key.secret().expose());
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
            verified.retain(|_, known| known.claims.exp > now.as_seconds());
        }
        if verified.len() >= REMEMBERED {
            verified.clear();
        }
        verified.insert(name, Verified { claims: Arc::clone(&claims), version, key });
        Ok(claims)
    }

    /// Times are compared by our own clock, not by the library's.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }

    fn pair(&self, key: &SystemKey) -> Result<Arc<KeyPairOf>, TokenError> {
        let seed = key.secret();
        // EXPOSE: only its hash is kept as a name.
        let name = hash(seed.expose());
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pair) = parsed.get(&name) {
            return Ok(Arc::clone(pair));
        }
        // EXPOSE: the libraries keep their own copies of the key.
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| TokenError)?;
        let document = pair.to_pkcs8v1().map_err(|_| TokenError)?;
        let pair = Arc::new(KeyPairOf {
            signing: EncodingKey::from_ed_der(document.as_ref()),
            verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        });
        parsed.insert(name, Arc::clone(&pair));
        Ok(pair)
    }
}

/// The key that a token names, if its header has just what ours have.
fn key_version(token: &str) -> Option<u32> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let kid = header.kid.clone()?;
    let mut ours = Header::new(Algorithm::EdDSA);
    ours.typ = Some(TYPE.to_owned());
    ours.kid = Some(kid.clone());
    if header != ours {
        return None;
    }
    let version = kid.parse::<u32>().ok()?;
    (version.to_string() == kid).then_some(version)
}

#[cfg(test)]
mod tests;
