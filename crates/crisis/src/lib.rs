//! Help for people in danger: what a message says about it, what to answer, and whom to turn to.
//!
//! Owns the way from words to help: the engine that looks at them, the policy that answers, the
//! lines of each country with what an installation changes about them ([`lines`], with
//! `crisis_lines`); the question of the next time ([`follow_up`], with `crisis_follow_ups`); a second
//! opinion by a model ([`opinion`], with `crisis_opinions`); and the way to a human ([`team`]), with
//! `crisis_cases` and `crisis_counts`.
//!
//! What always holds: looking and answering need no database, no network, no model, no agreement
//! and no allowance, and keep nothing; what is answered is fixed, reviewable text; a model can raise
//! and never lower, and nothing waits for it; only the person asks for a human, and knows what that
//! human reads; counters know nobody.
//!
//! What it does not do: it does not diagnose or predict, and it hears of nothing that nobody shows
//! to it.

mod api;
mod attention;
pub mod follow_up;
pub mod lines;
mod look;
mod notice;
pub mod opinion;
mod protocol;
mod tally;
pub mod team;
#[cfg(test)]
mod tests;
mod views;

pub use api::routes;
pub use attention::{Attention, Attentive, Whereabouts, whatever_happens};
pub use care::responses::Level;
pub use follow_up::FollowUps;
pub use lines::CrisisLines;
pub use look::{Looked, Lookout, LookoutError, Said};
pub use notice::{CRISIS_NOTICED, Found, NOTICED_TOPIC, Noticed, Source, notice};
pub use team::{CrisisTeam, Nobody, NotTold, Outside};
pub use views::{FixedAnswer, Resources};

/// Every action of this crate.
pub static ACTIONS: &[&[&audit::Action]] =
    &[notice::ACTIONS, lines::ACTIONS, follow_up::ACTIONS, team::ACTIONS];

/// Every statement of this crate.
pub static STATEMENTS: &[&[&db::Statement]] = &[
    lines::STATEMENTS,
    follow_up::STATEMENTS,
    opinion::STATEMENTS,
    team::STATEMENTS,
    team::COUNT_STATEMENTS,
];

/// Every sealed column of this crate.
pub static COLUMNS: &[&vault::Column] = &[&team::CASE_BODY, &follow_up::FOLLOW_UP_BODY];

/// Every error code of this crate.
pub static CODES: &[&[&kernel::ErrorCode]] = &[lines::CODES, team::CODES];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![66 => "0066_crisis_team", 68 => "0068_crisis_lines", 69 => "0069_crisis_follow_ups", 85 => "0085_crisis_opinions"];
