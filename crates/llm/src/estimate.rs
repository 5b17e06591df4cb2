//! Counts tokens where a provider does not: before a question is asked, and after an answer broke
//! off.
//!
//! The estimate depends on the text alone, not on how it was cut. It knows no tokenizer: it takes
//! a token for each five letters of a word, for each two digits, and for each sign.

use crate::{
    chat::{ChatRequest, Message, Part},
    event::{StreamEvent, Usage},
};

/// What a message costs beside its words.
const PER_MESSAGE: u64 = 4;
/// What a picture costs: the most that providers count for one of a usual size.
const PER_IMAGE: u64 = 1_600;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Run {
    #[default]
    None,
    Letters,
    Digits,
    Foreign,
}

/// Counts the tokens of a text that comes in pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimator {
    tokens: u64,
    run: Run,
    length: u64,
}

impl Estimator {
    /// More of the text.
    pub fn push(&mut self, text: &str) {
        for c in text.chars() {
            let run = match c {
                'a'..='z' | 'A'..='Z' => Run::Letters,
                '0'..='9' => Run::Digits,
                c if c.is_alphabetic() && !one_by_one(c) => Run::Foreign,
                _ => Run::None,
            };
            if run != self.run {
                self.close();
                self.run = run;
            }
            match run {
                Run::None if c == ' ' => {}
                Run::None => self.tokens += if u32::from(c) > 0xffff { 3 } else { 1 },
                Run::Letters | Run::Digits | Run::Foreign => self.length += 1,
            }
        }
    }

    fn close(&mut self) {
        self.tokens += self.open();
        self.length = 0;
    }

    /// The tokens of the word that may still go on.
    const fn open(&self) -> u64 {
        match self.run {
            Run::None => 0,
            Run::Letters => self.length.div_ceil(5),
            Run::Digits | Run::Foreign => self.length.div_ceil(2),
        }
    }

    /// The tokens so far.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.tokens + self.open()
    }
}

/// Scripts of which a token holds about one sign.
fn one_by_one(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1100..=0x11ff | 0x2e80..)
}

/// About how many tokens a text has.
#[must_use]
pub fn estimate(text: &str) -> u64 {
    let mut estimator = Estimator::default();
    estimator.push(text);
    estimator.tokens()
}

/// About how many tokens a question has.
#[must_use]
pub fn estimate_request(request: &ChatRequest) -> u64 {
    let messages: u64 = request.messages.iter().map(of_message).sum();
    let tools = request.tools.iter().map(|tool| {
        estimate(&tool.name) + estimate(&tool.description) + estimate(&tool.parameters.to_string())
    });
    messages + tools.map(|tokens| tokens + PER_MESSAGE).sum::<u64>()
}

fn of_message(message: &Message) -> u64 {
    // EXPOSE: only counted.
    let parts = message.parts.iter().map(|part| match part {
        Part::Text(text) => estimate(text.expose()),
        Part::Image(_) => PER_IMAGE,
        Part::Thought(thought) => estimate(thought.text.expose()),
        Part::ToolCall(call) => estimate(&call.name) + estimate(call.arguments.expose()),
        Part::ToolResult(result) => estimate(result.text.expose()),
    });
    parts.sum::<u64>() + PER_MESSAGE
}

/// Knows at any moment what an answer has used so far: what the provider said, and an estimate of
/// what it did not say.
#[derive(Debug, Clone)]
pub struct Meter {
    input: u64,
    written: Estimator,
    reasoned: Estimator,
    calls: u64,
    said: Option<Usage>,
    finished: bool,
}

impl Meter {
    /// For the answer to this question.
    #[must_use]
    pub fn new(request: &ChatRequest) -> Self {
        Self {
            input: estimate_request(request),
            written: Estimator::default(),
            reasoned: Estimator::default(),
            calls: 0,
            said: None,
            finished: false,
        }
    }

    /// A piece has come.
    pub fn see(&mut self, event: &StreamEvent) {
        // EXPOSE: only counted.
        match event {
            StreamEvent::Delta(text) | StreamEvent::Refusal(text) => {
                self.written.push(text.expose());
            }
            StreamEvent::Reasoning(text) => self.reasoned.push(text.expose()),
            StreamEvent::ToolCall(call) => {
                self.calls += estimate(&call.name) + estimate(call.arguments.expose());
            }
            StreamEvent::Usage(usage) => self.said = Some(*usage),
            StreamEvent::Finish(_) => self.finished = true,
            StreamEvent::Thought(_) => {}
        }
    }

    /// What was used. It is exact only if the answer came to its end and the provider said it.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let reasoning = self.reasoned.tokens();
        let output = self.written.tokens() + self.calls + reasoning;
        match self.said {
            Some(said) if self.finished => said,
            // What was said before a break may count less than what had been written by then.
            Some(said) => Usage { output: said.output.max(output), estimated: true, ..said },
            None => {
                Usage { input: self.input, output, reasoning, estimated: true, ..Usage::default() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chat::Role, event::Finish};
    use kernel::Phi;
    use proptest::prelude::*;

    #[test]
    fn an_estimate_lies_between_the_words_and_the_letters_of_a_text() {
        for text in [
            "I could not sleep well last night again.",
            "Ich konnte heute Nacht wieder nicht gut schlafen.",
            "Мне опять не спалось этой ночью.",
            "2026-11-21 12:30",
        ] {
            let words = text.split_whitespace().count() as u64;
            let letters = text.chars().count() as u64;
            assert!((words..=letters).contains(&estimate(text)), "{text}: {}", estimate(text));
        }
        assert_eq!(estimate("睡不着觉"), 4);
        assert_eq!(estimate(""), 0);
    }

    #[test]
    fn what_a_provider_says_counts_unless_the_answer_broke_off_later() {
        let request = ChatRequest::new("m", vec![Message::text(Role::User, "hello there")]);
        let mut meter = Meter::new(&request);
        assert!(meter.usage().estimated && meter.usage().input >= 6);
        let said = Usage { input: 20, output: 1, ..Usage::default() };
        meter.see(&StreamEvent::Usage(said));
        meter.see(&StreamEvent::Delta(Phi::new("one two three four".into())));
        let broken = meter.usage();
        assert_eq!((broken.input, broken.output, broken.estimated), (20, 4, true));
        meter.see(&StreamEvent::Finish(Finish::Stop));
        assert_eq!(meter.usage(), said);
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(pieces in proptest::collection::vec("[a-z0-9 .é漢🙂]{0,8}", 0..8)) {
            let mut estimator = Estimator::default();
            for piece in &pieces {
                estimator.push(piece);
            }
            prop_assert_eq!(estimator.tokens(), estimate(&pieces.concat()));
        }
    }
}
