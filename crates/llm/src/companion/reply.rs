//! What the companion answers.

use super::{
    Skill, Turn,
    state::{Place, place, step},
    texts::{Texts, Topic, begins, hears, plain},
};

/// No answer is longer, in bytes.
pub const MAX_REPLY: usize = 2_000;
/// More of a person's words is not repeated to them, in letters.
const MAX_QUOTE: usize = 120;
/// A mood up to this number is a low one.
const LOW: u32 = 3;

/// The answer to a conversation.
pub(super) fn reply(texts: &Texts, skills: &[&Skill], turns: &[Turn<'_>]) -> String {
    let said = turns.iter().rfind(|turn| turn.by_person).map_or("", |turn| turn.text);
    let before: Vec<&str> =
        turns.iter().filter(|turn| !turn.by_person).map(|turn| turn.text).collect();
    let last = before.last().copied().unwrap_or_default();
    let talk =
        Talk { texts, skills, said, plain: plain(said), last, before: &before, turn: turns.len() };
    shortened(talk.introduced(talk.answer(place(texts, skills, last))))
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_REPLY {
        let room = MAX_REPLY - '…'.len_utf8();
        let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= room).last();
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

struct Talk<'a> {
    texts: &'a Texts,
    skills: &'a [&'a Skill],
    said: &'a str,
    plain: String,
    last: &'a str,
    /// All that the companion said so far.
    before: &'a [&'a str],
    turn: usize,
}

impl<'a> Talk<'a> {
    /// The first answer says what is speaking, unless it does so anyway.
    fn introduced(&self, answer: String) -> String {
        let say = &self.texts.say;
        let is_said = say.who.contains(&answer) || say.hello.first() == Some(&answer);
        if is_said || !self.before.is_empty() {
            return answer;
        }
        format!("{} {answer}", self.pick(&say.introduce))
    }

    fn answer(&self, place: Place<'_>) -> String {
        let (listen, say) = (&self.texts.listen, &self.texts.say);
        if self.plain.trim().is_empty() {
            return self.pick(&say.no_words).to_owned();
        }
        // What must never be answered from inside an exercise comes first.
        if hears(&self.plain, &listen.medicine) {
            return self.pick(&say.medicine).to_owned();
        }
        if hears(&self.plain, &listen.diagnosis) {
            return self.pick(&say.diagnosis).to_owned();
        }
        if hears(&self.plain, &listen.who) {
            return self.pick(&say.who).to_owned();
        }
        match place {
            Place::Step(skill, at) => self.in_exercise(skill, at),
            Place::Question(at) => self.in_check_in(at),
            Place::Offered(skill) if self.short() && hears(&self.plain, &listen.yes) => {
                self.begin(skill)
            }
            Place::Offered(_) if self.short() && hears(&self.plain, &listen.no) => {
                self.pick(&say.declined).to_owned()
            }
            Place::Offered(_) | Place::Open => self.open(),
        }
    }

    /// A short message is a sign; a long one is something to listen to.
    fn short(&self) -> bool {
        self.plain.split_whitespace().count() <= 5
    }

    fn open(&self) -> String {
        let (listen, say) = (&self.texts.listen, &self.texts.say);
        if hears(&self.plain, &listen.check_in) {
            return self.texts.check_in.questions.first().cloned().unwrap_or_default();
        }
        let topic = self.texts.topics.iter().find(|topic| hears(&self.plain, &topic.words));
        if hears(&self.plain, &listen.exercise) {
            return self.offer(topic).unwrap_or_else(|| self.pick(&say.no_exercise).to_owned());
        }
        if self.short() && topic.is_none() {
            for (words, answers) in [
                (&listen.hello, &say.hello),
                (&listen.thanks, &say.thanks),
                (&listen.bye, &say.bye),
            ] {
                if hears(&self.plain, words) {
                    return self.pick(answers).to_owned();
                }
            }
        }
        self.listen(topic)
    }

    /// Repeats and asks; now and then it offers something to do instead of asking.
    fn listen(&self, topic: Option<&Topic>) -> String {
        let say = &self.texts.say;
        let (reflect, ask) = match topic {
            Some(topic) if self.unused(&topic.reflect) && self.unused(&topic.ask) => {
                (&topic.reflect, &topic.ask)
            }
            Some(topic) if self.unused(&topic.ask) => (&say.reflect, &topic.ask),
            Some(_) | None => (&say.reflect, &say.ask),
        };
        let first = self.pick(reflect).replace("{quote}", &self.quote());
        let offer = if self.before.len() % 3 == 2 { self.offer(topic) } else { None };
        let second = offer.unwrap_or_else(|| self.pick(ask).to_owned());
        format!("{first} {second}")
    }

    fn in_exercise(&self, skill: &Skill, at: usize) -> String {
        let (listen, say) = (&self.texts.listen, &self.texts.say);
        if self.wants_out() {
            return self.pick(&say.stopped).to_owned();
        }
        if self.short() && hears(&self.plain, &listen.next) {
            return if at + 1 < skill.steps.len() {
                format!("{} {}", step(self.texts, skill, at + 1), self.pick(&say.guide))
            } else {
                self.pick(&say.done).to_owned()
            };
        }
        // Whoever writes more than a word wants to be heard, and may go on afterwards.
        format!("{} {}", self.pick(&say.wait), step(self.texts, skill, at))
    }

    /// Nobody is led on who says no, or that they only want to be heard.
    fn wants_out(&self) -> bool {
        let listen = &self.texts.listen;
        let hears = |words| hears(&self.plain, words);
        let says_no = hears(&listen.stop) || hears(&listen.no);
        hears(&listen.only_hear)
            || (self.short() && says_no)
            || (begins(&self.plain, &listen.no) && !hears(&listen.next))
    }

    fn begin(&self, skill: &Skill) -> String {
        let mut parts = vec![self.pick(&self.texts.say.begin).to_owned()];
        parts.extend(skill.caution.clone());
        parts.push(step(self.texts, skill, 0));
        parts.push(self.pick(&self.texts.say.guide).to_owned());
        parts.join(" ")
    }

    fn in_check_in(&self, at: usize) -> String {
        let check_in = &self.texts.check_in;
        if self.wants_out() {
            return self.pick(&self.texts.say.stopped).to_owned();
        }
        let number = self.plain.split_whitespace().find_map(|word| word.parse::<u32>().ok());
        let low = at == 0 && number.is_some_and(|number| number <= LOW);
        let heard = self.pick(if low { &check_in.low } else { &check_in.thanks });
        match check_in.questions.get(at + 1) {
            Some(question) => format!("{heard} {question}"),
            None => self.pick(&check_in.end).to_owned(),
        }
    }

    /// Offers an exercise for the topic, or any if there is none, that was not offered before.
    fn offer(&self, topic: Option<&Topic>) -> Option<String> {
        let fits = |skill: &&&Skill| match topic {
            Some(topic) => skill.when.contains(&topic.id),
            None => true,
        };
        let offered = |skill: &Skill| self.before.iter().any(|text| text.contains(&skill.title));
        let fitting: Vec<&&Skill> = self
            .skills
            .iter()
            .filter(|skill| !skill.steps.is_empty())
            .filter(fits)
            .filter(|skill| !offered(skill))
            .collect();
        let count = fitting.len().max(1);
        let skill = fitting.get(self.number() % count)?;
        Some(self.pick(&self.texts.say.offer).replace("{title}", &skill.title))
    }

    /// The sentence of the person's last message that says most, shortened.
    fn quote(&self) -> String {
        let sentences = self.said.split(['.', '!', '?', '\n']).map(str::trim);
        let longest = sentences.max_by_key(|sentence| sentence.chars().count()).unwrap_or_default();
        let clean: String =
            longest.chars().filter(|c| !c.is_control() && !"“”\"{}".contains(*c)).collect();
        if clean.chars().count() <= MAX_QUOTE {
            return clean;
        }
        let start: String = clean.chars().take(MAX_QUOTE).collect();
        let whole_words = start.rsplit_once(' ').map_or(start.as_str(), |(words, _)| words);
        format!("{whole_words} …")
    }

    /// A number that follows from what was said and when.
    fn number(&self) -> usize {
        let hash = self.said.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let number = (hash >> 32).wrapping_add(self.turn as u64);
        usize::try_from(number & 0xffff).unwrap_or_default()
    }

    /// One of the variants: one that was not used yet, or else one that was not used last.
    fn pick(&self, variants: &'a [String]) -> &'a str {
        let start = self.number() % variants.len().max(1);
        let (after, from) = variants.split_at_checked(start).unwrap_or((variants, &[]));
        let order = || from.iter().chain(after).map(String::as_str);
        let fresh = order().find(|variant| !self.before.iter().any(|text| said_in(text, variant)));
        let other = || order().find(|variant| !said_in(self.last, variant));
        fresh.or_else(other).or_else(|| order().next()).unwrap_or_default()
    }

    fn unused(&self, variants: &[String]) -> bool {
        variants.iter().any(|variant| !self.before.iter().any(|text| said_in(text, variant)))
    }
}

/// Whether a variant was said, whatever stood in the place of its quote or title.
fn said_in(text: &str, variant: &str) -> bool {
    let mut rest = text;
    variant.split(['{', '}']).step_by(2).all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}
