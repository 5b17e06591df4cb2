//! Reading and writing the fields of entries: fixed arrays, length-prefixed names, sealed boxes.
//! The reader gives `None` on anything that the writer would not have written.

use crate::word::{DetailBox, Word};
use kernel::Timestamp;
use uuid::Uuid;

pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn array<const N: usize>(&mut self, value: &[u8; N]) {
        self.0.extend_from_slice(value);
    }

    pub(crate) fn option<const N: usize>(&mut self, value: Option<[u8; N]>) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            self.array(&value);
        }
    }

    pub(crate) fn word(&mut self, word: &Word) {
        // A word has at most 64 bytes, so the length always fits.
        self.u8(u8::try_from(word.as_str().len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(word.as_str().as_bytes());
    }

    pub(crate) fn detail(&mut self, detail: &DetailBox) {
        // A box has at most 65535 bytes, so the length always fits.
        let length = u16::try_from(detail.as_bytes().len()).unwrap_or(u16::MAX);
        self.array(&length.to_be_bytes());
        self.0.extend_from_slice(detail.as_bytes());
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub(crate) fn uuid(&mut self) -> Option<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    pub(crate) fn time(&mut self) -> Option<Timestamp> {
        let micros = i64::from_be_bytes(self.array()?);
        let time = Timestamp::from_micros(micros);
        (time.as_micros() == micros).then_some(time)
    }

    #[expect(clippy::option_option, reason = "outside: readable at all; inside: the value")]
    pub(crate) fn option<const N: usize>(&mut self) -> Option<Option<[u8; N]>> {
        if self.flag()? { self.array().map(Some) } else { Some(None) }
    }

    pub(crate) fn word(&mut self) -> Option<Word> {
        let length = usize::from(self.u8()?);
        std::str::from_utf8(self.slice(length)?).ok()?.parse().ok()
    }

    pub(crate) fn detail(&mut self) -> Option<DetailBox> {
        let length = usize::from(u16::from_be_bytes(self.array()?));
        DetailBox::new(self.slice(length)?.to_vec()).ok()
    }
}
