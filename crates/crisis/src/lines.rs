//! What an installation changes about crisis lines: adds, replaces and hides them, by country.
//!
//! What always holds: a change that does not fit is refused as a whole, and numbers have the form
//! of their country; a country never loses its emergency number; the lines are in the memory of
//! each process and in a file of the data directory, so that they are there while the database is
//! not, also where a process starts meanwhile; a stored change that does not
//! fit any more, after an update of the program, costs itself and no other line.

pub(crate) mod api;
mod copy;
mod error;
mod model;
mod service;
mod store;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use error::{CODES, CRISIS_LINES_INVALID, LinesError};
pub use model::Change;
pub use service::{ACTIONS, CrisisLines};
pub use store::STATEMENTS;
