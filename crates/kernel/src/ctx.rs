//! The context of a piece of work: who asks, under which request, and the world it runs in.

use crate::{
    actor::{Actor, Person, Purpose},
    error::{ErrorCode, common},
    ids::Subject,
    rng::{Rng, SystemRng},
    time::{Clock, SystemClock, Timestamp},
};
use serde::Serialize;
use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};
use uuid::Uuid;

/// What differs between a test and the real world.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Env {
    /// This clock and this randomness.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { clock, rng }
    }

    /// The machine's own.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRng))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes fit for keys.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// Fills `out` with random bytes fit for keys.
    pub fn fill(&self, out: &mut [u8]) {
        self.rng.fill(out);
    }

    /// A new id, later in order than those of earlier milliseconds.
    #[must_use]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(
            uuid::Builder::from_unix_timestamp_millis(self.now().as_millis(), &self.random())
                .into_uuid(),
        )
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// The name of one request, to find it again in logs and in the ledger.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A new one.
    #[must_use]
    pub fn random(env: &Env) -> Self {
        Self(env.new_id::<Uuid>().to_string().into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text may not name a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request id has 8 to 64 letters, digits, dots, dashes or underscores")]
pub struct RequestIdError;

impl FromStr for RequestId {
    type Err = RequestIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if (8..=64).contains(&text.len()) && text.bytes().all(harmless) {
            Ok(Self(text.into()))
        } else {
            Err(RequestIdError)
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a request came from. Personal data: it goes into sealed audit details only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client, as far as trusted proxies tell.
    pub ip: Option<IpAddr>,
    /// What the client calls itself, cut to 256 bytes.
    pub user_agent: Option<Arc<str>>,
}

/// Who asks, under which request, and the world it runs in.
#[derive(Clone)]
pub struct Ctx {
    env: Env,
    /// The request this work belongs to.
    pub request_id: RequestId,
    /// Who asks.
    pub actor: Actor,
    /// Why data is used.
    pub purpose: Purpose,
    /// Where the request came from.
    pub origin: Origin,
}

impl Ctx {
    /// The context of a request from outside.
    #[must_use]
    pub fn request(env: Env, request_id: RequestId, actor: Actor, origin: Origin) -> Self {
        Self { env, request_id, actor, purpose: Purpose::SelfCare, origin }
    }

    /// The context of work that the program does by itself.
    #[must_use]
    pub fn system(env: Env, job: &'static str) -> Self {
        let request_id = RequestId::random(&env);
        let actor = Actor::System(job);
        Self { env, request_id, actor, purpose: Purpose::Operations, origin: Origin::default() }
    }

    /// The context of a command that someone runs at the machine.
    #[must_use]
    pub fn operator(env: Env) -> Self {
        Self { actor: Actor::Operator, ..Self::system(env, "operator") }
    }

    /// The same request for another purpose.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// The world it runs in.
    #[must_use]
    pub const fn env(&self) -> &Env {
        &self.env
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// A new id.
    #[must_use]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.env.new_id()
    }

    /// The person who asks, or the code to answer nobody with.
    pub fn person(&self) -> Result<&Person, &'static ErrorCode> {
        match &self.actor {
            Actor::Person(person) => Ok(person),
            Actor::Anonymous | Actor::System(_) | Actor::Operator => Err(&common::AUTH_REQUIRED),
        }
    }

    /// The person who asks, as the one whose data it is.
    pub fn own_subject(&self) -> Result<Subject, &'static ErrorCode> {
        self.person().map(|person| person.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_from_outside_are_short_and_harmless() {
        assert!("req-12345678".parse::<RequestId>().is_ok());
        for bad in ["", "short", "with space 123", "line\nbreak-123", &"x".repeat(65)] {
            assert_eq!(bad.parse::<RequestId>(), Err(RequestIdError), "{bad:?}");
        }
    }

    #[test]
    fn new_ids_are_ordered_by_time() {
        struct At(i64);
        impl Clock for At {
            fn now(&self) -> Timestamp {
                Timestamp::from_micros(self.0)
            }
        }
        let id_at = |millis: i64| -> Uuid {
            Env::new(Arc::new(At(millis * 1000)), Arc::new(SystemRng)).new_id()
        };
        assert_eq!(id_at(1).get_version_num(), 7);
        assert!((1..100).all(|millis| id_at(millis) < id_at(millis + 1)));
    }
}
