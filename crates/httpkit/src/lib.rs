//! The edge of the program: from HTTP to a caller and a request, and back to an answer.
//!
//! Owns what every endpoint needs and none should think about: who asks, how failures look, what
//! is refused before a handler runs, what is logged and counted, what the API document says.
//! Knows no slice; looks people up through the [`auth::Authenticator`] that `identity` provides.
//! Always holds: an answer carries the request id and the security headers, a failure has the one
//! body, and neither logs nor failures repeat anything that a client sent but its name for the
//! request. What is no HTTP at all, or has too large a head, is turned away before, without these.

pub mod auth;
mod bodies;
pub mod codes;
pub mod cookies;
pub mod crowd;
pub mod csrf;
pub mod ctx;
pub mod docs;
pub mod edge;
pub mod error;
pub mod etag;
pub mod extract;
pub mod headers;
pub mod idempotency;
pub mod limits;
pub mod observe;
pub mod openapi;
pub mod origin_lock;
pub mod origins;
pub mod proxy;
pub mod serve;
pub mod sse;
pub mod step_up;
pub mod testing;

pub use ctx::{
    Admin, Auditor, Caller, CrisisResponder, Fresh, FreshMfa, Helper, KeyHolder, LoggedIn,
    Overseer, Provider,
};
pub use edge::Edge;
pub use error::{ApiError, ApiResult, ErrorBody, Verbatim};
pub use etag::{IfMatch, MaybeIfMatch, Precondition, StaleVersion, WithEtag};
pub use extract::{Created, Form, Json, NoContent, Path, Query};
pub use openapi::{
    Access, Audit, Contract, OpenApiRouter, UnderContract, UtoipaMethodRouterExt, routes,
};
pub use serve::{ServeConfig, serve};
pub use step_up::{StepUp, require_acr};
