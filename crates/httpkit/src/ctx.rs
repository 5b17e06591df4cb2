//! The caller of a request, as an argument of its handler.
//!
//! A layer of the edge runs before every handler and finds out who asks. The arguments [`Caller`],
//! [`LoggedIn`], [`Admin`] and their like then say in the handler's signature who may call it; a
//! handler without one of them knows nobody and can do nothing for anybody. Credentials are read
//! below `/api`, and below `/v1` keys and access tokens, but no cookies.

use crate::{
    auth::{
        AuthError, AuthMode, Authenticator, Credentials, Via, is_key, recognise, shown_to_foreign,
    },
    codes::ADMIN_REQUIRED,
    cookies::SessionCookie,
    error::ApiError,
    headers::{is_api, is_foreign},
    proxy::TrustedProxies,
    step_up::{FRESH, FRESH_SECONDS, StepUp, require_acr},
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header::USER_AGENT, request::Parts};
use kernel::{
    Acr, Actor, Ctx, Env, ErrorCode, Origin, Person, RequestId, Role, RoleSet, Secret, common,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use uuid::Uuid;

const USER_AGENT_BYTES: usize = 256;

/// What is needed to find out who asks.
#[derive(Clone)]
pub struct Identify {
    /// The world that each request's context carries.
    pub env: Env,
    /// Looks credentials up.
    pub authenticator: Arc<dyn Authenticator>,
    /// Which credentials count.
    pub mode: AuthMode,
    /// The session cookie.
    pub cookie: SessionCookie,
    /// Peers that may say where a request comes from.
    pub proxies: TrustedProxies,
}

/// What was found out about a request's sender.
#[derive(Clone)]
pub(crate) struct Identified {
    pub(crate) ctx: Ctx,
    pub(crate) via: Option<Via>,
    /// The personal key that was shown, if it was one.
    pub(crate) key: Option<Uuid>,
    pub(crate) failure: Option<AuthError>,
    /// Roles that the person has, and that wait for a second factor.
    withheld: RoleSet,
}

impl Identified {
    fn nobody(ctx: Ctx, failure: Option<AuthError>) -> Self {
        Self { ctx, via: None, key: None, failure, withheld: RoleSet::default() }
    }
}

/// Middleware: finds out who asks and leaves it for the handler's arguments.
pub(crate) async fn identify(
    identify: Arc<Identify>,
    mut request: Request,
    next: Next,
) -> Response {
    let ctx = identify.ctx(&request);
    let identified = if is_foreign(request.uri().path()) {
        identify.key_holder(ctx, shown_to_foreign(request.headers(), identify.mode)).await
    } else {
        let credentials = identify.credentials(&request);
        identify.who(ctx, credentials).await
    };
    request.extensions_mut().insert(Arc::new(identified));
    next.run(request).await
}

impl Identify {
    fn ctx(&self, request: &Request) -> Ctx {
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .cloned()
            .unwrap_or_else(|| RequestId::random(&self.env));
        let origin = self.origin(request);
        Ctx::request(self.env.clone(), request_id, Actor::Anonymous, origin)
    }

    fn credentials(&self, request: &Request) -> Credentials {
        // Pages, health checks and metrics are the same for everybody, and the health of the
        // program must not depend on looking anybody up.
        if is_api(request.uri().path()) {
            Credentials::from_headers(request.headers(), self.mode, self.cookie.name())
        } else {
            Credentials::default()
        }
    }

    async fn who(&self, ctx: Ctx, credentials: Credentials) -> Identified {
        match recognise(self.authenticator.as_ref(), &ctx, &credentials).await {
            Ok(Some((person, via))) => self.known(ctx, person, (via, None)),
            Ok(None) => Identified::nobody(ctx, None),
            Err(error) => Identified::nobody(ctx, Some(error)),
        }
    }

    /// No service sees a role that does not count yet.
    fn known(
        &self,
        mut ctx: Ctx,
        mut person: Person,
        (via, key): (Via, Option<Uuid>),
    ) -> Identified {
        let withheld = self.authenticator.withheld(&person);
        person.roles = person.roles.minus(withheld);
        ctx.actor = Actor::Person(person);
        Identified { ctx, via: Some(via), key, failure: None, withheld }
    }

    /// Whose key or access token it is.
    async fn key_holder(&self, ctx: Ctx, shown: Option<Secret<String>>) -> Identified {
        let found = match &shown {
            None => return Identified::nobody(ctx, None),
            Some(key) if is_key(key) => {
                self.authenticator.key(&ctx, key).await.map(|(person, key)| (person, Some(key)))
            }
            Some(token) => {
                self.authenticator.bearer(&ctx, token).await.map(|person| (person, None))
            }
        };
        match found {
            Ok((person, key)) => self.known(ctx, person, (Via::Bearer, key)),
            Err(error) => Identified::nobody(ctx, Some(error)),
        }
    }

    fn origin(&self, request: &Request) -> Origin {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Origin {
            ip: peer.map(|ConnectInfo(peer)| self.proxies.client(peer.ip(), request.headers())),
            user_agent: user_agent(request.headers()),
        }
    }
}

fn user_agent(headers: &HeaderMap) -> Option<Arc<str>> {
    // A header that `to_str` accepts is ASCII, so it can be cut anywhere.
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text.get(..USER_AGENT_BYTES).unwrap_or(text).into())
}

fn identified(parts: &Parts) -> Result<&Identified, ApiError> {
    parts
        .extensions
        .get::<Arc<Identified>>()
        .map(AsRef::as_ref)
        .ok_or_else(|| ApiError::new(&common::INTERNAL))
}

fn logged_in(parts: &Parts) -> Result<&Ctx, ApiError> {
    let identified = identified(parts)?;
    match (&identified.failure, &identified.ctx.actor) {
        (None, Actor::Person(_)) => Ok(&identified.ctx),
        (Some(failure), _) => Err(failure.clone().into()),
        (None, _) => Err(ApiError::new(&common::AUTH_REQUIRED)),
    }
}

fn with_any_role(parts: &Parts, roles: &[Role], code: &'static ErrorCode) -> Result<Ctx, ApiError> {
    let ctx = logged_in(parts)?;
    let person = ctx.person().map_err(ApiError::new)?;
    let one_of = |theirs: RoleSet| roles.iter().any(|role| theirs.contains(*role));
    if one_of(person.roles) {
        Ok(ctx.clone())
    } else if one_of(identified(parts)?.withheld) {
        Err(StepUp::needed(Acr::Mfa, FRESH).into())
    } else {
        Err(ApiError::new(code))
    }
}

/// Anyone, logged in or not. Credentials that do not hold count as none, so that someone with a
/// stale cookie can still log in; credentials that cannot be looked up are an error.
#[derive(Clone)]
pub struct Caller(pub Ctx);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let identified = identified(parts)?;
        match &identified.failure {
            Some(error @ AuthError::Unavailable(_)) => Err(error.clone().into()),
            Some(_) | None => Ok(Self(identified.ctx.clone())),
        }
    }
}

/// A person who is logged in.
#[derive(Clone)]
pub struct LoggedIn(pub Ctx);

impl<S: Send + Sync> FromRequestParts<S> for LoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        logged_in(parts).cloned().map(Self)
    }
}

/// A person who shows a personal key, or is logged in: with the key, if it was one. For routes
/// below `/v1`; elsewhere nobody's keys are looked at.
#[derive(Clone)]
pub struct KeyHolder {
    /// The person.
    pub ctx: Ctx,
    /// Which key of theirs.
    pub key: Option<Uuid>,
}

impl<S: Send + Sync> FromRequestParts<S> for KeyHolder {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let ctx = logged_in(parts)?.clone();
        Ok(Self { ctx, key: identified(parts)?.key })
    }
}

/// A person who proved with two factors, at most `SECONDS` ago, that it is them. Anyone else is
/// told so in the way of RFC 9470.
#[derive(Clone)]
pub struct FreshMfa<const SECONDS: u64>(pub Ctx);

impl<S: Send + Sync, const SECONDS: u64> FromRequestParts<S> for FreshMfa<SECONDS> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let ctx = logged_in(parts)?;
        require_acr(ctx, Acr::Mfa, Duration::from_secs(SECONDS))?;
        Ok(Self(ctx.clone()))
    }
}

/// A person who proved at most `SECONDS` ago that it is them, as surely as they can. `identity`
/// sees to the last: someone with a second factor is never recognised anew without it. Anyone else is told so in
/// the way of RFC 9470.
#[derive(Clone)]
pub struct Fresh<const SECONDS: u64 = FRESH_SECONDS>(pub Ctx);

impl<S: Send + Sync, const SECONDS: u64> FromRequestParts<S> for Fresh<SECONDS> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let ctx = logged_in(parts)?;
        require_acr(ctx, Acr::Single, Duration::from_secs(SECONDS))?;
        Ok(Self(ctx.clone()))
    }
}

macro_rules! role_arguments {
    ($($(#[$meta:meta])* $name:ident = [$($role:ident),+] else $code:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(pub Ctx);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
                with_any_role(parts, &[$(Role::$role),+], &$code).map(Self)
            }
        }
    )+};
}

role_arguments! {
    /// An administrator.
    Admin = [Admin] else ADMIN_REQUIRED;
    /// Someone who reads the ledger.
    Auditor = [Auditor] else common::FORBIDDEN;
    /// An administrator or someone who reads the ledger.
    Overseer = [Admin, Auditor] else common::FORBIDDEN;
    /// A clinician.
    Provider = [Provider] else common::FORBIDDEN;
    /// A clinician or someone who answers people in crisis.
    Helper = [Provider, CrisisResponder] else common::FORBIDDEN;
    /// Someone who answers people in crisis.
    CrisisResponder = [CrisisResponder] else common::FORBIDDEN;
}
