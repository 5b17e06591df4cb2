//! Connections from this program to others, over TLS.
//!
//! What always holds: an address is judged after its name was resolved, and the one that was judged
//! is the one that is connected to, so that no name leads inside; roots are those of Mozilla and
//! nothing of the machine; redirects are not followed; every wait has an end and every body a limit.
//!
//! What it does not do: keep connections, repeat requests, or know what is said on them.

mod address;
mod breaker;
mod dial;
mod fetch;
mod place;

pub use address::Reach;
pub use breaker::Breaker;
pub use dial::{DialError, Io, dial, tls_config};
pub use fetch::{Answer, FetchError, Fetcher, Limits};
pub use place::{Place, PlaceError};
