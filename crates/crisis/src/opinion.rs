//! A second opinion: where the installation names a model for it and the person agreed to models,
//! one reads again what the rules saw no danger in.
//!
//! What always holds: help, answers and lines never wait for it; it can raise and never lower; of
//! what the model says one of five words is taken and nothing is shown; whoever did not agree is not
//! read; it has a time-out, limits and a breaker of its own; how often it differed is counted apart
//! from the rules, without anybody in it.
//!
//! What it does not do: it asks no model itself and knows none. Whoever implements [`Second`] does.

mod counts;
mod model;
mod service;

pub use counts::STATEMENTS;
pub(crate) use counts::{of_days, write_down};
pub use model::{Again, Asking, NoOpinion, Opinion, SECOND_RULE, SecondOpinion, Verdict};
pub(crate) use service::Door;
pub use service::{Opinions, Parts, Second};
