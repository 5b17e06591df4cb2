//! What only the whole program can show; each slice tests its own routes itself.

mod accounts_elsewhere;
mod browsers;
mod budgets;
mod chat;
mod compatible;
mod crisis;
mod erasure;
mod idempotency;
mod letters;
mod operators;
mod passkeys;
mod providers;
mod second_factors;
mod titles;
mod transfer;
mod withdrawal;
