//! The format: what it accepts, and that it never trusts.

use super::super::{
    Counts, DumpError, FormatError, examine,
    format::{put_end, put_header, put_row, put_table, put_table_end},
};
use super::{rows, silent};
use crate::{AppliedStep, Value};
use proptest::prelude::*;
use uuid::Uuid;

fn counts(tables: &[(&str, u64)]) -> Counts {
    Counts(tables.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect())
}

/// One value of each type, and the values around which mistakes are made.
fn sample() -> Vec<u8> {
    let step = |version, name: &str| AppliedStep {
        version,
        name: name.into(),
        checksum: format!("{version:064x}"),
    };
    let mut out = Vec::new();
    put_header(&mut out, &[step(1, "0001_jobs"), step(20, "0020_identity")]).unwrap();
    put_table(&mut out, "empty", ["id"].into_iter()).unwrap();
    put_table_end(&mut out, 0);
    put_table(&mut out, "things", ["body", "id", "label", "n", "ok", "x"].into_iter()).unwrap();
    let full = [
        Value::Bytes(vec![0, 255]),
        Value::Uuid(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_000a)),
        Value::Text("süß 💙\n\0".into()),
        Value::Int(i64::MIN),
        Value::Bool(true),
        Value::Float(-0.1),
    ];
    let bare = [
        Value::Null,
        Value::Bytes(vec![]),
        Value::Text(String::new()),
        Value::Int(-1),
        Value::Bool(false),
        Value::Float(f64::INFINITY),
    ];
    put_row(&mut out, &full).unwrap();
    put_row(&mut out, &bare).unwrap();
    put_table_end(&mut out, 2);
    put_end(&mut out, &counts(&[("empty", 0), ("things", 2)])).unwrap();
    out
}

/// If this fails the format changed: make a new version beside the old one, never a new file in
/// place of the old one.
#[test]
fn a_dump_of_version_1_opens_for_ever() {
    let hex: String = include_str!("../../../vectors/dump-v1.hex").split_whitespace().collect();
    let digit = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let stored: Vec<u8> = hex.as_bytes().chunks(2).map(digit).collect();
    assert_eq!(stored, sample());
    let summary = examine(&stored[..], &silent()).unwrap();
    assert_eq!(summary.header.steps[1].name, "0020_identity");
    assert_eq!(summary.counts.0["things"], 2);
    assert_eq!(summary.counts.0["empty"], 0);
    assert_eq!(rows(&stored)["things"][0]["n"], Value::Int(i64::MIN));
}

#[test]
fn a_dump_that_was_cut_off_anywhere_is_refused() {
    let whole = sample();
    for length in 0..whole.len() {
        let error = examine(&whole[..length], &silent()).unwrap_err();
        let expected = if length < 8 { FormatError::NotADump } else { FormatError::Truncated };
        assert!(
            matches!(&error, DumpError::Format(found) if *found == expected),
            "{length}: {error}"
        );
    }
}

#[test]
fn nothing_may_follow_the_end() {
    let mut longer = sample();
    longer.push(0);
    assert!(matches!(
        examine(&longer[..], &silent()),
        Err(DumpError::Format(FormatError::Malformed(_)))
    ));
}

#[test]
fn another_file_and_a_newer_format_are_named_as_such() {
    let other = examine(&b"SQLite format 3\0"[..], &silent());
    assert!(matches!(other, Err(DumpError::Format(FormatError::NotADump))));
    let mut newer = sample();
    newer[9] = 2;
    let newer = examine(&newer[..], &silent());
    assert!(matches!(newer, Err(DumpError::Format(FormatError::Version(2)))));
}

#[test]
fn rows_and_tables_that_are_missing_are_noticed() {
    let mut fewer_rows = Vec::new();
    put_header(&mut fewer_rows, &[]).unwrap();
    let mut fewer_tables = fewer_rows.clone();
    put_table(&mut fewer_rows, "t", ["a"].into_iter()).unwrap();
    put_table_end(&mut fewer_rows, 1);
    put_end(&mut fewer_tables, &counts(&[("t", 0)])).unwrap();
    for bytes in [fewer_rows, fewer_tables] {
        let result = examine(&bytes[..], &silent());
        assert!(matches!(result, Err(DumpError::Format(FormatError::Malformed(_)))));
    }
}

#[test]
fn a_table_that_comes_twice_is_refused() {
    let mut out = Vec::new();
    put_header(&mut out, &[]).unwrap();
    for _ in 0..2 {
        put_table(&mut out, "t", ["a"].into_iter()).unwrap();
        put_table_end(&mut out, 0);
    }
    put_end(&mut out, &counts(&[("t", 0), ("u", 0)])).unwrap();
    assert!(matches!(examine(&out[..], &silent()), Err(DumpError::Twice(table)) if table == "t"));
}

/// Gives out what there is, and fails the test if anybody makes room for more.
struct Stingy<'a>(&'a [u8]);

impl std::io::Read for Stingy<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(buffer.len() <= 1 << 20, "room for {} bytes", buffer.len());
        self.0.read(buffer)
    }
}

#[test]
fn an_announced_length_reserves_no_memory() {
    let mut out = Vec::new();
    put_header(&mut out, &[]).unwrap();
    put_table(&mut out, "t", ["a"].into_iter()).unwrap();
    out.extend_from_slice(&[super::super::format::ROW, super::super::format::BYTES]);
    out.extend_from_slice(&(1_u32 << 30).to_be_bytes());
    let cut = examine(Stingy(&out), &silent());
    assert!(matches!(cut, Err(DumpError::Format(FormatError::Truncated))));
    let length = out.len();
    out[length - 4..].copy_from_slice(&u32::MAX.to_be_bytes());
    let long = examine(Stingy(&out), &silent());
    assert!(matches!(long, Err(DumpError::Format(FormatError::TooLong))));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_not_panicked_over(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = examine(Stingy(&bytes), &silent());
        let mut headed = super::super::format::MAGIC.to_vec();
        headed.extend_from_slice(&[0, 1, 0, 0]);
        headed.extend_from_slice(&bytes);
        let _ = examine(Stingy(&headed), &silent());
    }

    #[test]
    fn a_damaged_dump_is_answered_not_panicked_over(at in any::<prop::sample::Index>(), to: u8) {
        let mut bytes = sample();
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = examine(Stingy(&bytes), &silent());
    }
}
