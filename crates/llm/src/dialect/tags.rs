//! Local servers that let tags through in the text: thoughts between `<think>` and `</think>`, and
//! wishes for tools between `<tool_call>` and `</tool_call>`.
//!
//! Thoughts are only looked for at the very beginning, wishes only when tools were offered. What
//! turns out to be no wish stays text, unchanged.

use super::pieces::Pieces;
use serde_json::Value;

const THINK: &str = "<think>";
const THOUGHT: &str = "</think>";
const WISH: &str = "<tool_call>";
const WISHED: &str = "</tool_call>";

/// Text that is longer is no wish for a tool.
const MAX_WISH: usize = 64 * 1024;

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Within {
    #[default]
    Beginning,
    Thought,
    Text,
    Wish,
}

/// A wish for a tool that came as text.
pub(crate) struct Wish {
    pub name: String,
    pub arguments: Value,
}

/// Takes text in any cuts and tells thoughts, words and wishes apart.
pub(crate) struct Tags {
    within: Within,
    held: String,
    /// The names of the tools that were offered.
    tools: Vec<String>,
    wishes: Vec<Wish>,
}

impl Tags {
    pub fn new(tools: Vec<String>) -> Self {
        Self { within: Within::Beginning, held: String::new(), tools, wishes: Vec::new() }
    }

    /// More text.
    pub fn feed(&mut self, text: &str, pieces: &mut Pieces) {
        self.held.push_str(text);
        while self.step(pieces) {}
    }

    /// The text has ended: nothing is held back any more.
    pub fn end(&mut self, pieces: &mut Pieces) {
        let rest = std::mem::take(&mut self.held);
        match self.within {
            Within::Thought => pieces.reasoning(rest),
            Within::Wish => self.wish(&rest, pieces),
            Within::Beginning | Within::Text => pieces.text(rest),
        }
        self.within = Within::Text;
    }

    /// The wishes that were found.
    pub fn wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// Handles what is held as far as it is decided; says whether more may be done.
    fn step(&mut self, pieces: &mut Pieces) -> bool {
        match self.within {
            Within::Beginning => {
                let text = self.held.trim_start();
                if let Some(rest) = text.strip_prefix(THINK) {
                    self.held = rest.to_owned();
                    self.within = Within::Thought;
                    return true;
                }
                if THINK.starts_with(text) {
                    return false;
                }
                self.within = Within::Text;
                true
            }
            Within::Thought => self.up_to(THOUGHT, Within::Text, pieces, Pieces::reasoning),
            Within::Text if self.tools.is_empty() => {
                pieces.text(std::mem::take(&mut self.held));
                false
            }
            Within::Text => self.up_to(WISH, Within::Wish, pieces, Pieces::text),
            Within::Wish => self.up_to_wished(pieces),
        }
    }

    /// Hands on what comes before a tag; the beginning of the tag at the end is held back.
    fn up_to(
        &mut self,
        tag: &str,
        after: Within,
        pieces: &mut Pieces,
        hand_on: fn(&mut Pieces, String),
    ) -> bool {
        if let Some((before, rest)) = self.held.split_once(tag) {
            hand_on(pieces, before.to_owned());
            let rest = if after == Within::Text { rest.trim_start() } else { rest };
            self.held = rest.to_owned();
            self.within = after;
            return true;
        }
        let keep = (1..tag.len())
            .rev()
            .find(|length| tag.get(..*length).is_some_and(|part| self.held.ends_with(part)))
            .unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        hand_on(pieces, std::mem::replace(&mut self.held, rest));
        false
    }

    fn up_to_wished(&mut self, pieces: &mut Pieces) -> bool {
        let whole = self.held.split_once(WISHED).map(|(a, b)| (a.to_owned(), b.to_owned()));
        if let Some((inner, rest)) = whole {
            self.held = rest;
            self.wish(&inner, pieces);
        } else if self.held.len() > MAX_WISH {
            let text = std::mem::take(&mut self.held);
            pieces.text(format!("{WISH}{text}"));
        } else {
            return false;
        }
        self.within = Within::Text;
        true
    }

    fn wish(&mut self, inner: &str, pieces: &mut Pieces) {
        let parsed: Value = serde_json::from_str(inner.trim()).unwrap_or_default();
        let name = parsed.get("name").and_then(Value::as_str).unwrap_or_default();
        if self.tools.iter().any(|tool| tool == name) {
            let arguments = parsed.get("arguments").or(parsed.get("parameters"));
            let arguments = arguments.cloned().unwrap_or_default();
            self.wishes.push(Wish { name: name.to_owned(), arguments });
        } else {
            pieces.text(format!("{WISH}{inner}{WISHED}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamEvent;
    use proptest::prelude::*;

    /// What comes out as thought, as text and as wishes.
    fn split(text: &str, cuts: &[usize], tools: &[&str]) -> (String, String, Vec<String>) {
        let mut tags = Tags::new(tools.iter().map(ToString::to_string).collect());
        let mut pieces = Pieces::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        for cut in cuts.iter().copied().chain([chars.len()]) {
            let cut = cut.clamp(at, chars.len());
            tags.feed(&chars[at..cut].iter().collect::<String>(), &mut pieces);
            at = cut;
        }
        tags.end(&mut pieces);
        let (mut thought, mut words) = (String::new(), String::new());
        while let Some(piece) = pieces.pop() {
            match piece {
                StreamEvent::Reasoning(more) => thought.push_str(more.expose()),
                StreamEvent::Delta(more) => words.push_str(more.expose()),
                _ => panic!("something else"),
            }
        }
        let wishes =
            tags.wishes().into_iter().map(|wish| format!("{} {}", wish.name, wish.arguments));
        (thought, words, wishes.collect())
    }

    #[test]
    fn thoughts_come_first_or_not_at_all() {
        assert_eq!(split("\n<think>hm</think>\n\nYes", &[], &[]).0, "hm");
        assert_eq!(split("\n<think>hm</think>\n\nYes", &[], &[]).1, "Yes");
        assert_eq!(split("Say <think>x</think>", &[], &[]).1, "Say <think>x</think>");
        assert_eq!(split("<think>never ends", &[], &[]).0, "never ends");
        assert_eq!(split("<think", &[], &[]).1, "<think");
    }

    #[test]
    fn a_wish_is_one_only_for_a_tool_that_was_offered() {
        let text = "Well. <tool_call>{\"name\":\"walk\",\"arguments\":{\"minutes\":5}}</tool_call>";
        let (_, words, wishes) = split(text, &[], &["walk"]);
        assert_eq!((words.as_str(), wishes), ("Well. ", vec!["walk {\"minutes\":5}".into()]));
        assert_eq!(split(text, &[], &["run"]).1, text);
        assert_eq!(split(text, &[], &[]).1, text);
        assert_eq!(
            split("<tool_call>no</tool_call> x", &[], &["run"]).1,
            "<tool_call>no</tool_call> x"
        );
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("<think>"), Just("</think>"), Just("<tool_call>"), Just("</tool_call>"),
                    Just("{\"name\":\"walk\"}"), Just("a"), Just(" "), Just("<"), Just("é"),
                ],
                0..12,
            ),
            mut cuts in proptest::collection::vec(0usize..80, 0..12),
        ) {
            cuts.sort_unstable();
            let text = pieces.concat();
            prop_assert_eq!(split(&text, &cuts, &["walk"]), split(&text, &[], &["walk"]));
        }
    }
}
