//! The only files with SQL. They know sealed values and never what is in them.

mod allowance;
mod budget;
mod conversations;
mod keys;
mod messages;
mod pictures;

pub use allowance::DayOfModel as UsageOfDay;
pub(crate) use allowance::*;
pub(crate) use budget::*;
pub(crate) use conversations::*;
pub(crate) use keys::*;
pub(crate) use messages::*;
pub(crate) use pictures::*;

use consent::Access;
use db::{Statement, Tx, params};
use vault::KeyPurpose;

vault::columns! {
    /// Title and model.
    CONVERSATION_HEAD = ("companion_conversations", "head", KeyPurpose::clinical("companion"), 1);
    /// What was said.
    MESSAGE_BODY = ("companion_messages", "body", KeyPurpose::clinical("companion"), 1);
    /// A picture that came with it.
    MESSAGE_PICTURE = ("companion_pictures", "body", KeyPurpose::clinical("companion"), 1);
    /// What a person calls a key of theirs.
    KEY_NAME = ("companion_keys", "name", KeyPurpose::clinical("companion"), 1);
}

/// Every statement of this crate.
pub static STATEMENTS: &[&[&Statement]] = &[
    allowance::STATEMENTS,
    budget::STATEMENTS,
    conversations::STATEMENTS,
    keys::STATEMENTS,
    messages::STATEMENTS,
    pictures::STATEMENTS,
    erasure::STATEMENTS,
];

mod erasure {
    db::statements! { "companion.erasure";
        CONVERSATIONS = "DELETE FROM companion_conversations
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        MESSAGES = "DELETE FROM companion_messages
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        PICTURES = "DELETE FROM companion_pictures
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        ALLOWANCE = "DELETE FROM companion_allowance
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        PACE = "DELETE FROM companion_pace
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        KEYS = "DELETE FROM companion_keys
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        KEY_DAYS = "DELETE FROM companion_key_days
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        CALLS = "DELETE FROM companion_calls
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
        USAGE = "DELETE FROM companion_usage
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    }
}

/// Removes everything of this person.
pub(crate) fn erase(tx: &mut Tx, access: &Access) {
    for statement in erasure::STATEMENTS {
        tx.defer(statement, params![access.subject() =>]);
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn limit(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}
