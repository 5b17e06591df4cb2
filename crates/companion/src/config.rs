//! What an installation can decide about conversations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The law of New York wants it said at least every three hours, in minutes.
const LONGEST_WITHOUT_NOTICE: u16 = 180;

/// What an installation can decide about conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CompanionConfig {
    /// The models to answer with, `provider/name`, best first; the next one is taken where one is
    /// not there. The built-in companion comes last by itself.
    pub models: Vec<String>,
    /// The models of someone else that people may use, `provider/name` or `provider/*`: all that
    /// are set up if left out, none if empty.
    pub elsewhere: Option<Vec<String>>,
    /// The most tokens of an answer.
    pub answer_tokens: u32,
    /// The longest time an answer may take, in seconds. It goes on when its reader has left.
    pub answer_seconds: u16,
    /// Minutes of a conversation that goes on until it is said again that an AI answers: 1 to 180,
    /// which is as long as the laws of New York and California allow.
    #[schemars(range(min = 1, max = 180))]
    pub notice_minutes: u16,
    /// How many answers may be written for one person at once.
    pub answers_at_once: u16,
    /// What people may use.
    pub allowance: AllowanceConfig,
    /// What all of them together may cost.
    pub budget: Budget,
    /// How conversations get their titles.
    pub titles: Titles,
    /// Which answers to programs are remembered.
    pub remember: Remember,
    /// What models may ask for while they answer.
    pub tools: Tools,
}

impl Default for CompanionConfig {
    fn default() -> Self {
        Self {
            models: Vec::new(),
            elsewhere: None,
            answer_tokens: 2_048,
            answer_seconds: 600,
            notice_minutes: LONGEST_WITHOUT_NOTICE,
            answers_at_once: 4,
            allowance: AllowanceConfig::default(),
            budget: Budget::default(),
            titles: Titles::default(),
            remember: Remember::default(),
            tools: Tools::default(),
        }
    }
}

impl CompanionConfig {
    /// Says what cannot be, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let told = (1..=LONGEST_WITHOUT_NOTICE).contains(&self.notice_minutes);
        if told { Ok(()) } else { Err("companion.notice_minutes: 1 to 180") }
    }
}

/// What models may ask for while they answer, of people who let them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tools {
    /// Whether there are tools at all.
    pub enabled: bool,
    /// For how many seconds a tool waits for the person.
    pub approval_seconds: u16,
    /// For how many seconds a tool may run.
    pub seconds: u16,
}

impl Default for Tools {
    fn default() -> Self {
        Self { enabled: true, approval_seconds: 300, seconds: 30 }
    }
}

/// Answers that a program gets again when it asks exactly the same and says that it may: only where
/// nothing in question and answer points to people, for the same person, and in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Remember {
    /// How many answers; none if 0.
    pub answers: u16,
    /// For how many seconds.
    pub seconds: u32,
}

impl Default for Remember {
    fn default() -> Self {
        Self { answers: 0, seconds: 3_600 }
    }
}

/// How conversations get their titles. The first words are the title until there is a better one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Titles {
    /// Whether a model is asked for a title, of people who agreed to models.
    pub by_model: bool,
    /// The model for that, `provider/name`, best a small one; the first that runs here if left
    /// out. One of someone else is only asked if it is named.
    pub model: Option<String>,
}

impl Default for Titles {
    fn default() -> Self {
        Self { by_model: true, model: None }
    }
}

/// What all people together may cost, as far as prices are known. Models that cost nothing are not
/// limited by it, and help in a crisis is by nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Millionths of a US dollar a day (UTC); no limit if left out.
    pub micro_usd_per_day: Option<u64>,
    /// Millionths of a US dollar a month (UTC); no limit if left out.
    pub micro_usd_per_month: Option<u64>,
    /// Of how much in a hundred the administrators are told.
    pub warn_at_percent: u8,
}

impl Default for Budget {
    fn default() -> Self {
        Self { micro_usd_per_day: None, micro_usd_per_month: None, warn_at_percent: 80 }
    }
}

/// What people may use. Messages of people in a crisis are never counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AllowanceConfig {
    /// Everybody.
    pub user: Limits,
    /// People with a paid plan.
    pub premium: PremiumLimits,
}

/// What one person may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages a minute.
    pub messages_per_minute: u32,
    /// Messages a day (UTC).
    pub messages_per_day: u32,
    /// Tokens a day, read and written.
    pub tokens_per_day: u64,
    /// Millionths of a US dollar a day, as far as prices are known.
    pub micro_usd_per_day: u64,
    /// The same for a month (UTC); no limit but that of each day if left out.
    pub micro_usd_per_month: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_per_minute: 10,
            messages_per_day: 500,
            tokens_per_day: 1_000_000,
            micro_usd_per_day: 2_000_000,
            micro_usd_per_month: None,
        }
    }
}

/// What one person with a paid plan may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PremiumLimits(pub Limits);

impl Default for PremiumLimits {
    fn default() -> Self {
        Self(Limits {
            messages_per_minute: 30,
            messages_per_day: 3_000,
            tokens_per_day: 6_000_000,
            micro_usd_per_day: 10_000_000,
            micro_usd_per_month: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_decide_that_it_is_said_less_often_than_the_law_wants() {
        let with =
            |notice_minutes| CompanionConfig { notice_minutes, ..CompanionConfig::default() };
        assert!(CompanionConfig::default().check().is_ok());
        assert!(with(1).check().is_ok() && with(180).check().is_ok());
        assert!(with(0).check().is_err() && with(181).check().is_err());
    }
}
