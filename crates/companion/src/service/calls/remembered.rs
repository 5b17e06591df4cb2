//! Answers that a program gets again when it asks exactly the same.
//!
//! Only what tells of nobody is remembered, and nobody can prove that of a text. So everything has
//! to hold at once: the settings allow it, the program asks for it, the question is one text that
//! is to be answered the same each time, nothing in it points to a person and no word in it speaks
//! of one, and the guard finds nothing. Even then it is given to the same person only, is in memory
//! only, and is looked up by a hash that cannot be made without a secret.

use super::{CALL_BEGUN, Call, Companion, Work, people::OF_PEOPLE};
use crate::{config::Remember, error::CompanionError, guard::Finding, model::Tally, store};
use db::{TxSpec, run_tx};
use kernel::{Ctx, Phi, Timestamp};
use llm::{Answer, ChatRequest, Finish, Format, Model, Part, Reasoning, Role};
use privacy::Veil;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The secret of the program that questions are looked up with.
pub(crate) const PLACE_KEY: &str = "companion.answer_place";
/// The longest question and answer that are remembered, in bytes.
const LONGEST: usize = 16 * 1024;
/// Where an answer is remembered: made of who asks, whom, and everything that is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place([u8; 32]);

struct Kept {
    at: Timestamp,
    model: String,
    answer: Answer,
}

#[derive(Default)]
struct State {
    answers: HashMap<Place, Kept>,
    /// The oldest first.
    order: VecDeque<(Place, Timestamp)>,
}

/// The answers that are remembered in this process.
#[derive(Default)]
pub(in crate::service) struct Remembered(Mutex<State>);

impl Remembered {
    /// The answer that is remembered here, and whose it is.
    fn get(
        &self,
        place: Place,
        (now, settings): (Timestamp, &Remember),
    ) -> Option<(String, Answer)> {
        let state = self.lock();
        let kept = state.answers.get(&place)?;
        let fresh = kept.at <= now && now.since(kept.at) < settings.age();
        fresh.then(|| (kept.model.clone(), kept.answer.clone()))
    }

    /// Remembers an answer, and forgets those that are too old or too many.
    fn put(&self, place: Place, (now, settings): (Timestamp, &Remember), new: (&Model, &Answer)) {
        let (model, answer) = (new.0.id.to_string(), new.1.clone());
        let most = usize::from(settings.answers);
        let mut state = self.lock();
        state.answers.insert(place, Kept { at: now, model, answer });
        state.order.push_back((place, now));
        while let Some((oldest, at)) = state.order.front().copied() {
            if state.order.len() <= most && now.since(at) < settings.age() {
                break;
            }
            state.order.pop_front();
            // It may have been remembered anew meanwhile.
            if state.answers.get(&oldest).is_some_and(|kept| kept.at == at) {
                state.answers.remove(&oldest);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remember {
    fn age(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

impl Companion {
    /// Where the answer to this question may be remembered; none where it may not.
    pub(super) async fn place_of(
        &self,
        work: &Work,
        (request, model): (&ChatRequest, &Model),
        found: Option<&Finding>,
    ) -> Result<Option<Place>, CompanionError> {
        let quiet = found.is_none_or(|found| found.safety.level == 0);
        let Some(text) = only_text(request).filter(|_| quiet) else { return Ok(None) };
        if self.0.config.remember.answers == 0 || speaks_of_people(text) {
            return Ok(None);
        }
        let names = self.0.accounts.called(work.subject()).await?;
        if points_to_people(text, &names) {
            return Ok(None);
        }
        let keys = self.0.vault.system_key(PLACE_KEY).await?;
        let (subject, model) = (work.subject(), model.id.to_string());
        let (tenant, user) = (subject.tenant.as_uuid(), subject.user.as_uuid());
        let number = |number: Option<u32>| number.map_or(u64::MAX, u64::from).to_be_bytes();
        let parts: [&[u8]; 7] = [
            tenant.as_bytes(),
            user.as_bytes(),
            model.as_bytes(),
            &number(request.max_tokens),
            &number(request.sampling.top_p.map(f32::to_bits)),
            &number(request.sampling.seed),
            // EXPOSE: only a hash comes out.
            text.expose().as_bytes(),
        ];
        Ok(Some(Place(keys.current()?.mac(&parts))))
    }

    /// The answer that is remembered for this question.
    pub(super) fn remembered(&self, ctx: &Ctx, place: Place) -> Option<(String, Answer)> {
        self.0.remembered.get(place, (ctx.now(), &self.0.config.remember))
    }

    /// Remembers an answer that is good for another time.
    pub(super) fn remember(&self, ctx: &Ctx, place: Place, (model, answer): (&Model, &Answer)) {
        if is_worth_it(answer) {
            let settings = &self.0.config.remember;
            self.0.remembered.put(place, (ctx.now(), settings), (model, answer));
        }
    }

    /// Lets a question through that costs nothing: it counts as a message, and is recorded.
    pub(super) async fn ask_again(
        &self,
        ctx: &Ctx,
        work: &Work,
        (call, limits): (&Call, &crate::model::KeyLimits),
    ) -> Result<(), CompanionError> {
        let of_all = self.limits(ctx);
        let event = work.event_on(&CALL_BEGUN, call.id).detail("remembered", "true");
        let nothing = Tally { cost: Some(0), ..Tally::default() };
        let let_through = run_tx!(self.0.db, TxSpec::queue("companion.ask_again"), |tx| {
            self.admit_call(tx, ctx, work, (call, &of_all, limits)).await?;
            let day = call.held.day.unwrap_or_default();
            store::count_usage(tx, &work.access, (day, &call.model, 1), &nothing);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        match let_through {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refusal(ctx, work, (&of_all, error)).await),
        }
    }
}

/// The text of a question that is nothing but that, and is to be answered the same each time. What
/// was said before, what a program tells of its person and what is in pictures is never remembered.
fn only_text(request: &ChatRequest) -> Option<&Phi<String>> {
    let [message] = request.messages.as_slice() else { return None };
    let [Part::Text(text)] = message.parts.as_slice() else { return None };
    let plain = message.role == Role::User
        && request.tools.is_empty()
        && request.format == Format::Text
        && request.reasoning == Reasoning::Default
        && request.sampling.stop.is_empty()
        && request.sampling.temperature.is_some_and(|free| free == 0.0);
    // EXPOSE: only measured.
    (plain && text.expose().len() <= LONGEST).then_some(text)
}

/// Whether something in it is a name, an address, a number or a date.
fn points_to_people(text: &Phi<String>, names: &[Phi<String>]) -> bool {
    let mut veil = Veil::new(names);
    veil.cover(text).is_err() || veil.count() > 0
}

/// Whether a word in it is of people, or of a language in which we do not know those words.
fn speaks_of_people(text: &Phi<String>) -> bool {
    // EXPOSE: looked at, not kept; the copies of words are wiped with their wrapper.
    let text = text.expose();
    let known = |c: char| !c.is_alphabetic() || c <= '\u{24F}';
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    !text.chars().all(known)
        || words.any(|word| {
            let word = Phi::new(word.to_lowercase());
            OF_PEOPLE.contains(&word.expose().as_str())
        })
}

fn is_worth_it(answer: &Answer) -> bool {
    // EXPOSE: only measured.
    let (text, refusal) = (answer.text.expose(), answer.refusal.expose());
    answer.finish == Finish::Stop
        && answer.tool_calls.is_empty()
        && refusal.is_empty()
        && (1..=LONGEST).contains(&text.len())
        && !points_to_people(&answer.text, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm::{Message, Sampling};

    fn question(text: &str) -> ChatRequest {
        let sampling = Sampling { temperature: Some(0.0), ..Sampling::default() };
        ChatRequest { sampling, ..ChatRequest::new("", vec![Message::text(Role::User, text)]) }
    }

    fn may_enter(request: &ChatRequest, names: &[&str]) -> bool {
        let names: Vec<_> = names.iter().map(|name| Phi::new((*name).to_owned())).collect();
        only_text(request)
            .is_some_and(|text| !speaks_of_people(text) && !points_to_people(text, &names))
    }

    #[test]
    fn questions_that_tell_of_nobody_are_remembered() {
        for text in [
            "Translate to German: the kettle is on the stove",
            "What is the capital of France?",
            "Wie hoch liegt Innsbruck?",
            "Write a haiku about rain.",
        ] {
            assert!(may_enter(&question(text), &[]), "{text}");
        }
    }

    #[test]
    fn questions_that_tell_of_somebody_never_enter() {
        for text in [
            "I cannot sleep any more",
            "What helps against MY panic attacks?",
            "Summarise: she has not eaten since Monday",
            "Ich bin krank",
            "je suis très fatigué",
            "Estoy triste",
            "sono stanca",
            "estou com medo",
            "mujhe neend nahi aati",
            "Write to anna@example.org that the test was positive",
            "Anna Berger, born 12.03.1981, HIV positive",
            "Call +43 660 1234567 about the results",
            "What does zorblax take for epilepsy?",
            "Мне грустно",
            "私は悲しい",
            "मैं दुखी हूँ",
        ] {
            assert!(!may_enter(&question(text), &["Zorblax"]), "{text}");
        }
    }

    #[test]
    fn what_is_more_than_one_text_never_enters() {
        let plain = || question("What is the capital of France?");
        assert!(may_enter(&plain(), &[]));
        let with = |change: fn(&mut ChatRequest)| {
            let mut request = plain();
            change(&mut request);
            may_enter(&request, &[])
        };
        assert!(!with(|request| request.sampling.temperature = None));
        assert!(!with(|request| request.sampling.temperature = Some(0.7)));
        assert!(!with(|request| request.format = Format::Json));
        assert!(!with(|request| request.reasoning = Reasoning::High));
        assert!(!with(|request| request.sampling.stop.push("x".to_owned())));
        assert!(!with(|request| request
            .messages
            .insert(0, Message::text(Role::System, "Be kind."))));
        assert!(!with(|request| request.messages.push(Message::text(Role::Assistant, "Paris."))));
        assert!(!with(|request| request.messages.clear()));
        let long = question(&"word ".repeat(LONGEST));
        assert!(!may_enter(&long, &[]));
    }

    #[test]
    fn only_whole_answers_that_tell_of_nobody_are_kept() {
        let answer = |text: &str| super::super::help(Phi::new(text.to_owned()));
        assert!(is_worth_it(&answer("Paris.")));
        assert!(!is_worth_it(&answer("")));
        assert!(!is_worth_it(&answer("Ask at clinic@example.org.")));
        assert!(!is_worth_it(&Answer { finish: Finish::Length, ..answer("Par") }));
        assert!(!is_worth_it(&Answer { refusal: Phi::new("No.".to_owned()), ..answer("x") }));
    }

    #[test]
    fn answers_are_forgotten_when_they_are_old_or_too_many() {
        let all = Remembered::default();
        let settings = Remember { answers: 2, seconds: 60 };
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let is_there = |n: u8, now: i64| all.get(Place([n; 32]), (at(now), &settings)).is_some();
        let model = Model {
            id: "scripted/echo".parse().unwrap(),
            title: String::new(),
            location: llm::Location::Local,
            context: None,
            abilities: llm::Abilities::default(),
            prices: None,
        };
        let put = |n: u8, now: i64| {
            let answer = super::super::help(Phi::new("Paris.".to_owned()));
            all.put(Place([n; 32]), (at(now), &settings), (&model, &answer));
        };
        put(1, 0);
        put(2, 10);
        assert!(is_there(1, 59) && !is_there(1, 60) && !is_there(3, 10));
        put(3, 20);
        assert!(!is_there(1, 20) && is_there(2, 20) && is_there(3, 20));
        put(1, 200);
        assert_eq!(all.lock().answers.len(), 1);
    }
}
