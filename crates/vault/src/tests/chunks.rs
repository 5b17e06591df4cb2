//! Sealed files: whole, in parts, in pieces, and cut off.

use super::support::{FILE_KEY, NOTE, World, row, subject};
use crate::{FileKey, Sealed, VaultError, chunked::CHUNK};
use proptest::prelude::*;
use std::io::Cursor;

async fn file() -> (World, FileKey, Sealed) {
    let world = World::new();
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let (key, sealed) = keyring.new_file_key(&FILE_KEY, row(1)).unwrap();
    (world, key, sealed)
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn seal(key: &FileKey, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(key.seal(content, &mut out).unwrap(), content.len() as u64);
    out
}

fn open(key: &FileKey, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::new();
    key.open(sealed, &mut out)?;
    Ok(out)
}

const LENGTHS: [usize; 8] =
    [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 77];

#[tokio::test]
async fn files_of_every_length_open_again() {
    let (_world, key, _) = file().await;
    for length in LENGTHS {
        let content = content(length);
        let sealed = seal(&key, &content);
        assert_eq!(sealed.len(), 56 + length + 16 * (length / CHUNK + 1));
        assert_eq!(open(&key, &sealed).unwrap(), content);
        assert_eq!(key.length(Cursor::new(&sealed)).unwrap(), length as u64);
    }
}

#[tokio::test]
async fn a_file_that_was_cut_off_anywhere_does_not_open() {
    let (_world, key, _) = file().await;
    let sealed = seal(&key, &content(2 * CHUNK + 100));
    let cuts = (0..=60).chain((0..3).flat_map(|chunk| {
        let start = 56 + chunk * (CHUNK + 16);
        start..start + 20
    }));
    for cut in cuts.chain(sealed.len() - 120..sealed.len()) {
        let cut = &sealed[..cut];
        assert!(matches!(open(&key, cut), Err(VaultError::Unopenable)));
        assert!(matches!(key.length(Cursor::new(cut)), Err(VaultError::Unopenable)));
        let beyond = key.open_range(Cursor::new(cut), 0..u64::MAX);
        assert!(matches!(beyond, Err(VaultError::Unopenable)));
    }
}

#[tokio::test]
async fn chunks_that_were_swapped_repeated_or_appended_do_not_open() {
    let (_world, key, _) = file().await;
    let sealed = seal(&key, &content(2 * CHUNK + 100));
    let (header, body) = sealed.split_at(56);
    let chunks: Vec<&[u8]> = body.chunks(CHUNK + 16).collect();
    for order in [vec![1, 0, 2], vec![0, 0, 2], vec![0, 2], vec![2], vec![0, 1, 2, 2]] {
        let mut bad = header.to_vec();
        bad.extend(order.iter().flat_map(|at| chunks[*at]));
        assert!(open(&key, &bad).is_err(), "{order:?}");
    }
}

#[tokio::test]
async fn a_file_opens_with_its_own_key_at_its_own_place_only() {
    let (world, key, sealed_key) = file().await;
    let sealed = seal(&key, b"x-ray");
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let again = keyring.file_key(&FILE_KEY, row(1), &sealed_key).unwrap();
    assert_eq!(open(&again, &sealed).unwrap(), b"x-ray");
    assert!(keyring.file_key(&FILE_KEY, row(2), &sealed_key).is_err());
    let (other, _) = keyring.new_file_key(&FILE_KEY, row(1)).unwrap();
    assert!(open(&other, &sealed).is_err());
    let note = keyring.seal(&NOTE, row(1), b"not a key").unwrap();
    assert!(keyring.file_key(&NOTE, row(1), &note).is_err());
}

#[tokio::test]
async fn a_failed_opener_goes_on_failing() {
    let (_world, key, _) = file().await;
    let sealed = seal(&key, &content(2 * CHUNK));
    let mut bad = sealed.clone();
    bad[100] ^= 1;
    let (mut opener, mut out) = (key.opener(), Vec::new());
    assert!(opener.push(&bad, &mut out).is_err());
    assert!(opener.push(&sealed, &mut out).is_err());
    assert!(opener.finish(&mut out).is_err());
    assert!(out.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pieces_of_any_size_give_the_same_file(
        length in 0..3 * CHUNK,
        cuts in proptest::collection::vec(1..2 * CHUNK, 1..20),
        start in 0..4 * CHUNK as u64,
        wanted in 0..3 * CHUNK as u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (_world, key, _) = runtime.block_on(file());
        let content = content(length);
        let (mut sealer, mut sealed) = (key.sealer().unwrap(), Vec::new());
        let mut rest = content.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            sealer.push(now, &mut sealed).unwrap();
            rest = later;
        }
        sealer.finish(&mut sealed).unwrap();
        let (mut opener, mut opened) = (key.opener(), Vec::new());
        let mut rest = sealed.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            opener.push(now, &mut opened).unwrap();
            rest = later;
        }
        opener.finish(&mut opened).unwrap();
        prop_assert_eq!(&opened, &content);
        let part = key.open_range(Cursor::new(&sealed), start..start + wanted).unwrap();
        let (start, wanted) = (usize::try_from(start).unwrap(), usize::try_from(wanted).unwrap());
        let end = (start + wanted).min(length);
        prop_assert_eq!(part.expose().as_slice(), content.get(start.min(end)..end).unwrap());
    }

    #[test]
    fn arbitrary_bytes_are_never_a_file(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (_world, key, _) = runtime.block_on(file());
        prop_assert!(open(&key, &bytes).is_err());
        prop_assert!(key.length(Cursor::new(&bytes)).is_err());
    }
}
