//! Reading a dump. Whatever the bytes are, it answers or refuses: it never panics, and it never
//! reserves memory for more than has really arrived.

use super::{Counts, DumpError, FormatError, Progress, format};
use crate::{migrate::AppliedStep, value::Value};
use std::{collections::BTreeSet, io::Read};
use uuid::Uuid;

/// How often progress is told.
const TELL_EVERY: u64 = 4096;

/// What a dump says about itself before its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The steps that the schema had gone through, in order.
    pub steps: Vec<AppliedStep>,
}

/// What a whole dump holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What it says about itself.
    pub header: Header,
    /// How many rows it has.
    pub counts: Counts,
}

/// Reads a dump from start to end, and keeps nothing of it. Blocks.
pub fn examine(from: impl Read, progress: &Progress) -> Result<Summary, DumpError> {
    let mut decoder = Decoder::start(from)?;
    let mut rows = 0_u64;
    loop {
        match decoder.next()? {
            Item::Table(_) => {}
            Item::Row(_) => {
                rows += 1;
                if rows.is_multiple_of(TELL_EVERY) {
                    progress(rows);
                }
            }
            Item::End(counts) => {
                progress(rows);
                return Ok(Summary { header: decoder.header, counts });
            }
        }
    }
}

/// A table and its columns, in the order of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// What comes next in a dump.
pub(super) enum Item {
    Table(Table),
    Row(Vec<Value>),
    End(Counts),
}

pub(super) struct Decoder<R> {
    from: R,
    pub(super) header: Header,
    counts: Counts,
    table: Option<Current>,
}

/// The table whose rows are being read.
struct Current {
    name: String,
    columns: usize,
    rows: u64,
}

impl<R: Read> Decoder<R> {
    /// Reads the header.
    pub(super) fn start(mut from: R) -> Result<Self, DumpError> {
        let magic = array(&mut from).map_err(|error| match error {
            DumpError::Format(FormatError::Truncated) => FormatError::NotADump.into(),
            other => other,
        })?;
        if magic != format::MAGIC {
            return Err(FormatError::NotADump.into());
        }
        let version = u16::from_be_bytes(array(&mut from)?);
        if version != format::VERSION {
            return Err(FormatError::Version(version).into());
        }
        let mut steps = Vec::new();
        for _ in 0..count(&mut from, format::MAX_STEPS)? {
            let version = u32::from_be_bytes(array(&mut from)?);
            let (name, checksum) = (name(&mut from)?, name(&mut from)?);
            if steps.last().is_some_and(|before: &AppliedStep| before.version >= version) {
                return Err(malformed("its steps are not in order"));
            }
            steps.push(AppliedStep { version, name, checksum });
        }
        let (header, counts) = (Header { steps }, Counts::default());
        Ok(Self { from, header, counts, table: None })
    }

    /// Reads on. After the end there is nothing to ask for.
    pub(super) fn next(&mut self) -> Result<Item, DumpError> {
        loop {
            let [mark] = array(&mut self.from)?;
            match (mark, self.table.take()) {
                (format::ROW, Some(mut table)) => {
                    let mut row = Vec::with_capacity(table.columns);
                    for _ in 0..table.columns {
                        row.push(value(&mut self.from)?);
                    }
                    table.rows += 1;
                    self.table = Some(table);
                    return Ok(Item::Row(row));
                }
                (format::TABLE_END, Some(table)) => {
                    if u64::from_be_bytes(array(&mut self.from)?) != table.rows {
                        return Err(malformed("rows are missing"));
                    }
                    self.counts.0.insert(table.name, table.rows);
                }
                (format::TABLE, None) => return self.table().map(Item::Table),
                (format::END, None) => return self.end().map(Item::End),
                _ => return Err(malformed("something else was expected")),
            }
        }
    }

    fn table(&mut self) -> Result<Table, DumpError> {
        let name = name(&mut self.from)?;
        if self.counts.0.contains_key(&name) {
            return Err(DumpError::Twice(name));
        }
        if self.tables()? >= format::MAX_TABLES {
            return Err(malformed("there are too many tables"));
        }
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..count(&mut self.from, format::MAX_COLUMNS)? {
            let column = self::name(&mut self.from)?;
            if !seen.insert(column.clone()) {
                return Err(malformed("a column comes twice"));
            }
            columns.push(column);
        }
        if columns.is_empty() {
            return Err(malformed("a table has no columns"));
        }
        self.table = Some(Current { name: name.clone(), columns: columns.len(), rows: 0 });
        Ok(Table { name, columns })
    }

    fn end(&mut self) -> Result<Counts, DumpError> {
        let tables = u32::from_be_bytes(array(&mut self.from)?);
        let rows = u64::from_be_bytes(array(&mut self.from)?);
        if (tables, rows) != (self.tables()?, self.counts.total()) {
            return Err(malformed("tables are missing"));
        }
        let mut more = Vec::new();
        if self.from.by_ref().take(1).read_to_end(&mut more)? != 0 {
            return Err(malformed("something follows its end"));
        }
        Ok(std::mem::take(&mut self.counts))
    }

    fn tables(&self) -> Result<u32, DumpError> {
        self.counts.0.len().try_into().map_err(|_| malformed("there are too many tables"))
    }
}

fn malformed(what: &'static str) -> DumpError {
    FormatError::Malformed(what).into()
}

fn value(from: &mut impl Read) -> Result<Value, DumpError> {
    let [tag] = array(from)?;
    Ok(match tag {
        format::NULL => Value::Null,
        format::FALSE => Value::Bool(false),
        format::TRUE => Value::Bool(true),
        format::INT => Value::Int(i64::from_be_bytes(array(from)?)),
        format::FLOAT => Value::Float(f64::from_bits(u64::from_be_bytes(array(from)?))),
        format::TEXT => Value::Text(text(long(from)?)?),
        format::BYTES => Value::Bytes(long(from)?),
        format::UUID => Value::Uuid(Uuid::from_bytes(array(from)?)),
        _ => return Err(malformed("a value is of an unknown type")),
    })
}

fn long(from: &mut impl Read) -> Result<Vec<u8>, DumpError> {
    let length = u32::from_be_bytes(array(from)?);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > format::MAX_VALUE {
        return Err(FormatError::TooLong.into());
    }
    bytes(from, length)
}

fn name(from: &mut impl Read) -> Result<String, DumpError> {
    let length = count(from, format::MAX_NAME)?;
    text(bytes(from, length)?)
}

fn count(from: &mut impl Read, most: usize) -> Result<usize, DumpError> {
    let count = usize::from(u16::from_be_bytes(array(from)?));
    if count > most { Err(FormatError::TooLong.into()) } else { Ok(count) }
}

fn text(bytes: Vec<u8>) -> Result<String, DumpError> {
    String::from_utf8(bytes).map_err(|_| malformed("a text is not UTF-8"))
}

/// Grows with what arrives, whatever length was announced.
fn bytes(from: &mut impl Read, length: usize) -> Result<Vec<u8>, DumpError> {
    let mut bytes = Vec::new();
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    from.by_ref().take(wanted).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(FormatError::Truncated.into()) }
}

fn array<const N: usize>(from: &mut impl Read) -> Result<[u8; N], DumpError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
