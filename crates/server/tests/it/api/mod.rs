//! What only the whole program can show; each slice tests its own routes itself.

mod accounts_elsewhere;
mod browsers;
mod budgets;
mod chat;
mod compatible;
mod crisis;
mod danger;
mod endings;
mod erasure;
mod idempotency;
mod letters;
mod mcp;
mod memory;
mod operators;
mod passkeys;
mod pictures;
mod providers;
mod second_factors;
mod second_opinion;
mod titles;
mod tools;
mod transfer;
mod withdrawal;
