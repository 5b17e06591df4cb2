//! Sealing and opening piece by piece, for callers that are fed by a network.

use super::{CHUNK, Chunks, HEADER_LEN, SALT_LEN, SEALED_CHUNK};
use crate::{
    error::VaultError,
    hazmat::{Key, TAG_LEN, Unopenable},
};
use zeroize::Zeroizing;

/// Seals a file that comes in pieces of any size.
pub struct ChunkSealer {
    chunks: Chunks,
    header: Option<Vec<u8>>,
    number: u64,
    pending: Zeroizing<Vec<u8>>,
}

impl ChunkSealer {
    pub(crate) fn new(key: &Key, context: &[u8], salt: [u8; SALT_LEN]) -> Result<Self, Unopenable> {
        let chunks = Chunks::derive(key, &salt, context)?;
        let mut header = salt.to_vec();
        header.extend_from_slice(&chunks.commitment);
        let pending = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Self { chunks, header: Some(header), number: 0, pending })
    }

    /// Takes the next piece and appends what is ready to `out`.
    pub fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), VaultError> {
        out.extend(self.header.take().unwrap_or_default());
        while !piece.is_empty() {
            let fits = piece.len().min(CHUNK.saturating_sub(self.pending.len()));
            let (now, later) = piece.split_at(fits);
            self.pending.extend_from_slice(now);
            piece = later;
            if self.pending.len() == CHUNK {
                self.flush(out)?;
            }
        }
        Ok(())
    }

    /// Appends the end of the file to `out`. Without it the file does not open.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        self.push(&[], out)?;
        self.flush(out)
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        self.chunks.seal_chunk(self.number, &self.pending, out)?;
        self.number += 1;
        self.pending.clear();
        Ok(())
    }
}

/// Opens a sealed file that comes in pieces of any size. What it gives out is genuine, but only a
/// successful [`Self::finish`] says that it was all. Once it has failed it always fails.
pub struct ChunkOpener<'a> {
    key: &'a Key,
    context: &'a [u8],
    state: State,
    pending: Vec<u8>,
}

enum State {
    Header,
    Body(Chunks, u64),
    Failed,
}

impl<'a> ChunkOpener<'a> {
    pub(crate) const fn new(key: &'a Key, context: &'a [u8]) -> Self {
        Self { key, context, state: State::Header, pending: Vec::new() }
    }

    /// Takes the next piece and appends what could be opened to `out`.
    pub fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), VaultError> {
        while !piece.is_empty() {
            let wanted = match self.state {
                State::Header => HEADER_LEN,
                State::Body(..) => SEALED_CHUNK,
                State::Failed => return Err(VaultError::Unopenable),
            };
            let fits = piece.len().min(wanted.saturating_sub(self.pending.len()));
            let (now, later) = piece.split_at(fits);
            self.pending.extend_from_slice(now);
            piece = later;
            if self.pending.len() == wanted {
                self.step(out)?;
            }
        }
        Ok(())
    }

    /// The file ends here: appends its last chunk to `out`, or fails if that is not its end.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        match &self.state {
            State::Body(..) if self.pending.len() >= TAG_LEN => self.step(out),
            State::Header | State::Body(..) | State::Failed => Err(VaultError::Unopenable),
        }
    }

    fn step(&mut self, out: &mut Vec<u8>) -> Result<(), VaultError> {
        let next = match std::mem::replace(&mut self.state, State::Failed) {
            State::Header => State::Body(Chunks::open(self.key, &self.pending, self.context)?, 0),
            State::Body(chunks, number) => {
                chunks.open_chunk(number, &self.pending, out)?;
                State::Body(chunks, number + 1)
            }
            State::Failed => return Err(VaultError::Unopenable),
        };
        self.state = next;
        self.pending.clear();
        Ok(())
    }
}
