//! The whole program inside a test: its own database, a clock that stands still, and requests
//! that go through everything a real one goes through but the network.

mod app;
mod authenticator;
mod clock;
mod factors;
mod passkeys;
mod request;

pub use app::{Login, PASSWORD, TestApp};
pub use authenticator::Authenticator;
pub use clock::ManualClock;
pub use factors::AuthenticatorApp;
pub use passkeys::answer;
pub use request::{Answer, Request};
