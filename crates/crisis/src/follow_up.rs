//! The next time: whoever was in danger is asked how they are when they come back, once.
//!
//! What always holds: the question is a fixed text, is asked one time after some hours and not
//! after weeks, and by nobody; a "no" for good is kept, and can be taken back; that there is
//! something to ask about is sealed for the person.

mod api;
mod jobs;
mod model;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub(crate) use jobs::ALERTED_TOPIC;
pub(crate) use jobs::Alerted;
pub use jobs::jobs;
pub use model::{Answer, Question};
pub use service::{ACTIONS, FollowUps};
pub(crate) use store::erase;
pub use store::{COLUMNS, FOLLOW_UP_BODY, STATEMENTS};
