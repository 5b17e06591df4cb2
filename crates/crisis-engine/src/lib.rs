//! Notices people in danger in what they write.
//!
//! This crate owns the rules of crisis detection (`data/crisis/rules`) and what runs them. It is
//! pure: text in, assessment out, the same on a server and, as WebAssembly, in a browser. It always
//! holds that every raised level names the rules that raised it, that nothing panics whatever is
//! written, and that the work is bounded by the length of the text. It keeps no text, and it
//! does not decide what is answered.

mod chunks;
mod clean;
mod compile;
mod concepts;
mod engine;
mod kind;
mod language;
pub mod learned;
mod lexer;
mod matcher;
mod model;
mod pattern;
mod rows;
mod rules;
mod ruleset;
mod scope;
mod score;
mod source;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use engine::{Engine, LONGEST, normalised};
pub use kind::Kind;
pub use language::Language;
pub use model::{
    ALERT, Assessment, Audience, IMMINENT, Memory, Message, Question, Role, SUPPORT, Turn,
};
pub use rules::{Examples, VERSION, examples, fingerprint};
pub use source::RuleError;
