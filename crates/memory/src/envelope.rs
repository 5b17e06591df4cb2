//! From facts to sealed columns, and back.
//!
//! The forms below are stored: they only change together with the format number of their column.

use crate::{
    error::MemoryError,
    model::{Fact, FactId, Kind, Origin},
    store::{FACT_BODY, FACT_VECTOR, SealedFact},
};
use kernel::Phi;
use serde::{Deserialize, Serialize};
use vault::{Keyring, Sealed};
use zeroize::Zeroizing;

/// `body`, format 1.
#[derive(Serialize, Deserialize)]
struct BodyForm<T> {
    #[serde(rename = "t")]
    text: T,
    #[serde(rename = "k", default)]
    kind: Kind,
    #[serde(rename = "o", default)]
    origin: Origin,
}

/// What a fact means: the model that says so, and its numbers.
#[derive(Clone)]
pub(crate) struct Vector {
    pub(crate) model: String,
    pub(crate) numbers: Phi<Vec<f32>>,
}

/// Seals a fact for its row.
pub(crate) fn seal(keyring: &Keyring, fact: &Fact) -> Result<SealedFact, MemoryError> {
    let Fact { id, kind, origin, created_at, updated_at, version, .. } = *fact;
    // EXPOSE: goes nowhere but into the seal.
    let text = fact.text.expose().as_str();
    // Room enough that nothing is copied while it grows: copies would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(6 * text.len() + 128));
    serde_json::to_writer(&mut *bytes, &BodyForm { text, kind, origin })
        .map_err(|_| MemoryError::Damaged)?;
    let body = keyring.seal(&FACT_BODY, id.as_uuid(), &bytes)?;
    Ok(SealedFact { id, created_at, updated_at, version, body })
}

/// Opens a fact.
pub(crate) fn open(keyring: &Keyring, row: &SealedFact) -> Result<Fact, MemoryError> {
    let bytes = keyring.open(&FACT_BODY, row.id.as_uuid(), &row.body)?;
    // EXPOSE: taken apart into values that are as sensitive.
    let BodyForm { text, kind, origin } = decode(bytes.expose())?;
    let SealedFact { id, created_at, updated_at, version, .. } = *row;
    Ok(Fact { id, text, kind, origin, created_at, updated_at, version })
}

fn decode(bytes: &[u8]) -> Result<BodyForm<Phi<String>>, MemoryError> {
    serde_json::from_slice(bytes).map_err(|_| MemoryError::Damaged)
}

/// Seals what a fact means.
pub(crate) fn seal_vector(
    keyring: &Keyring,
    id: FactId,
    vector: &Vector,
) -> Result<Sealed, MemoryError> {
    let bytes = encode_vector(vector)?;
    Ok(keyring.seal(&FACT_VECTOR, id.as_uuid(), &bytes)?)
}

/// Opens what a fact means.
pub(crate) fn open_vector(
    keyring: &Keyring,
    id: FactId,
    sealed: &Sealed,
) -> Result<Vector, MemoryError> {
    let bytes = keyring.open(&FACT_VECTOR, id.as_uuid(), sealed)?;
    // EXPOSE: taken apart into values that are as sensitive.
    decode_vector(bytes.expose()).ok_or(MemoryError::Damaged)
}

/// `vector`, format 1: the length of the model's name in a byte, the name, and numbers of 32 bits,
/// lowest byte first.
fn encode_vector(vector: &Vector) -> Result<Zeroizing<Vec<u8>>, MemoryError> {
    let name = vector.model.as_bytes();
    let length = u8::try_from(name.len()).map_err(|_| MemoryError::Damaged)?;
    // EXPOSE: goes nowhere but into the seal.
    let numbers = vector.numbers.expose();
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + name.len() + 4 * numbers.len()));
    bytes.push(length);
    bytes.extend_from_slice(name);
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    Ok(bytes)
}

fn decode_vector(bytes: &[u8]) -> Option<Vector> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let model = std::str::from_utf8(name).ok()?.to_owned();
    let (numbers, []) = rest.as_chunks::<4>() else { return None };
    let numbers = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
    Some(Vector { model, numbers: Phi::new(numbers) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms_are_read_for_ever() {
        let form = decode(br#"{"t":"I keep bees.","k":"about_me","o":"chat"}"#).unwrap();
        assert_eq!(form.text.expose(), "I keep bees.");
        assert_eq!((form.kind, form.origin), (Kind::AboutMe, Origin::Chat));
        let short = decode(br#"{"t":"I keep bees."}"#).unwrap();
        assert_eq!((short.kind, short.origin), (Kind::Other, Origin::Person));
        let vector = decode_vector(b"\x03a@1\x00\x00\x80\x3f\x00\x00\x00\xbf").unwrap();
        assert_eq!(
            (vector.model.as_str(), vector.numbers.expose().as_slice()),
            ("a@1", &[1.0, -0.5][..])
        );
        assert_eq!(*encode_vector(&vector).unwrap(), b"\x03a@1\x00\x00\x80\x3f\x00\x00\x00\xbf");
    }

    #[test]
    fn what_is_no_form_is_damaged_and_not_guessed_at() {
        for bytes in [&b""[..], b"{}", b"7", br#"{"t":"x","k":"none"}"#] {
            assert!(decode(bytes).is_err());
        }
        for bytes in [&b""[..], b"\x05ab", b"\x01a\x00\x00", b"\x01\xff\x00\x00\x00\x00"] {
            assert!(decode_vector(bytes).is_none());
        }
    }
}
