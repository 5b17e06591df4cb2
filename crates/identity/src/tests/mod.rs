//! What identity promises, on both databases.

mod bed;
mod closing;
mod factors;
mod guessing;
mod http;
mod inviting;
mod labels;
mod letters;
mod logging_in;
mod people;
mod refreshing;
mod registering;
mod running;
mod sessions;

pub(crate) use bed::{memory_vault, quick_passwords, schema};
