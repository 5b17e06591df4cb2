//! Help for people in danger: what a message says about it, what to answer, and whom to turn to.
//!
//! Owns the way from words to help: the engine that looks at them, the policy that answers, the
//! lines of each country; and the way to a human ([`team`]), with `crisis_cases` and
//! `crisis_counts`.
//!
//! What always holds: looking and answering need no database, no network, no model, no agreement
//! and no allowance, and keep nothing; what is answered is fixed, reviewable text; only the person
//! asks for a human, and knows what that human reads; counters know nobody.
//!
//! What it does not do: it does not diagnose or predict, and it hears of nothing that nobody shows
//! to it.

mod api;
mod attention;
mod look;
mod notice;
mod protocol;
pub mod team;
mod views;

pub use api::routes;
pub use attention::{Attention, Attentive, Whereabouts, whatever_happens};
pub use care::responses::Level;
pub use look::{Looked, Lookout, LookoutError, Said};
pub use notice::{CRISIS_NOTICED, NOTICED_TOPIC, Noticed, Source, notice};
pub use team::{CODES, COLUMNS, CrisisTeam};
pub use views::{FixedAnswer, Resources};

/// Every action of this crate.
pub static ACTIONS: &[&[&audit::Action]] = &[notice::ACTIONS, team::ACTIONS];

/// Every statement of this crate.
pub static STATEMENTS: &[&[&db::Statement]] = &[team::STATEMENTS, team::COUNT_STATEMENTS];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![66 => "0066_crisis_team"];
