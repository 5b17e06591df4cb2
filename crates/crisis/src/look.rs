//! From words to help.

use crate::{
    notice::{Found, Source},
    opinion::{Again, Door},
    tally::Tally,
    views::Resources,
};
use care::{
    Care, Flaw, Lang,
    hotlines::{Country, Hotlines, Override},
    responses::{Audience, Level, Need, Response, Situation, Turn},
};
use crisis_engine::{Assessment, Engine, Kind, Language, Memory, Message, Role, RuleError};
use kernel::{Ctx, Phi, TenantId};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// From this level on something is asked, gently.
pub(crate) const CHECK_IN: f32 = 2.0;

/// The rules, the answers or the lines that are built in cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LookoutError {
    /// The rules.
    #[error("the rules of crisis care: {0}")]
    Rules(#[from] RuleError),
    /// The answers or the lines.
    #[error("the answers of crisis care: {0}")]
    Answers(#[from] Flaw),
}

/// Something that was said before.
pub struct Said<'a> {
    /// By the person, and not by Salus.
    pub by_person: bool,
    /// The words.
    pub text: &'a Phi<String>,
}

/// What was found, and what to do about it.
pub struct Looked {
    /// What the words say.
    pub assessment: Assessment,
    /// What to answer, if anything is to be answered.
    pub response: Option<Response>,
    /// The language that it is in.
    pub lang: Lang,
}

/// The rules, answers and lines that are built in.
struct BuiltIn {
    engine: Engine,
    care: Care,
}

/// Looks at words and knows what to do. Of what it looks at it keeps nothing between two looks.
pub struct Lookout {
    built_in: Arc<BuiltIn>,
    /// The lines as this installation has them, in memory: they are there without a database.
    lines: RwLock<Arc<Hotlines>>,
    tally: Tally,
    opinions: Tally,
    second: OnceLock<Door>,
}

impl Lookout {
    /// With the rules, answers and lines that are built in, which are read once for the whole
    /// program: they never change.
    pub fn shared() -> Result<Arc<Self>, LookoutError> {
        static SHARED: OnceLock<Arc<BuiltIn>> = OnceLock::new();
        let built_in = if let Some(shared) = SHARED.get() {
            shared.clone()
        } else {
            let read = BuiltIn { engine: Engine::new()?, care: Care::embedded()? };
            let read = Arc::new(read);
            SHARED.get_or_init(|| read).clone()
        };
        let lines = RwLock::new(Arc::new(built_in.care.hotlines.clone()));
        let (tally, opinions, second) = (Tally::default(), Tally::default(), OnceLock::new());
        Ok(Arc::new(Self { built_in, lines, tally, opinions, second }))
    }

    /// Takes what this installation changes about the lines, instead of what it changed before. A
    /// change that does not fit, as after an update of the program, is left out and costs no other.
    pub(crate) fn change_lines(&self, changes: &[Override]) {
        let mut lines = self.built_in.care.hotlines.clone();
        for change in changes {
            match lines.merged(std::slice::from_ref(change)) {
                Ok(merged) => lines = merged,
                Err(flaw) => tracing::error!(%flaw, "changed crisis lines do not fit any more"),
            }
        }
        *self.lines.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lines);
    }

    /// The lines as this installation has them.
    pub(crate) fn lines(&self) -> Arc<Hotlines> {
        self.lines.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The countries whose lines are changed, as people see them.
    pub(crate) fn changed_lines(&self) -> Vec<Country> {
        let (built_in, lines) = (&self.built_in.care.hotlines, self.lines());
        let differs = |country: &&Country| built_in.country(&country.code) != Some(country);
        lines.countries().filter(differs).cloned().collect()
    }

    /// Counts that help was shown where that cannot be written down at this moment.
    pub fn count_later<'a>(&self, tenant: TenantId, source: Source, found: impl Into<Found<'a>>) {
        self.tally.add(tenant, source, found);
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What came of second opinions since it was last written down.
    pub(crate) fn opinions(&self) -> &Tally {
        &self.opinions
    }

    /// From now on a model is asked through this door. The first one stays.
    pub(crate) fn second_by(&self, door: Door) {
        let _ = self.second.set(door);
    }

    /// Lets a model read this again where the installation has one for that and the person agreed.
    /// It waits for nothing; `show` is called if danger is seen that the rules did not see.
    pub fn look_again(&self, ctx: &Ctx, again: Again, show: impl FnOnce(Level) + Send + 'static) {
        if let Some(opinions) = self.second.get().and_then(Door::open) {
            opinions.consider(ctx, again, show);
        }
    }

    /// Looks at a message after what was said before, oldest first. `language` and `place` are
    /// what the person or their device told, such as `de` and `AT`; `shown` names the paragraphs
    /// that they were shown, oldest first, so that others are taken.
    #[must_use]
    pub fn look(
        &self,
        text: &Phi<String>,
        before: &[Said<'_>],
        (language, place): (Option<&str>, Option<&str>),
        shown: &[&str],
    ) -> Looked {
        let told = language.and_then(Language::from_tag);
        let memory = self.remember(before, told);
        // EXPOSE: looked at; what is found names rules and never words.
        let message = Message { text: text.expose(), language: told };
        let assessment = self.built_in.engine.assess(&message, &memory);
        let found = assessment.language.map(Language::tag);
        let lang = language.or(found).map_or(Lang::English, Lang::nearest);
        let emergency = self.emergency(place);
        let situation = level_of(&assessment).map(|level| Situation {
            level,
            audience: audience_of(&assessment),
            turn: turn_of(memory, &assessment),
            lang,
            emergency: emergency.as_deref(),
        });
        let response =
            situation.map(|situation| self.built_in.care.responses.respond(&situation, shown));
        Looked { assessment, response, lang }
    }

    fn remember(&self, before: &[Said<'_>], language: Option<Language>) -> Memory {
        let mut memory = Memory::default();
        for said in before {
            // EXPOSE: looked at; what is remembered is no word of it.
            let text = said.text.expose();
            memory = match if said.by_person { Role::User } else { Role::Assistant } {
                Role::User => {
                    self.built_in.engine.assess(&Message { text, language }, &memory).memory
                }
                Role::Assistant => self.built_in.engine.hear(text, memory),
            };
        }
        memory
    }

    /// Whom to turn to, for an answer or for whoever asks.
    #[must_use]
    pub fn help(&self, place: Option<&str>, response: Option<&Response>, lang: Lang) -> Resources {
        let needs = response.map_or(&[][..], |response| &response.resources.needs);
        let needs = if needs.is_empty() { &[Need::Everyone][..] } else { needs };
        self.lines().for_place(place, needs, lang.tag()).into()
    }

    /// What to call first in danger to life, where the place is known.
    pub(crate) fn emergency(&self, place: Option<&str>) -> Option<String> {
        self.lines().country(place?)?.emergency.first().cloned()
    }

    /// The words and rules of care that it answers with, as they are built in.
    #[must_use]
    pub fn care(&self) -> &Care {
        &self.built_in.care
    }
}

/// The least number that a level begins with.
pub(crate) const fn number_of(level: Level) -> f32 {
    match level {
        Level::CheckIn => CHECK_IN,
        Level::Support => crisis_engine::SUPPORT,
        Level::Alert => crisis_engine::ALERT,
        Level::Imminent => crisis_engine::IMMINENT,
    }
}

pub(crate) fn level_of(assessment: &Assessment) -> Option<Level> {
    match assessment {
        Assessment { imminent: true, .. } => Some(Level::Imminent),
        Assessment { alert: true, .. } => Some(Level::Alert),
        Assessment { support: true, .. } => Some(Level::Support),
        Assessment { level, .. } if *level >= CHECK_IN => Some(Level::CheckIn),
        _ => None,
    }
}

fn audience_of(assessment: &Assessment) -> Audience {
    use crisis_engine::Audience::{Bereaved, Myself, Professional, WorriedAboutOther};
    let other_danger = matches!(assessment.kinds.first(), Some(Kind::Abuse | Kind::Homicide));
    match assessment.audience {
        Myself if other_danger => Audience::Danger,
        Myself => Audience::Person,
        WorriedAboutOther => Audience::Friend,
        Bereaved => Audience::Bereaved,
        Professional => Audience::Clinician,
    }
}

/// A "no" does not end anything: the help stays, in other words.
fn turn_of(before: Memory, assessment: &Assessment) -> Turn {
    if assessment.memory.denials > before.denials {
        Turn::AfterDenial
    } else if before.level >= crisis_engine::SUPPORT {
        Turn::Again
    } else {
        Turn::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str, before: &[(bool, &str)], place: Option<&str>) -> Looked {
        let texts: Vec<_> =
            before.iter().map(|(by, text)| (*by, Phi::new((*text).to_owned()))).collect();
        let said: Vec<_> =
            texts.iter().map(|(by_person, text)| Said { by_person: *by_person, text }).collect();
        let lookout = Lookout::shared().unwrap();
        lookout.look(&Phi::new(text.to_owned()), &said, (None, place), &[])
    }

    #[test]
    fn ordinary_words_get_no_answer_of_crisis_care() {
        let looked = look("I made soup and called my sister.", &[], None);
        assert!(looked.response.is_none() && !looked.assessment.support);
    }

    #[test]
    fn whoever_wants_to_die_is_answered_with_a_number_of_their_country() {
        let looked = look("I want to kill myself tonight, I have the pills here", &[], Some("AT"));
        assert!(looked.assessment.alert);
        let response = looked.response.unwrap();
        assert!(response.resources.emergency_first);
        let lookout = Lookout::shared().unwrap();
        let help = lookout.help(Some("at"), Some(&response), looked.lang);
        assert_eq!(help.country.as_deref(), Some("AT"));
        assert!(!help.lines.is_empty() && !help.directories.is_empty());
    }

    #[test]
    fn where_the_place_is_unknown_there_are_still_directories() {
        let lookout = Lookout::shared().unwrap();
        let help = lookout.help(None, None, Lang::German);
        assert!(help.lines.is_empty() && !help.directories.is_empty());
    }
}
