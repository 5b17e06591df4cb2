//! What identity promises, on both databases.

mod bed;
mod closing;
mod enumerating;
mod factors;
mod guessing;
mod http;
mod inviting;
mod labels;
mod letters;
mod logging_in;
mod people;
mod provider_logouts;
mod providers;
mod refreshing;
mod registering;
mod running;
mod sessions;

pub(crate) use bed::{memory_vault, quick_passwords, schema};
