//! Server-sent events, read and written.
//!
//! The reader takes bytes in any cuts and gives the same events as for the whole. It takes what
//! real servers send: all three line ends, a byte order mark, comments, fields it does not know,
//! data of many lines, and an end of the stream without the last empty line. What waits in memory
//! is bounded.

use memchr::{memchr, memchr2};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// An event is larger than the reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is too large")]
pub struct EventTooLarge;

/// One event, as long as nothing more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The name after `event:`; empty if there was none.
    pub name: &'a [u8],
    /// The lines after `data:`, with line feeds between them.
    pub data: &'a [u8],
    /// The last id that was seen, of this or an earlier event.
    pub id: &'a [u8],
}

/// Reads events from bytes that come in pieces.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing that was seen last")]
pub struct SseReader {
    limit: usize,
    /// What came and is not read yet starts at `begin`; no line ends before `searched`.
    bytes: Vec<u8>,
    begin: usize,
    searched: usize,
    /// The last line ended with a carriage return: a line feed that follows belongs to it.
    after_cr: bool,
    past_first_line: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    id: Vec<u8>,
    has_data: bool,
    given: bool,
    retry: Option<Duration>,
}

impl SseReader {
    /// Takes events of up to so many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Takes more bytes, once no more events can be had of those before.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.begin == self.bytes.len() {
            self.bytes.clear();
            (self.begin, self.searched) = (0, 0);
        } else if self.begin > 0 {
            self.bytes.drain(..self.begin);
            (self.begin, self.searched) = (0, self.searched - self.begin);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next event, if it is there as a whole.
    pub fn pull(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLarge> {
        self.forget_given();
        while let Some((from, to)) = self.next_line() {
            if from == to {
                if self.has_data {
                    return Ok(Some(self.give()));
                }
                self.name.clear();
            } else {
                self.take_line(from, to);
                self.check_size()?;
            }
        }
        self.check_size()?;
        Ok(None)
    }

    /// The last event, when the stream has ended without an empty line after it.
    pub fn finish(&mut self) -> Result<Option<SseEvent<'_>>, EventTooLarge> {
        self.forget_given();
        if self.begin < self.bytes.len() {
            let (from, to) = (self.begin + self.mark(), self.bytes.len());
            self.begin = to;
            self.take_line(from, to);
            self.check_size()?;
        }
        Ok(if self.has_data { Some(self.give()) } else { None })
    }

    /// How long the server wants a client to wait before it connects again.
    #[must_use]
    pub const fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn check_size(&self) -> Result<(), EventTooLarge> {
        let waiting = self.bytes.len() - self.begin;
        // What was pushed at once may hold many events; only an unfinished line counts.
        let unfinished = if self.searched == self.bytes.len() { waiting } else { 0 };
        if unfinished + self.data.len() + self.name.len() > self.limit {
            return Err(EventTooLarge);
        }
        Ok(())
    }

    fn forget_given(&mut self) {
        if self.given {
            self.given = false;
            self.has_data = false;
            self.name.clear();
            self.data.clear();
        }
    }

    fn give(&mut self) -> SseEvent<'_> {
        self.given = true;
        SseEvent { name: &self.name, data: &self.data, id: &self.id }
    }

    /// Where the next whole line is, without its end.
    fn next_line(&mut self) -> Option<(usize, usize)> {
        if self.after_cr {
            match self.bytes.get(self.begin) {
                Some(b'\n') => {
                    self.begin += 1;
                    self.after_cr = false;
                }
                Some(_) => self.after_cr = false,
                None => return None,
            }
            self.searched = self.searched.max(self.begin);
        }
        let rest = self.bytes.get(self.searched..)?;
        let Some(found) = memchr2(b'\n', b'\r', rest) else {
            self.searched = self.bytes.len();
            return None;
        };
        self.after_cr = rest.get(found) == Some(&b'\r');
        let (from, to) = (self.begin + self.mark(), self.searched + found);
        self.begin = to + 1;
        self.searched = self.begin;
        Some((from, to))
    }

    /// The length of the byte order mark that the first line may begin with.
    fn mark(&mut self) -> usize {
        let first = !std::mem::replace(&mut self.past_first_line, true);
        let line = self.bytes.get(self.begin..).unwrap_or_default();
        if first && line.starts_with(MARK) { MARK.len() } else { 0 }
    }

    fn take_line(&mut self, from: usize, to: usize) {
        let line = self.bytes.get(from..to).unwrap_or_default();
        let (field, value) = match memchr(b':', line).and_then(|colon| line.split_at_checked(colon))
        {
            Some((field, value)) => (field, value.get(1..).unwrap_or_default()),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"id" if memchr(0, value).is_none() && value.len() <= MAX_ID => {
                self.id.clear();
                self.id.extend_from_slice(value);
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let millis = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                self.retry = millis.map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
    }
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Longer ids are not kept: they would be remembered for the whole stream.
const MAX_ID: usize = 1024;

/// Writes an event. Line ends in the data become lines of it; name and id must have none, and
/// what follows one in them is left out.
pub fn write_event(out: &mut Vec<u8>, name: &str, id: Option<&str>, data: &[u8]) {
    if !name.is_empty() {
        write_field(out, b"event: ", first_line(name.as_bytes()));
    }
    if let Some(id) = id {
        write_field(out, b"id: ", first_line(id.as_bytes()));
    }
    let mut rest = data;
    while let Some(end) = memchr2(b'\n', b'\r', rest) {
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        write_field(out, b"data: ", line);
        rest = after.strip_prefix(b"\r\n").or(after.get(1..)).unwrap_or_default();
    }
    write_field(out, b"data: ", rest);
    out.push(b'\n');
}

/// Writes a comment, which keeps a connection open and is no event.
pub fn write_comment(out: &mut Vec<u8>, text: &str) {
    write_field(out, b": ", first_line(text.as_bytes()));
    out.push(b'\n');
}

fn first_line(text: &[u8]) -> &[u8] {
    memchr2(b'\n', b'\r', text).and_then(|end| text.get(..end)).unwrap_or(text)
}

fn write_field(out: &mut Vec<u8>, label: &[u8], value: &[u8]) {
    out.extend_from_slice(label);
    out.extend_from_slice(value);
    out.push(b'\n');
}
