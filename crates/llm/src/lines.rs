//! Lines of JSON that come in any cuts.

use crate::sse::EventTooLarge;
use memchr::memchr;

/// Reads lines; empty ones are skipped. What waits in memory is bounded.
pub(crate) struct LineReader {
    limit: usize,
    bytes: Vec<u8>,
    begin: usize,
    searched: usize,
}

impl LineReader {
    pub const fn new(limit: usize) -> Self {
        Self { limit, bytes: Vec::new(), begin: 0, searched: 0 }
    }

    /// Takes more bytes, once no more lines can be had of those before.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.begin);
        self.searched -= self.begin;
        self.begin = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line, if it is there as a whole.
    pub fn pull(&mut self) -> Result<Option<&[u8]>, EventTooLarge> {
        while let Some(found) = memchr(b'\n', self.bytes.get(self.searched..).unwrap_or_default()) {
            let (from, to) = (self.begin, self.searched + found);
            (self.begin, self.searched) = (to + 1, to + 1);
            if self.bytes.get(from..to).is_some_and(|line| !line.trim_ascii().is_empty()) {
                return Ok(self.bytes.get(from..to));
            }
        }
        self.searched = self.bytes.len();
        if self.bytes.len() - self.begin > self.limit { Err(EventTooLarge) } else { Ok(None) }
    }

    /// The last line, when the stream has ended without a line feed after it.
    pub fn finish(&mut self) -> Option<&[u8]> {
        let from = std::mem::replace(&mut self.begin, self.bytes.len());
        self.searched = self.begin;
        self.bytes.get(from..).filter(|line| !line.trim_ascii().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut reader = LineReader::new(1000);
        let mut lines = Vec::new();
        for piece in bytes.chunks(size) {
            reader.push(piece);
            while let Some(line) = reader.pull().unwrap() {
                lines.push(line.to_vec());
            }
        }
        lines.extend(reader.finish().map(<[u8]>::to_vec));
        lines
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(bytes in "[a\n\r é]{0,60}", size in 1usize..10) {
            let lines = bytes.split('\n').filter(|line| !line.as_bytes().trim_ascii().is_empty());
            let wanted: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).collect();
            prop_assert_eq!(read(bytes.as_bytes(), size), wanted);
        }
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let mut reader = LineReader::new(10);
        reader.push(b"0123456789");
        assert_eq!(reader.pull(), Ok(None));
        reader.push(b"0");
        assert_eq!(reader.pull(), Err(EventTooLarge));
    }
}
