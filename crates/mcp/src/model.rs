//! Servers and their tools, and the rules on them.

use aws_lc_rs::digest;
use kernel::{Secret, Timestamp, typed_id};
use outbound::{Place, PlaceError, Reach};
use serde_json::Value;
use std::fmt::Write;

typed_id! {
    /// A server of tools.
    ServerId
}

/// The most servers of one organisation.
pub const SERVERS: usize = 50;
/// The most tools of one server that are looked at.
pub const TOOLS: usize = 200;
/// The longest name of a server, in bytes.
pub const NAME_BYTES: usize = 20;
/// The longest address.
pub const URL_BYTES: usize = 500;
/// The longest key.
pub const KEY_BYTES: usize = 4_096;
/// The longest definition of a tool that may be allowed, in bytes.
pub const DEFINITION_BYTES: usize = 16 * 1024;
/// The longest name by which a model asks for a tool.
const ASKED_BYTES: usize = 64;

/// A rule that a server or a tool breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The name is not one.
    #[error("name: 1 to {NAME_BYTES} lower-case letters, digits and dashes")]
    Name,
    /// The address is too long.
    #[error("url: at most {URL_BYTES} bytes")]
    LongUrl,
    /// The address is one that this server may not have.
    #[error("url: {0}")]
    Url(#[from] PlaceError),
    /// The key is no key.
    #[error("key: 1 to {KEY_BYTES} letters, digits and signs without spaces")]
    Key,
    /// A tool is not there, or not as it was looked at.
    #[error("tools: each as the server describes it now")]
    Changed,
    /// A tool has a name or a description that no model can be told.
    #[error("tools: a name of letters, digits, dashes and underscores, and a short description")]
    Tool,
}

/// A server to be set up.
pub struct Draft {
    /// Its name here.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// Whether it is on a machine of ours.
    pub local: bool,
    /// Its key, if it wants one.
    pub key: Option<Secret<String>>,
}

impl Draft {
    /// Whether this can be set up at all.
    pub fn check(&self) -> Result<(), Invalid> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=NAME_BYTES).contains(&self.name.len()) || !self.name.bytes().all(letter) {
            return Err(Invalid::Name);
        }
        if self.url.len() > URL_BYTES {
            return Err(Invalid::LongUrl);
        }
        place(&self.url, self.local)?;
        // EXPOSE: only looked at.
        let fits = |key: &Secret<String>| {
            let key = key.expose();
            (1..=KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.key.as_ref().is_none_or(fits) { Ok(()) } else { Err(Invalid::Key) }
    }
}

/// Where a server answers.
pub fn place(url: &str, local: bool) -> Result<Place, PlaceError> {
    if local { Place::parse_inside(url) } else { Place::parse(url, Reach::Public) }
}

/// A tool as its server describes it: all of what the server says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition(Value);

impl Definition {
    /// What a server lists, if it is a tool at all.
    #[must_use]
    pub fn read(value: Value) -> Option<Self> {
        let name = value.get("name")?.as_str()?;
        value.get("inputSchema")?.as_object()?;
        (!name.is_empty()).then_some(Self(value))
    }

    /// Its name on its server.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &str {
        self.0.get("description").and_then(Value::as_str).unwrap_or_default()
    }

    /// The schema of its arguments.
    #[must_use]
    pub fn parameters(&self) -> &Value {
        self.0.get("inputSchema").unwrap_or(&Value::Null)
    }

    /// As it is stored: the names in each object are in order, so that the same is the same text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// What was stored.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::read(serde_json::from_str(text).ok()?)
    }

    /// A short text that is another one as soon as anything in the definition is.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, self.text().as_bytes());
        digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Whether a model can be told of it.
    pub fn check(&self, server: &str) -> Result<(), Invalid> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let fits = self.name().bytes().all(letter)
            && asked_as(server, self.name()).len() <= ASKED_BYTES
            && self.text().len() <= DEFINITION_BYTES;
        if fits { Ok(()) } else { Err(Invalid::Tool) }
    }
}

/// The name by which models ask for a tool of a server.
#[must_use]
pub fn asked_as(server: &str, tool: &str) -> String {
    format!("{server}__{tool}")
}

/// A server as it stands here, without its key.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// Whether it is on a machine of ours.
    pub local: bool,
    /// Whether it has a key.
    pub has_key: bool,
    /// When it was set up.
    pub created_at: Timestamp,
    /// Its tools that may be used.
    pub allowed: Vec<Definition>,
}

/// How a tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may be used.
    Allowed,
    /// It was allowed, and is described differently now: it may not be used.
    Changed,
    /// It was not allowed.
    New,
}

/// A tool as its server describes it now.
pub struct Seen {
    /// What it says.
    pub definition: Definition,
    /// How it stands.
    pub standing: Standing,
}

/// A tool that an administrator ticked.
pub struct Ticked {
    /// Its name on its server.
    pub name: String,
    /// The fingerprint of what the administrator saw.
    pub fingerprint: String,
}

impl Server {
    /// How a tool stands that it describes so.
    #[must_use]
    pub fn standing(&self, now: &Definition) -> Standing {
        match self.allowed.iter().find(|known| known.name() == now.name()) {
            Some(known) if known == now => Standing::Allowed,
            Some(_) => Standing::Changed,
            None => Standing::New,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft(name: &str, url: &str, local: bool) -> Draft {
        Draft { name: name.to_owned(), url: url.to_owned(), local, key: None }
    }

    #[test]
    fn a_server_has_a_name_and_an_address_that_it_may_have() {
        assert!(draft("notes-1", "https://tools.example/mcp", false).check().is_ok());
        assert!(draft("notes", "http://192.168.1.2:8000/mcp", true).check().is_ok());
        for (name, url, local) in [
            ("", "https://tools.example/mcp", false),
            ("Notes", "https://tools.example/mcp", false),
            ("a_b", "https://tools.example/mcp", false),
            ("a-name-that-is-too-long", "https://tools.example/mcp", false),
            ("notes", "http://tools.example/mcp", false),
            ("notes", "http://127.0.0.1/mcp", false),
            ("notes", "https://me@tools.example/mcp", false),
            ("notes", "file:///etc/passwd", true),
        ] {
            assert!(draft(name, url, local).check().is_err(), "{name} {url}");
        }
    }

    #[test]
    fn every_change_of_a_definition_is_another_fingerprint() {
        let schema = json!({"type": "object", "properties": {"a": {}, "b": {}}});
        let read = |value| Definition::read(value).unwrap();
        let first = read(json!({"name": "look", "description": "Looks", "inputSchema": schema}));
        let again = json!({"inputSchema": schema, "description": "Looks", "name": "look"});
        assert_eq!(first.fingerprint(), read(again).fingerprint(), "whatever the order");
        assert_eq!(Definition::from_text(&first.text()), Some(first.clone()));
        for other in [
            json!({"name": "look", "description": "Looks. ", "inputSchema": schema}),
            json!({"name": "look", "description": "Looks", "inputSchema": {"type": "object"}}),
            json!({"name": "look", "description": "Looks", "inputSchema": schema, "title": "x"}),
        ] {
            assert_ne!(read(other).fingerprint(), first.fingerprint());
        }
        assert!(Definition::read(json!({"name": "look"})).is_none());
        assert!(Definition::read(json!({"name": "", "inputSchema": {}})).is_none());
    }

    #[test]
    fn a_tool_has_a_name_that_models_can_write() {
        let named =
            |name: &str| Definition::read(json!({"name": name, "inputSchema": {}})).unwrap();
        assert_eq!(named("look_up").check("notes"), Ok(()));
        for name in ["look up", "löök", "look.up", &"x".repeat(60)] {
            assert_eq!(named(name).check("notes"), Err(Invalid::Tool), "{name}");
        }
    }
}
