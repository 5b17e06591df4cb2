//! Conversations with a companion: what was said, answers while they are written, and what they
//! cost.
//!
//! Owns conversations as trees of messages, the answers that are being written in this process,
//! each person's allowance and what was used. Models are asked through `llm`; danger is looked for
//! by whoever implements [`Guard`].
//!
//! What always holds: what was said is sealed; an answer has one end and is stored once, with its
//! part of the allowance settled in the same transaction; every message is looked at by the guard
//! before anything else happens, and help does not wait for allowance, model or database; what a
//! model has written so far is kept, however the answer ends; what goes to a provider elsewhere goes
//! through the gate that `providers` puts before it.
//!
//! What it does not do: it does not decide what help looks like, and it knows no provider.

mod api;
mod config;
mod envelope;
mod error;
mod guard;
mod jobs;
mod live;
mod memory;
mod model;
mod portable;
mod service;
mod store;
mod tool;

use std::time::Duration;
use vault::SystemSecret;

pub use api::routes;
pub use config::{AllowanceConfig, Budget, CompanionConfig, Limits, Remember, Titles, Tools};
pub use error::{
    ANSWER_NOT_RUNNING, BUDGET_USED_UP, CODES, CONVERSATION_FULL, CONVERSATION_NOT_FOUND,
    CompanionError, KEY_NOT_FOUND, KEY_SCOPE_MISSING, KEYS_FULL, MESSAGE_INVALID,
    MESSAGE_NOT_FOUND, PACE_EXCEEDED,
};
pub use guard::{Contact, Finding, Guard, Said};
pub use jobs::jobs;
pub use memory::{Recall, Recalled};
pub use model::{
    Author, Body, Conversation, ConversationId, Decided, Decision, Failure, Invalid, Message,
    MessageId, Notice, NoticeKind, Safety, Shown, State, Tally, ToolState, ToolUse,
};
pub use service::{ACTIONS, Asking, Companion, Opened, Parts, Remaining};
pub use store::{COLUMNS, STATEMENTS};
pub use tool::{RESULT_BYTES, Tool, ToolFailed, ToolSpec, Toolbox, Touches};

/// The secrets of the program that this crate finds things with.
pub const SECRETS: &[SystemSecret] = &[
    // What was told once is known by its hash alone.
    SystemSecret { name: service::HASH_KEY, keep: None },
    // An answer that is not found is asked for anew.
    SystemSecret { name: service::PLACE_KEY, keep: Some(Duration::ZERO) },
];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![
    62 => "0062_api_keys", 67 => "0067_budgets", 90 => "0090_companion", 91 => "0091_pictures",
    92 => "0092_tools"
];
