//! How a person wants to be met: types that can only hold what is allowed.

use crate::model::DisplayName;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device is set.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Kilograms or pounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Kilograms, centimetres, degrees Celsius.
    Metric,
    /// Pounds, inches, degrees Fahrenheit.
    Imperial,
}

/// The first day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    /// Monday.
    Monday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// What a person prefers. What is left out is decided by the app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Light or dark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// The size of texts in percent, 50 to 300.
    #[serde(alias = "textSize", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 50, maximum = 300)]
    pub text_size: Option<u16>,
    /// Less movement on the screen.
    #[serde(alias = "reduceMotion", skip_serializing_if = "Option::is_none")]
    pub reduce_motion: Option<bool>,
    /// Units of measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
    /// The first day of a week.
    #[serde(alias = "weekStart", skip_serializing_if = "Option::is_none")]
    pub week_start: Option<WeekStart>,
}

/// Where a person lives and which language they read. As it is sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// A language tag: `en`, `pt-BR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Two letters: `DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The name of a zone: `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What the person prefers.
    pub preferences: Preferences,
}

/// Which part of a profile does not fit, and what would.
pub type Misfit = &'static str;

impl Place {
    /// Holds if every part can be what it says.
    pub fn check(&self) -> Result<(), Misfit> {
        let fits = |text: &Option<String>, rule: fn(&str) -> bool| text.as_deref().is_none_or(rule);
        if !fits(&self.locale, is_locale) {
            return Err("locale: a language tag such as en or pt-BR");
        }
        if !fits(&self.country, is_country) {
            return Err("country: two capital letters such as DE");
        }
        if !fits(&self.time_zone, is_zone) {
            return Err("time_zone: the name of a zone such as Europe/Berlin");
        }
        match self.preferences.text_size {
            Some(size) if !(50..=300).contains(&size) => Err("preferences.text_size: 50 to 300"),
            Some(_) | None => Ok(()),
        }
    }
}

/// BCP 47 as far as one needs it: a language of two or three letters, then subtags.
fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    text.len() <= 35
        && (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_zone(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(part)
}

/// A profile to be written.
pub struct ProfileDraft {
    /// What the person wants to be called; `None` takes the name away.
    pub display_name: Option<DisplayName>,
    /// Everything else.
    pub place: Place,
}

/// A profile as its person sees it.
pub struct Profile {
    /// Everything but names.
    pub place: Place,
    /// Counts changes; 0 before the first.
    pub version: u64,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_there_fits() {
        for locale in ["en", "pt-BR", "zh-Hant-TW", "gsw"] {
            assert!(is_locale(locale), "{locale}");
        }
        for zone in ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"] {
            assert!(is_zone(zone), "{zone}");
        }
        assert!(is_country("DE"));
    }

    #[test]
    fn what_is_something_else_does_not() {
        for locale in ["", "e", "EN", "en_US", "en-", "<b>", "en-toolongsubtag"] {
            assert!(!is_locale(locale), "{locale}");
        }
        for zone in ["", "/", "Europe/", "../etc/passwd", "a/b/c/d", "Europe Berlin"] {
            assert!(!is_zone(zone), "{zone}");
        }
        assert!(!is_country("de") && !is_country("DEU"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_rules_fail(text in "\\PC{0,80}") {
            let place = Place {
                locale: Some(text.clone()),
                country: Some(text.clone()),
                time_zone: Some(text),
                ..Place::default()
            };
            prop_assert!(place.check().is_err());
        }
    }
}
