//! A human: whoever asks for one waits in a queue that the crisis team works through.
//!
//! What always holds: only the person who needs it asks, in knowledge of what is passed on; what
//! they wrote is read by the one responder who took the case, and nobody elsewhere; two never take the same; everything
//! is recorded; counters know nobody.

mod api;
mod counts;
mod error;
mod escalate;
mod jobs;
mod model;
mod outside;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use counts::{Count, Report, STATEMENTS as COUNT_STATEMENTS};
pub use error::{CASE_INVALID, CASE_TAKEN, CODES, TeamError};
pub use jobs::jobs;
pub use model::{Asked, Case, CaseId, Note, Opened, State, Waiting};
pub use outside::{Nobody, NotTold, Outside};
pub use service::{ACTIONS, CrisisTeam};
pub use store::{CASE_BODY, COLUMNS, STATEMENTS};
