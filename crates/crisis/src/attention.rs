//! What is answered beside something that was kept: whoever writes a journal entry or fills in a
//! form is not left alone with it.

use crate::{
    look::{Looked, Lookout, level_of, number_of},
    opinion::Again,
    views::{FixedAnswer, Resources},
};
use care::{
    Lang,
    responses::{Audience, Level, Situation, Turn},
};
use kernel::{Ctx, Phi};
use serde::{Deserialize, Serialize};
use std::{
    cmp::Ordering,
    panic::{AssertUnwindSafe, catch_unwind},
};
use utoipa::{IntoParams, ToSchema};

/// Fewer words are no sentence.
const FEW_WORDS: usize = 4;

/// Where somebody is, as far as they tell: whom to turn to depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whereabouts {
    /// The country, such as `AT`.
    #[serde(default, alias = "location")]
    pub country: Option<String>,
    /// The language, such as `de`.
    #[serde(default)]
    pub language: Option<String>,
}

/// What was noticed in something that was written, and what to answer. It never keeps anything
/// from being stored, is no diagnosis and no prediction.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SafetyNote)]
pub struct Attention {
    /// From 0 to 10.
    pub level: f32,
    /// Help should be in reach.
    pub support: bool,
    /// Help comes first.
    pub alert: bool,
    /// Danger seems to be now.
    pub imminent: bool,
    /// Why, as names of rules.
    pub rules: Vec<String>,
    /// What to answer.
    pub response: FixedAnswer,
    /// Whom to turn to.
    pub resources: Resources,
}

impl Attention {
    /// The more serious of two.
    #[must_use]
    pub fn stronger(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => {
                let less = one.level.partial_cmp(&other.level) == Some(Ordering::Less);
                Some(if less { other } else { one })
            }
            (one, other) => one.or(other),
        }
    }
}

/// Looks at what people write beside everything else. Slices hold it as a trait, so that a test
/// can show what happens when it breaks: nothing is lost.
pub trait Attentive: Send + Sync {
    /// What is noticed in these words; nothing where nothing is to be said.
    fn attend(&self, text: &Phi<String>, at: &Whereabouts) -> Option<Attention>;

    /// What is to be said to an urge that was rated from 0 to 10, by its name in the diary card.
    fn attend_urge(&self, name: &str, strength: u8, at: &Whereabouts) -> Option<Attention>;

    /// The answer to something that asks for help by itself, such as an answer in a questionnaire.
    fn answer_to(&self, level: Level, rule: String, at: &Whereabouts) -> Option<Attention>;

    /// Lets a model read again what was kept, where the installation has one for that and the
    /// person agreed. Nothing waits for it.
    fn again(&self, ctx: &Ctx, again: Again);
}

/// Looks, whatever happens: a check that breaks must not cost what was written.
pub fn whatever_happens(look: impl FnOnce() -> Option<Attention>) -> Option<Attention> {
    catch_unwind(AssertUnwindSafe(look)).unwrap_or_else(|_| {
        tracing::error!("crisis care could not look at what was written; it was kept all the same");
        None
    })
}

impl Attentive for Lookout {
    fn attend(&self, text: &Phi<String>, at: &Whereabouts) -> Option<Attention> {
        // The language is that of the words: what a device is set to may be another one.
        let looked = self.look(text, &[], (None, at.country.as_deref()), &[]);
        let Looked { assessment, response, lang } = looked;
        let response = response?;
        let level = level_of(&assessment)?;
        if is_mere_resemblance(text, &assessment.rules) {
            return None;
        }
        let help = self.help(at.country.as_deref(), Some(&response), lang);
        Some(Attention {
            level: assessment.level,
            support: level >= Level::Support,
            alert: level >= Level::Alert,
            imminent: level >= Level::Imminent,
            rules: assessment.rules,
            response: FixedAnswer::from(&response),
            resources: help,
        })
    }

    fn attend_urge(&self, name: &str, strength: u8, at: &Whereabouts) -> Option<Attention> {
        let card = self.care().forms.get("diary-card")?;
        let marks = card.sections.iter().filter(|section| section.id == "urges");
        let (top, mark) = marks
            .flat_map(|section| section.marks.iter().map(|mark| (section.scale_to, mark)))
            .find(|(_, mark)| mark.id == name)?;
        // The card has a scale of its own.
        let reaches = |from: Option<u8>| {
            let top = u16::from(top.unwrap_or(10).max(1));
            from.is_some_and(|from| u16::from(strength) * top >= u16::from(from) * 10)
        };
        let level = match () {
            () if reaches(mark.crisis_from) => Level::Alert,
            () if mark.show_help_from.is_some() && strength > 0 => Level::Support,
            () => return None,
        };
        self.answer_to(level, format!("urge.{name}"), at)
    }

    fn answer_to(&self, level: Level, rule: String, at: &Whereabouts) -> Option<Attention> {
        let lang = at.language.as_deref().map_or(Lang::English, Lang::nearest);
        let emergency = self.emergency(at.country.as_deref());
        let situation = Situation {
            level,
            audience: Audience::Person,
            turn: Turn::First,
            lang,
            emergency: emergency.as_deref(),
        };
        let response = self.care().responses.respond(&situation, &[]);
        let help = self.help(at.country.as_deref(), Some(&response), lang);
        Some(Attention {
            level: number_of(level),
            support: level >= Level::Support,
            alert: level >= Level::Alert,
            imminent: level >= Level::Imminent,
            rules: vec![rule],
            response: FixedAnswer::from(&response),
            resources: help,
        })
    }

    fn again(&self, ctx: &Ctx, again: Again) {
        // Whoever wrote has gone on: what is seen is asked about the next time.
        self.look_again(ctx, again, drop);
    }
}

/// A title of a few words, such as "more", resembles anything: what was only learned from examples
/// counts from a sentence on. What a rule names counts in a single word.
fn is_mere_resemblance(text: &Phi<String>, rules: &[String]) -> bool {
    // EXPOSE: only how long it is, is looked at.
    let words = text.expose().split_whitespace().take(FEW_WORDS).count();
    words < FEW_WORDS && rules.iter().all(|rule| rule.starts_with("learned."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_urge_that_is_rated_high_opens_crisis_care_and_a_low_one_puts_help_in_reach() {
        let lookout = Lookout::shared().unwrap();
        let at = Whereabouts { country: Some("AT".into()), language: Some("de".into()) };
        let urge = |name, strength| lookout.attend_urge(name, strength, &at);
        assert!(urge("suicide", 0).is_none() && urge("withdraw", 10).is_none());
        let low = urge("suicide", 2).unwrap();
        assert!(low.support && !low.alert);
        for (name, strength) in [("suicide", 6), ("self-harm", 8)] {
            let high = urge(name, strength).unwrap();
            assert!(high.alert && !high.imminent);
            assert_eq!(high.resources.country.as_deref(), Some("AT"));
            assert_eq!(high.rules, [format!("urge.{name}")]);
        }
    }

    #[test]
    fn a_title_of_a_word_or_two_is_no_sign_unless_a_rule_says_so() {
        let lookout = Lookout::shared().unwrap();
        let found = |text: &str| {
            lookout.attend(&Phi::new(text.to_owned()), &Whereabouts::default()).is_some()
        };
        for text in ["b", "more", "mine", "Another day.", "7"] {
            assert!(!found(text), "{text}");
        }
        assert!(found("kill myself tonight"), "three words, and a rule names them");
    }

    #[test]
    fn the_more_serious_of_two_is_told() {
        let lookout = Lookout::shared().unwrap();
        let of = |level| lookout.answer_to(level, "a.rule".into(), &Whereabouts::default());
        let both = Attention::stronger(of(Level::Support), of(Level::Imminent)).unwrap();
        assert!(both.imminent);
        assert!(Attention::stronger(None, of(Level::Alert)).unwrap().alert);
        assert!(Attention::stronger(None, None).is_none());
    }

    #[test]
    fn a_check_that_breaks_is_no_check_and_nothing_worse() {
        assert!(whatever_happens(|| unreachable!()).is_none());
    }
}
