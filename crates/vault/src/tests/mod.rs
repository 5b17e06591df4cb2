//! Tests that need more than one part of the crate, or its inside.

mod contracts;
mod people;
mod support;
