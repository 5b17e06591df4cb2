//! Sealing and opening from a reader to a writer, and reading a part of a sealed file.

use super::{CHUNK, Chunks, FileKey, HEADER_LEN, SEALED_CHUNK};
use crate::{error::VaultError, hazmat::TAG_LEN};
use kernel::Phi;
use std::{
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    ops::Range,
};
use zeroize::Zeroizing;

impl FileKey {
    /// Seals all that the reader gives; answers how many bytes that was.
    pub fn seal(&self, mut from: impl Read, mut to: impl Write) -> Result<u64, VaultError> {
        let mut sealer = self.sealer()?;
        let mut buffer = Zeroizing::new(vec![0; CHUNK]);
        let mut out = Vec::with_capacity(HEADER_LEN + SEALED_CHUNK);
        let mut total = 0;
        loop {
            let piece = read_some(&mut from, &mut buffer)?;
            if piece.is_empty() {
                break;
            }
            total += piece.len() as u64;
            sealer.push(piece, &mut out)?;
            to.write_all(&out)?;
            out.clear();
        }
        sealer.finish(&mut out)?;
        to.write_all(&out)?;
        Ok(total)
    }

    /// Opens a sealed file; answers how many bytes were in it. If it fails, throw away what was
    /// written: it is genuine, but not all.
    pub fn open(&self, mut from: impl Read, mut to: impl Write) -> Result<u64, VaultError> {
        let mut opener = self.opener();
        let mut buffer = vec![0; SEALED_CHUNK];
        let mut out = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK));
        let mut total = 0;
        loop {
            let piece = read_some(&mut from, &mut buffer)?;
            if piece.is_empty() {
                break;
            }
            opener.push(piece, &mut out)?;
            total += out.len() as u64;
            to.write_all(&out)?;
            out.clear();
        }
        opener.finish(&mut out)?;
        to.write_all(&out)?;
        Ok(total + out.len() as u64)
    }

    /// How many bytes are in a sealed file; proves that it was not cut off.
    pub fn length(&self, mut from: impl Read + Seek) -> Result<u64, VaultError> {
        let chunks = self.chunks(&mut from)?;
        let body = body_length(&mut from)?;
        let number = body / SEALED_CHUNK as u64;
        let last = read_chunk(&chunks, number, &mut from, body)?;
        // EXPOSE: only its length is looked at.
        Ok(number * CHUNK as u64 + last.expose().len() as u64)
    }

    /// Opens a part of a sealed file, reading little more than that part. A range that reaches
    /// beyond the end gives what there is, after proof that the file was not cut off.
    pub fn open_range(
        &self,
        mut from: impl Read + Seek,
        range: Range<u64>,
    ) -> Result<Phi<Vec<u8>>, VaultError> {
        let chunks = self.chunks(&mut from)?;
        let body = body_length(&mut from)?;
        let last = body / SEALED_CHUNK as u64;
        let mut out = Phi::new(Vec::new());
        let mut number = range.start / CHUNK as u64;
        if number > last {
            self.length(from)?;
            return Ok(out);
        }
        while number <= last && number * (CHUNK as u64) < range.end {
            let chunk = read_chunk(&chunks, number, &mut from, body)?;
            let start = number * CHUNK as u64;
            let within = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            // EXPOSE: the wanted part goes into the answer, which is as well guarded.
            let chunk = chunk.expose();
            let end = within(range.end).min(chunk.len());
            let part = chunk.get(within(range.start).min(end)..end).unwrap_or_default();
            out.expose_mut().extend_from_slice(part);
            number += 1;
        }
        Ok(out)
    }

    fn chunks(&self, from: &mut (impl Read + Seek)) -> Result<Chunks, VaultError> {
        let mut header = [0; HEADER_LEN];
        from.seek(SeekFrom::Start(0))?;
        read_exactly(from, &mut header)?;
        Ok(Chunks::open(&self.key, &header, &self.context)?)
    }
}

fn read_chunk(
    chunks: &Chunks,
    number: u64,
    from: &mut (impl Read + Seek),
    body: u64,
) -> Result<Phi<Vec<u8>>, VaultError> {
    let offset = number * SEALED_CHUNK as u64;
    let length = body.saturating_sub(offset).min(SEALED_CHUNK as u64);
    let mut sealed = vec![0; usize::try_from(length).unwrap_or_default()];
    from.seek(SeekFrom::Start(HEADER_LEN as u64 + offset))?;
    read_exactly(from, &mut sealed)?;
    let mut out = Phi::new(Vec::with_capacity(sealed.len().saturating_sub(TAG_LEN)));
    chunks.open_chunk(number, &sealed, out.expose_mut())?;
    Ok(out)
}

/// How many bytes there are after the header.
fn body_length(from: &mut impl Seek) -> Result<u64, VaultError> {
    let end = from.seek(SeekFrom::End(0))?;
    end.checked_sub(HEADER_LEN as u64).ok_or(VaultError::Unopenable)
}

/// A file that is too short was cut off, and that is no fault of the disk.
fn read_exactly(from: &mut impl Read, buffer: &mut [u8]) -> Result<(), VaultError> {
    from.read_exact(buffer).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => VaultError::Unopenable,
        _ => VaultError::Io(error),
    })
}

fn read_some<'a>(from: &mut impl Read, buffer: &'a mut [u8]) -> Result<&'a [u8], VaultError> {
    loop {
        match from.read(buffer) {
            Ok(count) => return Ok(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
