//! Work that is handed over a door between crates.

use std::pin::Pin;

/// What a function answers whose callers are many and in other crates: work in a box, so that its
/// code exists once. That of a plain `async fn` is compiled anew into every caller.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
