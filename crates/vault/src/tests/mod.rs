//! Tests that need more than one part of the crate, or its inside.

mod chunks;
mod concurrency;
mod contracts;
mod key_files;
mod people;
mod properties;
mod rotation;
mod shredding;
mod support;
mod system;
mod vectors;
mod wycheproof;
