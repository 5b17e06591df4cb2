//! The few words that the two databases spell differently. Nothing else in the program knows
//! which database it talks to.

use crate::statement::BulkType;
use std::borrow::Cow;

/// Which database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The one that scales out.
    Postgres,
}

impl Engine {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Token, SQLite's word, PostgreSQL's word.
const WORDS: &[(&str, &str, &str)] = &[
    ("{uuid}", "BLOB", "UUID"),
    ("{bytes}", "BLOB", "BYTEA"),
    ("{sealed}", "BLOB", "BYTEA"),
    ("{time}", "INTEGER", "BIGINT"),
    ("{int}", "INTEGER", "BIGINT"),
    ("{bool}", "INTEGER", "BOOLEAN"),
    ("{float}", "REAL", "DOUBLE PRECISION"),
    ("{strict}", " STRICT", ""),
    ("{for_update}", "", "FOR UPDATE"),
    ("{skip_locked}", "", "FOR UPDATE SKIP LOCKED"),
    ("{prefer_keys}", "NULL", "set_config('enable_seqscan', 'off', true)"),
    ("{greatest}", "MAX", "GREATEST"),
];

/// What the database calls the type of a column, in the words of the program.
pub(crate) fn column_type(engine: Engine, word: &str) -> Option<BulkType> {
    Some(match (engine, word.to_ascii_uppercase().as_str()) {
        (Engine::Sqlite, "INTEGER" | "BIGINT") | (Engine::Postgres, "BIGINT") => BulkType::Int,
        (_, "TEXT") => BulkType::Text,
        (Engine::Sqlite, "BLOB") | (Engine::Postgres, "BYTEA") => BulkType::Bytes,
        (Engine::Sqlite, "REAL") | (Engine::Postgres, "DOUBLE PRECISION") => BulkType::Float,
        (Engine::Postgres, "BOOLEAN") => BulkType::Bool,
        (Engine::Postgres, "UUID") => BulkType::Uuid,
        _ => return None,
    })
}

/// The text in the words of this database.
pub(crate) fn expand(text: &'static str, engine: Engine) -> Cow<'static, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut expanded = text.to_owned();
    for (token, sqlite, postgres) in WORDS {
        let word = match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        };
        expanded = expanded.replace(token, word);
    }
    Cow::Owned(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_words() {
        let text = "CREATE TABLE t (id {uuid}, at {time}){strict};";
        assert_eq!(expand(text, Engine::Sqlite), "CREATE TABLE t (id BLOB, at INTEGER) STRICT;");
        assert_eq!(expand(text, Engine::Postgres), "CREATE TABLE t (id UUID, at BIGINT);");
    }
}
