//! A server of models for tests and measurements, over real connections, on a thread of its own.
//!
//! [`Mock::start`] takes a function from what is asked to a [`Script`] of bytes and waits, so that
//! every cut, silence and break can be made; [`faithful`] answers as a good server would, in the
//! dialects of OpenAI and Anthropic. It is never part of the product.

#![expect(clippy::indexing_slicing, reason = "a mock may stop at what it does not expect")]

mod faithful;
mod responses;
mod server;

pub use faithful::faithful;
pub use server::{Asked, Mock, Script, Step};
