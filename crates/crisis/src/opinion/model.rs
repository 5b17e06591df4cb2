//! When a model is asked, and what its word counts for. No I/O.

use crate::{
    attention::Attention,
    look::CHECK_IN,
    notice::{Found, Source},
};
use care::responses::Level;
use kernel::Phi;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The one rule that an opinion is known by, in the ledger and in the queue.
pub const SECOND_RULE: &str = "model.second";

/// Where the rules saw nothing, fewer words are too little to be read again.
const FEW_WORDS: usize = 3;
/// How many turns before it are told.
const TURNS: usize = 6;
/// How many characters of the words, and of a turn before them, are told.
const CHARS: usize = 4_000;
const TURN_CHARS: usize = 600;
/// Of a hundred messages in which the rules saw nothing, so many where it costs money.
const COSTLY_SHARE: u8 = 5;

/// A second opinion on danger, by a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecondOpinion {
    /// The model to ask, `provider/name`, of those that people may use. Nobody is asked if it is
    /// left out.
    pub model: Option<String>,
    /// How long it may take, in seconds: 1 to 60. Nothing waits for it.
    #[schemars(range(min = 1, max = 60))]
    pub seconds: u8,
    /// Of a hundred messages in which the rules see nothing at all, how many are asked about: all
    /// of them if left out and the model costs nothing, otherwise 5. Where the rules see something
    /// that is not yet an alert, it is always asked.
    #[schemars(range(min = 0, max = 100))]
    pub ordinary_percent: Option<u8>,
    /// The most questions about one person in an hour.
    pub per_person_an_hour: u16,
    /// The most questions at once.
    pub at_once: u16,
}

impl Default for SecondOpinion {
    fn default() -> Self {
        Self {
            model: None,
            seconds: 12,
            ordinary_percent: None,
            per_person_an_hour: 60,
            at_once: 4,
        }
    }
}

impl SecondOpinion {
    /// Says what cannot be, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let whole = |model: &String| {
            model.split_once('/').is_some_and(|(whose, name)| !whose.is_empty() && !name.is_empty())
        };
        match self {
            Self { model: Some(model), .. } if !whole(model) => Err("model: provider/name"),
            Self { seconds, .. } if !(1..=60).contains(seconds) => Err("seconds: 1 to 60"),
            Self { ordinary_percent: Some(101..), .. } => Err("ordinary_percent: 0 to 100"),
            _ => Ok(()),
        }
    }

    pub(super) const fn patience(&self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }

    /// Of a hundred messages in which the rules saw nothing, how many are asked about.
    fn share(&self, costs: bool) -> u8 {
        self.ordinary_percent.unwrap_or(if costs { COSTLY_SHARE } else { 100 })
    }

    /// Whether a model is asked about these words. `chance` is from 0 to 99.
    pub(super) fn asks(&self, again: &Again, costs: bool, chance: u8) -> bool {
        match again {
            // Help came first already; nothing that a model says could add to it or take from it.
            Again { alert: true, .. } => false,
            Again { level, .. } if *level >= CHECK_IN => true,
            _ => again.words() >= FEW_WORDS && chance < self.share(costs),
        }
    }
}

/// What may be read again, with what the rules made of it.
#[derive(Clone)]
pub struct Again {
    pub(crate) source: Source,
    text: Phi<String>,
    /// What was said before, oldest first; by the person, or by Salus.
    before: Vec<(bool, Phi<String>)>,
    level: f32,
    alert: bool,
}

impl Again {
    /// These words, where the rules found this.
    #[must_use]
    pub fn of(source: Source, text: &Phi<String>, found: Option<&Attention>) -> Self {
        Self::after(source, text, found.map(Found::from), Vec::new())
    }

    /// The same, after what was said before, oldest first.
    #[must_use]
    pub fn after(
        source: Source,
        text: &Phi<String>,
        found: Option<Found<'_>>,
        before: Vec<(bool, Phi<String>)>,
    ) -> Self {
        let (level, alert) = found.map_or((0.0, false), |found| (found.level, found.alert));
        let skip = before.len().saturating_sub(TURNS);
        let before = before.into_iter().skip(skip).collect();
        Self { source, text: text.clone(), before, level, alert }
    }

    fn words(&self) -> usize {
        // EXPOSE: only counted.
        self.text.expose().split_whitespace().take(FEW_WORDS).count()
    }

    /// What is told to a model: the words, and a little of what was said before.
    pub(super) fn told(&self) -> Phi<String> {
        let mut told = Phi::new(String::new());
        // EXPOSE: cut and put together, as Phi again.
        let out = told.expose_mut();
        for (by_person, text) in &self.before {
            let who = if *by_person { "person: " } else { "program: " };
            out.push_str(who);
            out.push_str(&cut(text.expose(), TURN_CHARS));
            out.push('\n');
        }
        out.push_str("to be judged, by the person: ");
        out.push_str(&cut(self.text.expose(), CHARS));
        told
    }

    /// What an opinion changes about what was found.
    pub(super) fn verdict(&self, opinion: Opinion) -> Verdict {
        match opinion {
            Opinion::Imminent => Verdict::Imminent,
            Opinion::High => Verdict::Raised,
            Opinion::None if self.level >= CHECK_IN => Verdict::Lower,
            Opinion::None | Opinion::Low | Opinion::Moderate => Verdict::Same,
        }
    }
}

/// The beginning and the end of a text: what matters most often stands in one of them.
fn cut(text: &str, most: usize) -> String {
    let all = text.chars().count();
    if all <= most {
        return text.to_owned();
    }
    let half = most / 2;
    let start = text.chars().take(half);
    let end = text.chars().skip(all - half);
    start.chain(" […] ".chars()).chain(end).collect()
}

/// What is asked of a model.
pub struct Asking {
    /// The model, `provider/name`.
    pub model: String,
    /// What is to be judged.
    pub told: Phi<String>,
    /// How long it may take.
    pub patience: Duration,
}

/// What a model says of somebody's words: one of these, and nothing else of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opinion {
    /// No sign of danger.
    None,
    /// Distress.
    Low,
    /// A wish to be dead that passes.
    Moderate,
    /// Thoughts of suicide with a method, an intention or a plan.
    High,
    /// It happens now.
    Imminent,
}

impl Opinion {
    /// The words that a model may choose from.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("none", Self::None),
        ("low", Self::Low),
        ("moderate", Self::Moderate),
        ("high", Self::High),
        ("imminent", Self::Imminent),
    ];

    /// The opinion in an answer: one object with one of the words. Around it may stand what models
    /// like to put there; anything else is no opinion.
    #[must_use]
    pub fn read(answer: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Word {
            level: String,
        }
        let from = answer.find('{')?;
        let to = answer.rfind('}')?;
        let Word { level } = serde_json::from_str(answer.get(from..=to)?).ok()?;
        let said = level.trim().to_ascii_lowercase();
        Self::WORDS.into_iter().find(|(word, _)| *word == said).map(|(_, opinion)| opinion)
    }
}

/// Why there is no opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoOpinion {
    /// Nobody was asked: the person did not agree, there is no such model, or no money for it.
    NotAsked,
    /// It did not come in time.
    Late,
    /// The model, or a filter of its provider, did not want to.
    Refused,
    /// The answer was none of the words.
    Unreadable,
    /// The provider failed.
    Failed,
}

/// What came of a question, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It says what the rules said, as far as it matters.
    Same,
    /// It sees nothing where the rules saw something. That changes nothing.
    Lower,
    /// It sees danger that the rules did not see.
    Raised,
    /// It sees danger that is now.
    Imminent,
    /// There is no opinion.
    No(NoOpinion),
}

impl Verdict {
    /// The stable name; none if nobody was asked.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Same => "same",
            Self::Lower => "lower",
            Self::Raised => "alert",
            Self::Imminent => "imminent",
            Self::No(NoOpinion::Late) => "late",
            Self::No(NoOpinion::Refused) => "refused",
            Self::No(NoOpinion::Unreadable) => "unreadable",
            Self::No(NoOpinion::Failed) => "failed",
            Self::No(NoOpinion::NotAsked) => return None,
        })
    }

    /// What is to be answered because of it.
    #[must_use]
    pub const fn raised(self) -> Option<Level> {
        match self {
            Self::Raised => Some(Level::Alert),
            Self::Imminent => Some(Level::Imminent),
            Self::Same | Self::Lower | Self::No(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again(text: &str, level: f32, alert: bool) -> Again {
        let found = Found { level, support: alert, alert, imminent: false, rules: &[] };
        Again::after(Source::Chat, &Phi::new(text.to_owned()), Some(found), Vec::new())
    }

    #[test]
    fn it_is_asked_between_nothing_and_an_alert_and_of_the_rest_a_share_by_cost() {
        let usual = SecondOpinion::default();
        let words = "I gave my dog away today";
        for chance in [0, 99] {
            assert!(!usual.asks(&again(words, 9.0, true), false, chance), "help came first");
            assert!(usual.asks(&again("no", 2.0, false), true, chance), "something was seen");
            assert!(usual.asks(&again(words, 0.0, false), false, chance), "it costs nothing");
            assert!(!usual.asks(&again("ok thanks", 0.0, false), false, chance));
        }
        let asked = (0..100).filter(|chance| usual.asks(&again(words, 0.0, false), true, *chance));
        assert_eq!(asked.count(), 5);
        let never = SecondOpinion { ordinary_percent: Some(0), ..usual };
        assert!(!never.asks(&again(words, 0.0, false), false, 0));
        assert!(never.asks(&again(words, 4.0, false), false, 99));
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        let check = |seconds, ordinary_percent| {
            SecondOpinion { seconds, ordinary_percent, ..SecondOpinion::default() }.check()
        };
        for (model, fits) in
            [("near/judge", true), ("judge", false), ("/judge", false), ("near/", false)]
        {
            let settings = SecondOpinion { model: Some(model.into()), ..SecondOpinion::default() };
            assert_eq!(settings.check().is_ok(), fits, "{model}");
        }
        assert!(check(1, None).is_ok() && check(60, Some(100)).is_ok());
        assert!(
            check(0, None).is_err() && check(61, None).is_err() && check(5, Some(101)).is_err()
        );
    }

    #[test]
    fn of_an_answer_one_of_five_words_is_taken_and_nothing_else() {
        for (answer, opinion) in [
            (r#"{"level":"high"}"#, Some(Opinion::High)),
            (
                "```json\n{ \"level\": \" Imminent \", \"why\": \"x\" }\n```",
                Some(Opinion::Imminent),
            ),
            (r#"Sure! {"level":"none"} I hope this helps."#, Some(Opinion::None)),
            (r#"{"level":"low"} or {"level":"high"}"#, None),
            (r#"{"level":"severe"}"#, None),
            (r#"{"level":9}"#, None),
            (r#"{"level":["high"]}"#, None),
            (r#"{"risk":"high"}"#, None),
            (r#"{"level":"hi"#, None),
            ("high", None),
            ("}{", None),
            ("", None),
        ] {
            assert_eq!(Opinion::read(answer), opinion, "{answer}");
        }
    }

    #[test]
    fn it_raises_and_never_lowers() {
        for (level, opinion, verdict) in [
            (0.0, Opinion::None, Verdict::Same),
            (5.0, Opinion::None, Verdict::Lower),
            (5.0, Opinion::Moderate, Verdict::Same),
            (0.0, Opinion::High, Verdict::Raised),
            (5.0, Opinion::Imminent, Verdict::Imminent),
        ] {
            assert_eq!(again("words", level, false).verdict(opinion), verdict);
        }
        assert_eq!(Verdict::Lower.raised(), None);
    }

    #[test]
    fn what_is_told_is_bounded_and_has_the_last_turns() {
        let turn =
            |n: usize| (n.is_multiple_of(2), Phi::new(format!("turn {n} {}", "x".repeat(900))));
        let before: Vec<_> = (0..20).map(turn).collect();
        let text = Phi::new(format!("START{}END", "ä".repeat(50_000)));
        let again = Again::after(Source::Chat, &text, None, before);
        let told = again.told();
        let told = told.expose();
        assert!(told.chars().count() < CHARS + TURNS * (TURN_CHARS + 30) + 100);
        assert!(!told.contains("turn 13 ") && told.contains("person: turn 14 "));
        assert!(told.contains("START") && told.ends_with("END"));
    }

    proptest! {
        #[test]
        fn whatever_a_model_answers_nothing_panics(answer in ".{0,200}") {
            let _ = Opinion::read(&answer);
        }
    }
}
