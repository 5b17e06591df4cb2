//! The words every other crate speaks: ids, time, randomness, who is asking, what went wrong,
//! and wrappers for values that must never be shown.
//!
//! Owns no I/O and knows neither a database nor HTTP. Whatever differs between a test and the
//! real world (clock, randomness) is a trait here and a parameter everywhere else.

mod actor;
mod ctx;
mod error;
mod ids;
mod page;
mod pending;
mod rng;
mod sensitive;
pub mod testing;
mod time;

pub use actor::{Acr, Actor, Person, Purpose, Role, RoleSet};
pub use ctx::{Ctx, Env, Origin, RequestId};
pub use error::{Coded, ErrorCode, ErrorKind, common};
pub use ids::{IdError, SHARDS, SessionId, ShardId, Subject, TenantId, UserId};
pub use page::{Cursor, CursorError, Page, PageSize};
pub use pending::Pending;
pub use rng::{Rng, SystemRng};
pub use sensitive::{Phi, Secret};
pub use time::{Clock, SystemClock, Timestamp};

#[doc(hidden)]
pub mod __private {
    //! What the exported macros need at their place of use.
    pub use serde;
    pub use uuid::Uuid;
}
