//! People by number, who are recognised by it.

use crate::auth::{AuthError, Authenticator};
use async_trait::async_trait;
use kernel::{
    Acr, Actor, Ctx, Env, Origin, Person, RequestId, RoleSet, Secret, SessionId, Subject, TenantId,
    Timestamp, UserId,
};
use uuid::Uuid;

/// What the person of this number may do.
pub type RolesOf = fn(u128) -> RoleSet;

/// A person by number; the same number is the same person.
#[must_use]
pub fn subject(number: u128) -> Subject {
    Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
}

/// Somebody who logged in just now.
#[must_use]
pub fn person(number: u128, roles: RolesOf, now: Timestamp) -> Person {
    Person {
        subject: subject(number),
        session: SessionId::from_uuid(Uuid::from_u128(number)),
        roles: roles(number),
        acr: Acr::Single,
        auth_time: now,
    }
}

/// What a use case gets that this actor asks.
#[must_use]
pub fn asks(env: &Env, actor: Actor) -> Ctx {
    Ctx::request(env.clone(), RequestId::random(env), actor, Origin::default())
}

/// A token is the number of the person it names.
pub(super) struct Numbers(pub(super) RolesOf);

#[async_trait]
impl Authenticator for Numbers {
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError> {
        // EXPOSE: a token that is no secret.
        let number = token.expose().parse().map_err(|_| AuthError::Required)?;
        Ok(person(number, self.0, ctx.now()))
    }

    async fn session(&self, _: &Ctx, _: &Secret<String>) -> Result<Person, AuthError> {
        Err(AuthError::Required)
    }

    fn withheld(&self, _: &Person) -> RoleSet {
        RoleSet::default()
    }
}
