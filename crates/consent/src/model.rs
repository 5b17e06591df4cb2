//! The rules of consent: what there is to agree to, what is needed for what, and what a ledger
//! says about the present.

use kernel::{Purpose, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What a person can agree to. The names are stored and part of the API.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentType {
    /// Using Salus at all.
    Terms,
    /// Storing and processing health data.
    HealthData,
    /// Giving data to a language model.
    AiInteraction,
    /// Showing data to other people.
    DataSharing,
    /// Being written to.
    Marketing,
}

impl ConsentType {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Terms, Self::HealthData, Self::AiInteraction, Self::DataSharing, Self::Marketing];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::HealthData => "health_data",
            Self::AiInteraction => "ai_interaction",
            Self::DataSharing => "data_sharing",
            Self::Marketing => "marketing",
        }
    }

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|consent| consent.name() == name)
    }

    /// Whether there can be no account without it.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Terms)
    }

    /// The version of the text that is shown to people now. Raise `minor` when the meaning stays
    /// the same, `major` when everybody has to be asked again; a test holds text and version
    /// together.
    #[must_use]
    pub const fn version_in_force(self) -> TextVersion {
        match self {
            // Since the second, a model may also look for danger in what is written elsewhere.
            Self::AiInteraction => TextVersion { major: 2, minor: 0 },
            Self::Terms | Self::HealthData | Self::DataSharing | Self::Marketing => {
                TextVersion { major: 1, minor: 0 }
            }
        }
    }

    /// The text that is shown to people now.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Terms => include_str!("../texts/terms.md"),
            Self::HealthData => include_str!("../texts/health_data.md"),
            Self::AiInteraction => include_str!("../texts/ai_interaction.md"),
            Self::DataSharing => include_str!("../texts/data_sharing.md"),
            Self::Marketing => include_str!("../texts/marketing.md"),
        }
    }

    /// The purposes that it is needed for.
    pub fn needed_for(self) -> impl Iterator<Item = Purpose> {
        const PURPOSES: [Purpose; 3] =
            [Purpose::SelfCare, Purpose::AiInteraction, Purpose::Treatment];
        PURPOSES.into_iter().filter(move |purpose| needs(*purpose, Action::Write).contains(&self))
    }
}

/// The version of a text: `major.minor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextVersion {
    /// Another one means something else.
    pub major: u16,
    /// Another one says the same in other words.
    pub minor: u16,
}

impl TextVersion {
    /// Whether agreeing to this version is agreeing to what is in force.
    #[must_use]
    pub const fn covers(self, in_force: Self) -> bool {
        self.major == in_force.major && self.minor <= in_force.minor
    }
}

impl fmt::Display for TextVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text was not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version looks like 1.0")]
pub struct TextVersionError;

impl FromStr for TextVersion {
    type Err = TextVersionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').ok_or(TextVersionError)?;
        let number = |part: &str| part.parse().map_err(|_| TextVersionError);
        let version = Self { major: number(major)?, minor: number(minor)? };
        if version.to_string() == text { Ok(version) } else { Err(TextVersionError) }
    }
}

impl Serialize for TextVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TextVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is done to a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Looking at it or making something of it.
    Read,
    /// Adding to it or changing it.
    Write,
    /// Removing it.
    Delete,
    /// Handing it over to the person.
    Export,
}

impl Action {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Export => "export",
        }
    }
}

/// What the program may do by itself to anyone's data: remove it when the account is erased.
pub const OPERATIONS: &[Action] = &[Action::Delete];

/// What must have been agreed to. Taking one's data away and deleting it are rights that nobody
/// has to agree to anything for, so they outlive every withdrawal.
#[must_use]
pub const fn needs(purpose: Purpose, action: Action) -> &'static [ConsentType] {
    match (action, purpose) {
        (Action::Delete | Action::Export, _)
        | (Action::Read | Action::Write, Purpose::Emergency | Purpose::Operations) => &[],
        (Action::Read | Action::Write, Purpose::SelfCare) => &[ConsentType::HealthData],
        (Action::Read | Action::Write, Purpose::AiInteraction) => {
            &[ConsentType::HealthData, ConsentType::AiInteraction]
        }
        (Action::Read | Action::Write, Purpose::Treatment) => {
            &[ConsentType::HealthData, ConsentType::DataSharing]
        }
    }
}

/// The newest line of a ledger about one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// Given or withdrawn.
    pub given: bool,
    /// The text it was about.
    pub version: TextVersion,
    /// When.
    pub at: Timestamp,
}

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsentStanding)]
pub enum Standing {
    /// Never asked for, or never given.
    Never,
    /// Given, and it counts.
    Given,
    /// Given to a text that meant something else.
    Outdated,
    /// Given once, and withdrawn.
    Withdrawn,
}

/// What a person's ledger says about the present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consented(BTreeMap<ConsentType, Latest>);

impl FromIterator<(ConsentType, Latest)> for Consented {
    fn from_iter<I: IntoIterator<Item = (ConsentType, Latest)>>(lines: I) -> Self {
        Self(lines.into_iter().collect())
    }
}

impl Consented {
    /// The newest line about this type.
    #[must_use]
    pub fn latest(&self, consent: ConsentType) -> Option<Latest> {
        self.0.get(&consent).copied()
    }

    /// Where this consent stands while this text is in force.
    #[must_use]
    pub fn standing(&self, consent: ConsentType, in_force: TextVersion) -> Standing {
        match self.latest(consent) {
            None => Standing::Never,
            Some(Latest { given: false, .. }) => Standing::Withdrawn,
            Some(line) if line.version.covers(in_force) => Standing::Given,
            Some(_) => Standing::Outdated,
        }
    }

    /// Whether a line says nothing new: it was given to this text already, or is not given anyway.
    #[must_use]
    pub fn says(&self, consent: ConsentType, line: Latest) -> bool {
        match self.latest(consent) {
            Some(latest) if latest.given => line.given && line.version == latest.version,
            Some(_) | None => !line.given,
        }
    }

    /// The same with one more line.
    #[must_use]
    pub fn with(mut self, consent: ConsentType, line: Latest) -> Self {
        self.0.insert(consent, line);
        self
    }

    /// The first of these consents that does not count now.
    #[must_use]
    pub fn missing(
        &self,
        needed: &[ConsentType],
        in_force: impl Fn(ConsentType) -> TextVersion,
    ) -> Option<ConsentType> {
        let counts = |consent| self.standing(consent, in_force(consent)) == Standing::Given;
        needed.iter().copied().find(|consent| !counts(*consent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest;
    use proptest::prelude::*;

    fn line(given: bool, major: u16, minor: u16) -> Latest {
        Latest { given, version: TextVersion { major, minor }, at: Timestamp::MIN }
    }

    #[test]
    fn names_are_read_back_and_stored_as_they_are_sent() {
        for consent in ConsentType::ALL {
            assert_eq!(ConsentType::from_name(consent.name()), Some(consent));
            assert_eq!(serde_json::to_value(consent).unwrap(), consent.name());
        }
    }

    #[test]
    fn a_text_does_not_change_without_its_version() {
        let pinned = [
            (ConsentType::Terms, "1.0", 0x9314_54b5_c4f3_8ed8),
            (ConsentType::HealthData, "1.0", 0xad75_0367_8fe4_bc0b),
            (ConsentType::AiInteraction, "2.0", 0x459c_7ac0_5f9b_aae5),
            (ConsentType::DataSharing, "1.0", 0xec4e_e0da_59ae_704e),
            (ConsentType::Marketing, "1.0", 0xe721_7015_a2ea_2f3d),
        ];
        for (consent, version, hash) in pinned {
            let digest = digest::digest(&digest::SHA256, consent.text().as_bytes());
            let start = u64::from_be_bytes(*digest.as_ref().first_chunk().unwrap());
            let in_force = consent.version_in_force().to_string();
            assert_eq!((in_force.as_str(), start), (version, hash), "{consent:?}");
        }
    }

    #[test]
    fn other_words_need_no_new_consent_but_another_meaning_does() {
        let in_force = TextVersion { major: 2, minor: 3 };
        let standing = |line| {
            Consented::from_iter([(ConsentType::Terms, line)])
                .standing(ConsentType::Terms, in_force)
        };
        assert_eq!(standing(line(true, 2, 3)), Standing::Given);
        assert_eq!(standing(line(true, 2, 0)), Standing::Given);
        assert_eq!(standing(line(true, 1, 9)), Standing::Outdated);
        assert_eq!(standing(line(true, 3, 0)), Standing::Outdated);
        assert_eq!(standing(line(false, 2, 3)), Standing::Withdrawn);
        let nothing = Consented::default();
        assert_eq!(nothing.standing(ConsentType::Terms, in_force), Standing::Never);
    }

    #[test]
    fn a_model_is_given_data_only_under_both_consents() {
        let needed = needs(Purpose::AiInteraction, Action::Read);
        let agreed = |consent: ConsentType| {
            let TextVersion { major, minor } = consent.version_in_force();
            (consent, line(true, major, minor))
        };
        let with = |given: &[ConsentType]| {
            given
                .iter()
                .map(|consent| agreed(*consent))
                .collect::<Consented>()
                .missing(needed, ConsentType::version_in_force)
        };
        assert_eq!(with(&[]), Some(ConsentType::HealthData));
        assert_eq!(with(&[ConsentType::HealthData]), Some(ConsentType::AiInteraction));
        assert_eq!(with(&[ConsentType::AiInteraction]), Some(ConsentType::HealthData));
        assert_eq!(with(&[ConsentType::HealthData, ConsentType::AiInteraction]), None);
    }

    #[test]
    fn leaving_needs_no_consent() {
        for purpose in [Purpose::SelfCare, Purpose::AiInteraction, Purpose::Operations] {
            assert!(needs(purpose, Action::Export).is_empty());
            assert!(needs(purpose, Action::Delete).is_empty());
        }
    }

    #[test]
    fn marketing_is_needed_for_nothing() {
        assert_eq!(ConsentType::Marketing.needed_for().count(), 0);
        assert_eq!(ConsentType::HealthData.needed_for().count(), 3);
    }

    proptest! {
        #[test]
        fn every_version_reads_back_what_it_prints(major: u16, minor: u16) {
            let version = TextVersion { major, minor };
            prop_assert_eq!(version.to_string().parse(), Ok(version));
        }

        #[test]
        fn any_other_text_is_no_version(text in "[0-9.+ ]{0,8}") {
            if let Ok(version) = text.parse::<TextVersion>() {
                prop_assert_eq!(version.to_string(), text);
            }
        }
    }
}
