//! The whole program inside a test: its own database, a clock that stands still, and requests
//! that go through everything a real one goes through but the network.

mod accounts_elsewhere;
mod app;
mod authenticator;
mod factors;
mod passkeys;

pub use accounts_elsewhere::{CameBack, provider};
pub use app::{Login, PASSWORD, TestApp};
pub use authenticator::Authenticator;
pub use factors::AuthenticatorApp;
pub use httpkit::testing::{Answer, Request};
pub use kernel::testing::ManualClock;
pub use passkeys::answer;
