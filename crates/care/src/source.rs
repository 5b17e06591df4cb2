//! Reading the embedded files: typed, strict, and with errors that name file and field.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What is wrong with a content file. It names the place; the files hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {field}: {what}")]
pub struct Flaw {
    /// The file, as a path under `data/`.
    pub file: String,
    /// The field, as a path inside the file.
    pub field: String,
    /// What does not fit.
    pub what: String,
}

impl Flaw {
    pub(crate) fn new(file: &str, field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), field: field.into(), what: what.into() }
    }
}

/// A file's path under `data/` and its text.
pub(crate) type File = (&'static str, &'static str);

/// The files of a folder, built into the program.
macro_rules! embedded {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$((
            concat!($folder, "/", $name),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $folder, "/", $name)),
        )),+]
    };
}
pub(crate) use embedded;

pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Flaw> {
    let parsed = toml::Deserializer::parse(text)
        .map_err(|error| Flaw::new(file, "(syntax)", error.message()))?;
    serde_path_to_error::deserialize(parsed).map_err(|error| {
        Flaw::new(file, error.path().to_string(), error.inner().message().to_owned())
    })
}

/// Looks at one condition and says where it fails.
pub(crate) fn require(
    holds: bool,
    file: &str,
    field: impl Into<String>,
    what: impl Into<String>,
) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::new(file, field, what)) }
}

/// A sentence for people: there is one, on one line, with nothing left over at the ends.
pub(crate) fn require_text(text: &str, file: &str, field: impl Into<String>) -> Result<(), Flaw> {
    let fits = !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
    require(fits, file, field, "must be one line of text")
}

/// The form of our ids: lower case letters, digits and single dashes.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Where the content of a folder comes from and who has looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// What the folder holds.
    pub content: String,
    /// Counts up whenever a text changes.
    pub version: u32,
    /// The day of this version, `YYYY-MM-DD`.
    pub date: String,
    /// The licence of the texts.
    pub licence: String,
    /// The clinician who reviewed them, or that nobody has.
    pub reviewer: String,
    /// The day of that review.
    #[serde(default)]
    pub reviewed: Option<String>,
    /// What the texts rest on.
    pub sources: Vec<String>,
    /// What was considered and is not here, with the reason.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// What a reader must know.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What `reviewer` says as long as no clinician has looked.
pub const NOT_REVIEWED: &str = "not yet clinically reviewed";

impl Provenance {
    pub(crate) fn read((file, text): File) -> Result<Self, Flaw> {
        let own: Self = read(file, text)?;
        require_text(&own.content, file, "content")?;
        require(own.version > 0, file, "version", "counts from 1")?;
        require(is_day(&own.date), file, "date", "must be YYYY-MM-DD")?;
        require_text(&own.licence, file, "licence")?;
        require_text(&own.reviewer, file, "reviewer")?;
        let reviewed = own.reviewed.as_deref().is_some_and(is_day);
        require(
            reviewed == (own.reviewer != NOT_REVIEWED),
            file,
            "reviewed",
            "a reviewer has a day, and no reviewer has none",
        )?;
        require(!own.sources.is_empty(), file, "sources", "must not be empty")?;
        Ok(own)
    }
}

/// `YYYY-MM-DD`, without asking whether that month has that day.
pub(crate) fn is_day(text: &str) -> bool {
    let mut parts = text.split('-').map(|part| (part.len(), part.parse::<u16>()));
    matches!(
        (parts.next(), parts.next(), parts.next(), parts.next()),
        (Some((4, Ok(2000..=2199))), Some((2, Ok(1..=12))), Some((2, Ok(1..=31))), None)
    )
}

#[cfg(test)]
mod tests;
