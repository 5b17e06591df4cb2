//! In which situation an answer is given, and what an answer consists of.

use crate::lang::Lang;
use serde::{Deserialize, Serialize};

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something is hard: a gentle question.
    CheckIn,
    /// Signs that may be wrong: care, and help in reach.
    Support,
    /// Clear signs of danger: the full crisis answer.
    Alert,
    /// Danger to life now.
    Imminent,
}

impl Level {
    /// All of them, from the lowest to the highest.
    pub const ALL: [Self; 4] = [Self::CheckIn, Self::Support, Self::Alert, Self::Imminent];
}

/// Whom it is about and who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The person who writes is in danger.
    #[serde(rename = "self")]
    Person,
    /// Someone worries about another person.
    Friend,
    /// Someone lost a person.
    Bereaved,
    /// A professional asks.
    Clinician,
    /// Another danger than suicide: violence, an accident, a threat.
    Danger,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Person, Self::Friend, Self::Bereaved, Self::Clinician, Self::Danger];
}

/// Where in the talk it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// The first sign.
    First,
    /// Another sign in the same talk.
    Again,
    /// The person said no. The help stays.
    AfterDenial,
    /// The next talk after one with a sign.
    FollowUp,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::First, Self::Again, Self::AfterDenial, Self::FollowUp];
}

/// What an answer is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Situation<'a> {
    /// How serious it is.
    pub level: Level,
    /// Whom it is about.
    pub audience: Audience,
    /// Where in the talk it is.
    pub turn: Turn,
    /// In which language to answer.
    pub lang: Lang,
    /// The emergency number of the place, where it is known.
    pub emergency: Option<&'a str>,
}

/// What a paragraph does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Says that the words were heard.
    Acknowledge,
    /// Asks about safety, directly.
    Ask,
    /// Urges to call emergency help now.
    Emergency,
    /// Urges not to be alone.
    Company,
    /// Urges distance from what is dangerous.
    Means,
    /// Names a professional and a trusted person.
    People,
    /// Leads to the lines that are shown with the answer.
    Resources,
    /// Offers an exercise or the safety plan.
    Step,
    /// Says that the talk goes on.
    Stay,
    /// Says that a program is writing.
    Honest,
    /// Offers a way out of a misunderstanding.
    NotMeant,
}

/// Where a paragraph stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the answer itself.
    Body,
    /// Below it, smaller.
    Footer,
}

/// What can be done with one tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Call the emergency number.
    CallEmergency,
    /// Show the crisis lines of the place.
    ShowResources,
    /// Open the safety plan, or start one.
    OpenSafetyPlan,
    /// Call or write to someone named in the safety plan.
    ContactTrusted,
    /// Ask for a person of the crisis team, where there is one.
    AskAResponder,
    /// Start one of the offered exercises.
    OfferSteps,
    /// Say that this was a misunderstanding; lowers the level for this message only.
    NotWhatIMeant,
    /// Go on writing.
    KeepTalking,
    /// Ask again next time.
    CheckInLater,
}

/// For whom a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Anyone.
    Everyone,
    /// Children, teenagers and young adults.
    Youth,
    /// People who are hurt or threatened by someone.
    Violence,
    /// People who served, and their families.
    Veterans,
    /// Lesbian, gay, bisexual, trans and queer people.
    Lgbtq,
}
