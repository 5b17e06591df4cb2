//! HTTP/1.1 to providers, and no more of it than they need.
//!
//! What always holds: a connection belongs to the exchange that uses it, and no task of its own
//! keeps it alive, so dropping the exchange closes the socket; only addresses that the provider
//! may have are connected to, whatever the name resolves to; redirects are not followed; every
//! wait has an end and every body a limit.

mod address;
mod connect;
mod exchange;
mod pool;

pub use address::Endpoint;
pub(crate) use exchange::Reply;
pub use pool::Limits;
pub(crate) use pool::Pool;
