//! A provider of log-ins (OpenID Connect) for tests, over real connections, on a thread of its own.
//!
//! [`Mock`] does what a provider does towards a program: it says who it is, shows its keys, and gives
//! tokens for codes after it has checked secret, PKCE and where the browser was sent. What stands in
//! a token is up to the test, so that it can be told to lie. It has no pages: [`Mock::log_in`] stands
//! for a person who logs in there. It is never part of the product.

#![expect(clippy::expect_used, reason = "a mock may stop at what it does not expect")]

mod keys;
mod server;

pub use keys::{Algorithm, Header};
pub use server::{Back, CLIENT, Mock, SECRET};
