//! The program: puts the crates together and nothing else.
//!
//! Owns configuration, the order of start and stop, the router and the commands. Holds no rule
//! of the product: those live in the slices.

mod alone;
pub mod app;
pub mod background;
pub mod backup;
pub mod commands;
pub mod config;
pub mod foreign;
pub mod forgery;
mod health;
pub mod idempotency;
pub mod logging;
pub mod models;
mod pages;
pub mod registry;
mod remembering;
pub mod router;
mod tools;
pub mod tunnel;
pub mod ui;
pub mod upkeep;
pub mod verdict;
pub mod web;
mod wiring;

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![
    50 => "0050_idempotency",
    76 => "0076_ledger_verdict",
];
