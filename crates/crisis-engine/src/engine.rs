//! The engine: text in, assessment out.

use crate::{
    clean::clean,
    compile::compile,
    concepts::Concepts,
    kind::Kind,
    learned,
    lexer::Lexed,
    matcher::{Found, View},
    model::{
        ALERT, Assessment, Audience, IMMINENT, Memory, Message, Question, Role, SUPPORT, Turn,
    },
    rules,
    ruleset::Ruleset,
    scope::Scopes,
    score::{self, Signal},
    source::RuleError,
};

/// Characters beyond this are not read.
pub const LONGEST: usize = 100_000;
/// How many words are looked at together.
const WINDOW: usize = 600;
const OVERLAP: usize = 100;
/// An answer of so many words that does not say no evades the question.
const SHORT_ANSWER: usize = 7;
/// How fast a level fades from message to message.
const FADING: f32 = 0.85;

/// A text in the one form in which rules are written, which is the least that looking at it costs.
#[must_use]
pub fn normalised(text: &str) -> String {
    clean(text, LONGEST)
}

/// All rules, ready to run. Making one takes some milliseconds, so it is made once.
pub struct Engine {
    set: Ruleset,
    concepts: Concepts,
}

/// What one part of a text says.
struct Part {
    level: f32,
    signals: Vec<Signal>,
    contexts: Vec<usize>,
    audience: Audience,
    keywords: bool,
    tone: (u32, u32),
}

impl Engine {
    /// The engine with the rules that are part of it.
    pub fn new() -> Result<Self, RuleError> {
        let set = compile(&rules::files()?)?;
        let concepts = Concepts::read(&set.lexer)?;
        Ok(Self { set, concepts })
    }

    /// Looks at a message in the light of what is remembered of the conversation.
    #[must_use]
    pub fn assess(&self, message: &Message<'_>, memory: &Memory) -> Assessment {
        let (lexed, parts) = self.read(message, *memory);
        let windows = self.windows(&lexed, &parts, *memory);
        self.conclude(&parts, &lexed, learned::opinion(&windows), *memory)
    }

    /// What the learned layer sees of a message; its tables are trained on this.
    #[must_use]
    pub fn study(&self, message: &Message<'_>, memory: &Memory) -> (f32, Vec<learned::Features>) {
        let (lexed, parts) = self.read(message, *memory);
        let level = parts.iter().map(|part| part.level).fold(0.0, f32::max);
        (level, self.windows(&lexed, &parts, *memory))
    }

    fn read(&self, message: &Message<'_>, memory: Memory) -> (Lexed, Vec<Part>) {
        let text = clean(message.text, LONGEST);
        let lexed = self.set.lexer.lex(&text, message.language);
        let mut parts = Vec::new();
        let mut start = 0;
        loop {
            let end = (start + WINDOW).min(lexed.tokens.len());
            parts.push(self.part(&lexed, start..end, memory));
            if end == lexed.tokens.len() {
                return (lexed, parts);
            }
            start = end - OVERLAP;
        }
    }

    fn windows(&self, lexed: &Lexed, parts: &[Part], memory: Memory) -> Vec<learned::Features> {
        let mut rules: Vec<u32> =
            parts.iter().flat_map(|part| score::marks(part.level, &part.signals)).collect();
        let contexts = parts.iter().flat_map(|part| &part.contexts);
        let kinds = contexts.filter_map(|rule| self.set.rules.get(*rule)).map(|rule| rule.kind);
        rules.extend(kinds.map(|kind| 400 + kind as u32));
        learned::windows(lexed, &self.concepts, &learned::Surroundings { memory, rules: &rules })
    }

    /// Looks at a message after earlier turns, which are gone through in order.
    #[must_use]
    pub fn assess_after(&self, turns: &[Turn], message: &Message<'_>) -> Assessment {
        let mut memory = Memory::default();
        for turn in turns {
            memory = match turn.role {
                Role::User => {
                    self.assess(&Message { text: &turn.text, ..*message }, &memory).memory
                }
                Role::Assistant => self.hear(&turn.text, memory),
            };
        }
        self.assess(message, &memory)
    }

    /// Remembers which direct question Salus asked the person.
    #[must_use]
    pub fn hear(&self, said: &str, memory: Memory) -> Memory {
        let lexed = self.set.lexer.lex(&clean(said, LONGEST), None);
        let end = lexed.tokens.len().min(WINDOW);
        let view = View::new(&self.set, &lexed, 0..end);
        let asks = |kind| matches!(kind, Kind::AskedSuicide | Kind::AskedPlan | Kind::AskedSafe);
        let last = view.find(asks).into_iter().max_by_key(Found::start);
        let kind = last.and_then(|found| self.set.rules.get(found.rule)).map(|rule| rule.kind);
        let asked = match kind {
            Some(Kind::AskedSuicide) => Some(Question::Suicide),
            Some(Kind::AskedPlan) => Some(Question::Plan),
            Some(Kind::AskedSafe) => Some(Question::Safe),
            _ => None,
        };
        Memory { asked, ..memory }
    }

    /// The ids of all rules.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.set.rules.iter().map(|rule| rule.id.as_str())
    }

    fn part(&self, lexed: &Lexed, range: std::ops::Range<usize>, memory: Memory) -> Part {
        let view = View::new(&self.set, lexed, range.clone());
        let (dangers, contexts): (Vec<Found>, Vec<Found>) =
            view.find(|kind| !kind.is_question()).into_iter().partition(|found| {
                self.set.rules.get(found.rule).is_some_and(|rule| rule.kind.is_signal())
            });
        let scopes = Scopes::new(&self.set, &view, &contexts);
        let mut signals = score::signals(&self.set, &view, &dangers, &scopes, memory);
        if range.start == 0 {
            signals.extend(self.answer(&view, memory));
        }
        signals.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        Part {
            level: score::level(&signals, &scopes),
            audience: audience(&signals, &scopes),
            keywords: !dangers.is_empty(),
            tone: self.tone(&view),
            contexts: contexts.iter().map(|found| found.rule).collect(),
            signals,
        }
    }

    /// An answer to a direct question: a yes is danger, and so is what evades the question in a few
    /// words; a no to "are you safe?" is danger too. A plan was asked for only where something was
    /// wrong before: otherwise it is one for the weekend.
    fn answer(&self, view: &View<'_>, memory: Memory) -> Option<Signal> {
        let begins = |role, reach: usize| {
            let classes = self.set.of_role(view.languages, role);
            (0..reach).any(|at| classes.iter().any(|class| view.has(at, *class)))
        };
        let (yes, no) = (begins(|r| r.yes, 2), begins(|r| r.no, 1));
        let few = (1..=SHORT_ANSWER).contains(&view.tokens.len());
        let (id, weight) = match memory.asked? {
            Question::Suicide if yes && !no => ("any.answer.thoughts", 8.0),
            Question::Suicide if no => ("any.answer.denied", 2.0),
            Question::Suicide if few => ("any.answer.evaded", 7.0),
            Question::Plan if memory.level < SUPPORT => return None,
            Question::Plan if yes && !no => ("any.answer.plan", 9.0),
            Question::Plan if few && !no => ("any.answer.plan", 8.0),
            Question::Safe if no => ("any.answer.unsafe", 8.0),
            _ => return None,
        };
        let rule = self.set.rules.iter().position(|rule| rule.id == id)?;
        Some(Signal::answer(rule, weight))
    }

    /// How many words of the text feel good and how many bad.
    fn tone(&self, view: &View<'_>) -> (u32, u32) {
        let count = |role| {
            let classes = self.set.of_role(view.languages, role);
            let places = classes.iter().map(|class| view.places(*class).len()).sum::<usize>();
            u32::try_from(places).unwrap_or(u32::MAX)
        };
        (count(|r| r.good), count(|r| r.bad))
    }

    fn conclude(
        &self,
        parts: &[Part],
        lexed: &Lexed,
        opinion: learned::Opinion,
        memory: Memory,
    ) -> Assessment {
        let worst = parts.iter().max_by(|a, b| a.level.total_cmp(&b.level));
        let said = worst.map_or(0.0, |part| part.level);
        let answered = parts.iter().any(|part| score::answered(&part.signals));
        let (own, learned) = score::with_opinion(said, opinion, answered);
        let level = (score::remembering(own, memory) * 10.0).round() / 10.0;
        let mut kinds = Vec::new();
        let mut rules: Vec<usize> = Vec::new();
        for part in parts {
            for signal in &part.signals {
                if !kinds.contains(&signal.kind) {
                    kinds.push(signal.kind);
                }
            }
            rules.extend(part.signals.iter().map(|signal| signal.rule));
            rules.extend(&part.contexts);
        }
        let mut seen = Vec::new();
        rules.retain(|rule| {
            !seen.contains(rule) && {
                seen.push(*rule);
                true
            }
        });
        let named = rules.iter().filter_map(|rule| self.set.rules.get(*rule));
        let signals: Vec<Signal> = parts.iter().flat_map(|part| &part.signals).copied().collect();
        let denied = named.clone().any(|rule| rule.id == "any.answer.denied");
        Assessment {
            level,
            support: level >= SUPPORT,
            alert: level >= ALERT,
            imminent: level >= IMMINENT,
            keywords: parts.iter().any(|part| part.keywords),
            sentiment: sentiment(parts, own),
            despair: score::despair(&signals),
            audience: worst.map_or(Audience::Myself, |part| part.audience),
            language: lexed.primary,
            kinds,
            rules: named
                .map(|rule| rule.id.clone())
                .chain(learned.map(ToOwned::to_owned))
                .collect(),
            memory: Memory {
                level: level.max(memory.level * FADING),
                asked: None,
                denials: memory.denials.saturating_add(u8::from(denied)),
            },
        }
    }
}

fn audience(signals: &[Signal], scopes: &Scopes) -> Audience {
    let strongest = signals.first();
    if strongest.is_some_and(|signal| signal.other) {
        Audience::WorriedAboutOther
    } else if strongest.is_some_and(|signal| signal.weight >= ALERT) {
        Audience::Myself
    } else if scopes.anywhere(Kind::Professional).is_some() {
        Audience::Professional
    } else if scopes.anywhere(Kind::Bereaved).is_some() {
        Audience::Bereaved
    } else {
        Audience::Myself
    }
}

/// Good words against bad ones, pulled down by danger.
#[expect(clippy::cast_precision_loss, reason = "counts of words in a message")]
fn sentiment(parts: &[Part], level: f32) -> f32 {
    let good: u32 = parts.iter().map(|part| part.tone.0).sum();
    let bad: u32 = parts.iter().map(|part| part.tone.1).sum();
    let (good, bad) = (good as f32, bad as f32 + level / 2.5);
    let tone = (good - bad) / (good + bad + 1.0);
    (tone * 100.0).round() / 100.0
}
