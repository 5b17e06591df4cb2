//! Putting back: placeholders in an answer become what they stand for.
//!
//! An answer comes in pieces, and a placeholder may be cut anywhere. So what may still become one
//! is held until it has, or cannot any more. Models change small things: letters may be small, and
//! the line may be escaped as in Markdown.

use crate::{Kind, Span, Veil};
use kernel::Phi;
use std::sync::Arc;

/// No placeholder is longer, escapes included.
const LONGEST: usize = 20;

/// Puts back what was taken out, in one answer.
pub struct Restorer {
    veil: Arc<Veil>,
    /// What may become a placeholder.
    held: Phi<String>,
}

impl Restorer {
    pub(crate) fn new(veil: Arc<Veil>) -> Self {
        Self { veil, held: Phi::default() }
    }

    /// More of the answer; what of it is certain by now.
    pub fn push(&mut self, more: &Phi<String>) -> Phi<String> {
        let mut out = Phi::new(String::with_capacity(more.expose().len()));
        // EXPOSE: put together as Phi again.
        for c in more.expose().chars() {
            self.take(c, out.expose_mut());
        }
        out
    }

    /// What is still held, when nothing more comes.
    pub fn finish(&mut self) -> Phi<String> {
        std::mem::take(&mut self.held)
    }

    fn take(&mut self, c: char, out: &mut String) {
        // EXPOSE: compared, and put together as Phi again.
        if c == '[' {
            out.push_str(self.held.expose());
            self.held.expose_mut().clear();
            self.held.expose_mut().push(c);
            return;
        }
        if self.held.expose().is_empty() {
            out.push(c);
            return;
        }
        self.held.expose_mut().push(c);
        if c == ']' {
            match self.original() {
                Some(original) => out.push_str(original.expose()),
                None => out.push_str(self.held.expose()),
            }
            self.held.expose_mut().clear();
        } else if !may_become(self.held.expose()) {
            out.push_str(self.held.expose());
            self.held.expose_mut().clear();
        }
    }

    fn original(&self) -> Option<&Phi<String>> {
        // EXPOSE: only compared.
        let (kind, number) = parse(self.held.expose())?;
        self.veil.original(kind, number)
    }
}

/// Whether this beginning may still become a placeholder.
fn may_become(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"[_\\".contains(&byte);
    text.len() < LONGEST && text.bytes().all(inside)
}

/// The kind and number of a placeholder.
fn parse(text: &str) -> Option<(Kind, usize)> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let (word, number) = inside.split_once('_')?;
    let word = word.strip_suffix('\\').unwrap_or(word);
    let kind = Kind::ALL.into_iter().find(|kind| word.eq_ignore_ascii_case(kind.word()))?;
    let plain = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((kind, number.parse().ok().filter(|_| plain)?))
}

/// Parts of a text that would be taken for placeholders of ours.
pub(crate) fn look_alikes(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for (from, _) in text.match_indices('[') {
        let Some(rest) = text.get(from..) else { continue };
        let Some(length) = rest.find(']').map(|end| end + 1).filter(|length| *length <= LONGEST)
        else {
            continue;
        };
        if rest.get(..length).and_then(parse).is_some() {
            found.push(Span { from, to: from + length, kind: Kind::Text });
        }
    }
    found
}
