//! What an administrator changes, without a new release.

use super::{Country, Hotlines, Line};
use crate::source::{Flaw, require};
use serde::{Deserialize, Serialize};

/// Changes to one country. A country that is not known is added; it then needs its name and
/// emergency numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Two letters, as in ISO 3166.
    pub code: String,
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
    /// New emergency numbers, instead of the old ones.
    #[serde(default)]
    pub emergency: Option<Vec<String>>,
    /// Lines that are put first, each instead of the one with its id.
    #[serde(default)]
    pub put: Vec<Line>,
    /// Lines that are taken out, by id.
    #[serde(default)]
    pub remove: Vec<String>,
}

impl Hotlines {
    /// These lines with changes applied in order. Nothing is applied if one does not fit.
    pub fn merged(&self, overrides: &[Override]) -> Result<Self, Flaw> {
        let mut merged = self.clone();
        for change in overrides {
            merged.apply(change)?;
        }
        merged.countries.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(merged)
    }

    fn apply(&mut self, change: &Override) -> Result<(), Flaw> {
        const FILE: &str = "override";
        let known = self.countries.iter().position(|country| country.code == change.code);
        let mut country = match known {
            Some(at) => self.countries.remove(at),
            None => Country {
                code: change.code.clone(),
                name: String::new(),
                emergency: Vec::new(),
                lines: Vec::new(),
            },
        };
        for id in &change.remove {
            let there = country.lines.iter().any(|line| line.id == *id);
            require(there, FILE, format!("{}.remove", change.code), "there is no such line")?;
        }
        country.lines.retain(|line| {
            !change.remove.contains(&line.id) && change.put.iter().all(|new| new.id != line.id)
        });
        country.lines.splice(0..0, change.put.iter().cloned());
        if let Some(name) = &change.name {
            country.name.clone_from(name);
        }
        if let Some(emergency) = &change.emergency {
            country.emergency.clone_from(emergency);
        }
        country.check(FILE)?;
        self.countries.push(country);
        Ok(())
    }
}
