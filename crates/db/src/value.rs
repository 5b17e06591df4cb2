//! Values that go into a statement and come out of a row, the same for both databases.

use crate::error::DbError;
use kernel::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// One value of a statement's parameters or of a row.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Truth.
    Bool(bool),
    /// Whole numbers and times (microseconds).
    Int(i64),
    /// Numbers with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes, sealed ones among them.
    Bytes(Vec<u8>),
    /// An id.
    Uuid(Uuid),
}

/// Shows the type only: values are people's data.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::Float(_) => "Float",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Uuid(_) => "Uuid",
        })
    }
}

macro_rules! into_value {
    ($($from:ty => $make:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let make: fn($from) -> Self = $make;
                make(value)
            }
        })*
    };
}

into_value! {
    bool => Self::Bool,
    i64 => Self::Int,
    i32 => |n| Self::Int(n.into()),
    u8 => |n| Self::Int(n.into()),
    u16 => |n| Self::Int(n.into()),
    u32 => |n| Self::Int(n.into()),
    f64 => Self::Float,
    String => Self::Text,
    &String => |text| Self::Text(text.clone()),
    &str => |text| Self::Text(text.to_owned()),
    Vec<u8> => Self::Bytes,
    &[u8] => |bytes| Self::Bytes(bytes.to_vec()),
    &Vec<u8> => |bytes| Self::Bytes(bytes.clone()),
    Uuid => Self::Uuid,
    Timestamp => |time| Self::Int(time.as_micros()),
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement. `params![subject => a, b]` puts the three key columns of a
/// person (tenant, shard, user) in front.
#[macro_export]
macro_rules! params {
    ($subject:expr => $($value:expr),* $(,)?) => {{
        let subject: ::kernel::Subject = $subject;
        vec![
            $crate::Value::from(subject.tenant.as_uuid()),
            $crate::Value::from(subject.shard.number()),
            $crate::Value::from(subject.user.as_uuid()),
            $($crate::Value::from($value)),*
        ]
    }};
    ($($value:expr),* $(,)?) => {
        vec![$($crate::Value::from($value)),*]
    };
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// The value as this type; `None` if it is of another.
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($to:ty: $($pattern:pat => $make:expr),+;)*) => {
        $(impl FromValue for $to {
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    $($pattern => $make,)+
                    _ => None,
                }
            }
        })*
    };
}

from_value! {
    bool: Value::Bool(b) => Some(b), Value::Int(n @ 0..=1) => Some(n == 1);
    i64: Value::Int(n) => Some(n);
    u8: Value::Int(n) => n.try_into().ok();
    u16: Value::Int(n) => n.try_into().ok();
    u32: Value::Int(n) => n.try_into().ok();
    f64: Value::Float(x) => Some(x);
    String: Value::Text(text) => Some(text);
    Vec<u8>: Value::Bytes(bytes) => Some(bytes);
    Uuid: Value::Uuid(id) => Some(id), Value::Bytes(bytes) => Uuid::from_slice(&bytes).ok();
    Timestamp: Value::Int(n) => Some(Timestamp::from_micros(n));
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        Vec::<u8>::from_value(value)?.try_into().ok()
    }
}

/// One row of an answer. Columns are taken by name, each once.
pub struct Row {
    columns: Arc<[Box<str>]>,
    values: Vec<Value>,
    hint: usize,
}

impl Row {
    pub(crate) fn new(columns: Arc<[Box<str>]>, values: Vec<Value>) -> Self {
        Self { columns, values, hint: 0 }
    }

    /// The value of this column, as this type.
    pub fn take<T: FromValue>(&mut self, name: &'static str) -> Result<T, DbError> {
        // Rows are nearly always read in the order of their columns.
        let is_named = |column: &str| column == name;
        let index = match self.columns.get(self.hint) {
            Some(column) if is_named(column) => Some(self.hint),
            _ => self.columns.iter().position(|column| is_named(column)),
        };
        let value = index.and_then(|index| {
            self.hint = index + 1;
            self.values.get_mut(index).map(|value| std::mem::replace(value, Value::Null))
        });
        value.and_then(T::from_value).ok_or(DbError::Column(name))
    }
}

/// A type that a row can be read as. Made by [`row!`](crate::row).
pub trait FromRow: Sized {
    /// Reads the row.
    fn from_row(row: &mut Row) -> Result<Self, DbError>;
}

/// Declares a struct that rows are read as, by the names of their columns. `id: EntryId as Uuid`
/// reads an id and makes it typed.
#[macro_export]
macro_rules! row {
    (@take $row:ident $field:ident $ty:ty) => {
        $row.take::<$ty>(stringify!($field))?
    };
    (@take $row:ident $field:ident $ty:ty, $raw:ty) => {
        <$ty>::from($row.take::<$raw>(stringify!($field))?)
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $ty:ty $(as $raw:ty)?),+ $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $ty),+
        }

        impl $crate::FromRow for $name {
            fn from_row(row: &mut $crate::Row) -> Result<Self, $crate::DbError> {
                Ok(Self { $($field: $crate::row!(@take row $field $ty $(, $raw)?)),+ })
            }
        }
    };
}
