//! The bytes of a dump.
//!
//! ```text
//! dump    "SALUSDMP" version:u16 steps:u16 { step:u32 name checksum } table* END tables:u32 rows:u64
//! table   TABLE name columns:u16 { name } { ROW value* } TABLE_END rows:u64
//! value   NULL | FALSE | TRUE | INT i64 | FLOAT bits:u64 | TEXT bytes | BYTES bytes | UUID [16]
//! name    length:u16 utf8          bytes   length:u32 [length]
//! ```
//! Numbers are big-endian. Nothing may follow the end.

use super::Counts;
use crate::{migrate::AppliedStep, value::Value};

pub(super) const MAGIC: [u8; 8] = *b"SALUSDMP";
pub(super) const VERSION: u16 = 1;

pub(super) const TABLE: u8 = 0x10;
pub(super) const ROW: u8 = 0x11;
pub(super) const TABLE_END: u8 = 0x12;
pub(super) const END: u8 = 0x13;

pub(super) const NULL: u8 = 0;
pub(super) const FALSE: u8 = 1;
pub(super) const TRUE: u8 = 2;
pub(super) const INT: u8 = 3;
pub(super) const FLOAT: u8 = 4;
pub(super) const TEXT: u8 = 5;
pub(super) const BYTES: u8 = 6;
pub(super) const UUID: u8 = 7;

pub(super) const MAX_STEPS: usize = 10_000;
pub(super) const MAX_TABLES: u32 = 10_000;
/// PostgreSQL allows no more.
pub(super) const MAX_COLUMNS: usize = 1_600;
/// Both databases allow names longer than anybody writes; no step or column comes near.
pub(super) const MAX_NAME: usize = 255;
/// Neither database allows a longer value.
pub(super) const MAX_VALUE: usize = 1 << 30;

/// Why a stream is not a dump that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It does not start like one.
    #[error("this is not a dump of a database")]
    NotADump,
    /// It was made by a newer program.
    #[error("this dump has format {0}, which only a newer program reads")]
    Version(u16),
    /// It ends too early.
    #[error("the dump was cut off")]
    Truncated,
    /// Something in it cannot be.
    #[error("the dump is damaged: {0}")]
    Malformed(&'static str),
    /// A value or a name is longer than the format allows.
    #[error("a value is too long for a dump")]
    TooLong,
}

pub(super) fn put_header(out: &mut Vec<u8>, steps: &[AppliedStep]) -> Result<(), FormatError> {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    put_count(out, steps.len(), MAX_STEPS)?;
    for step in steps {
        out.extend_from_slice(&step.version.to_be_bytes());
        put_name(out, &step.name)?;
        put_name(out, &step.checksum)?;
    }
    Ok(())
}

pub(super) fn put_table<'a>(
    out: &mut Vec<u8>,
    name: &str,
    columns: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), FormatError> {
    out.push(TABLE);
    put_name(out, name)?;
    put_count(out, columns.len(), MAX_COLUMNS)?;
    for column in columns {
        put_name(out, column)?;
    }
    Ok(())
}

pub(crate) fn put_row(out: &mut Vec<u8>, values: &[Value]) -> Result<(), FormatError> {
    out.push(ROW);
    values.iter().try_for_each(|value| put_value(out, value))
}

pub(super) fn put_table_end(out: &mut Vec<u8>, rows: u64) {
    out.push(TABLE_END);
    out.extend_from_slice(&rows.to_be_bytes());
}

pub(super) fn put_end(out: &mut Vec<u8>, counts: &Counts) -> Result<(), FormatError> {
    let tables = u32::try_from(counts.0.len()).map_err(|_| FormatError::TooLong)?;
    out.push(END);
    out.extend_from_slice(&tables.to_be_bytes());
    out.extend_from_slice(&counts.total().to_be_bytes());
    Ok(())
}

fn put_value(out: &mut Vec<u8>, value: &Value) -> Result<(), FormatError> {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(n) => {
            out.push(INT);
            out.extend_from_slice(&n.to_be_bytes());
        }
        Value::Float(x) => {
            out.push(FLOAT);
            out.extend_from_slice(&x.to_bits().to_be_bytes());
        }
        Value::Text(text) => put_bytes(out, TEXT, text.as_bytes())?,
        Value::Bytes(bytes) => put_bytes(out, BYTES, bytes)?,
        Value::Uuid(id) => {
            out.push(UUID);
            out.extend_from_slice(id.as_bytes());
        }
    }
    Ok(())
}

fn put_bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) -> Result<(), FormatError> {
    let length = u32::try_from(bytes.len()).map_err(|_| FormatError::TooLong)?;
    if bytes.len() > MAX_VALUE {
        return Err(FormatError::TooLong);
    }
    out.push(tag);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn put_name(out: &mut Vec<u8>, name: &str) -> Result<(), FormatError> {
    put_count(out, name.len(), MAX_NAME)?;
    out.extend_from_slice(name.as_bytes());
    Ok(())
}

fn put_count(out: &mut Vec<u8>, count: usize, most: usize) -> Result<(), FormatError> {
    let number = u16::try_from(count).map_err(|_| FormatError::TooLong)?;
    if count > most {
        return Err(FormatError::TooLong);
    }
    out.extend_from_slice(&number.to_be_bytes());
    Ok(())
}
