//! Help for people in danger: what a message says about it, what to answer, and whom to turn to.
//!
//! Owns the way from words to help: the engine that looks at them, the policy that answers, the
//! lines of each country. What always holds: it needs no database, no network, no model, no
//! agreement and no allowance, and keeps nothing; what is answered is fixed, reviewable text.
//!
//! What it does not do: it does not diagnose or predict, and it hears of nothing that nobody shows
//! to it.

mod api;
mod attention;
mod look;
mod notice;
mod views;

pub use api::routes;
pub use attention::{Attention, Attentive, Whereabouts, whatever_happens};
pub use care::responses::Level;
pub use look::{Looked, Lookout, LookoutError, Said};
pub use notice::{ACTIONS, CRISIS_NOTICED, NOTICED_TOPIC, Noticed, Source, notice};
pub use views::{FixedAnswer, Resources};
