//! From what a person wrote to sealed columns, and back.
//!
//! The forms below are stored: they only change together with the format number of their column.

use crate::{
    error::JournalError,
    model::{CheckIn, Content, Entry, EntryId, Meta, Mood, Rated, Rating, Scale, Tags},
    store::{
        CHECK_IN_BODY, ENTRY_BODY, ENTRY_META, SealedContent, SealedEntry, SealedMeta,
        check_ins::SealedCheckIn,
    },
};
use kernel::{Phi, Timestamp};
use serde::{Deserialize, Serialize};
use vault::{Keyring, Sealed};
use zeroize::Zeroizing;

/// `meta`, format 1.
#[derive(Serialize, Deserialize)]
struct MetaForm {
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    mood: Option<Mood>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    scale: Option<Scale>,
    #[serde(rename = "t", default)]
    tags: Tags,
    #[serde(rename = "f", default)]
    favourite: bool,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    copy_of: Option<EntryId>,
}

impl MetaForm {
    fn of(meta: &Meta) -> Self {
        let Meta { mood, scale, tags, favourite, copy_of } = meta.clone();
        Self { mood, scale, tags, favourite, copy_of }
    }
}

/// `body` of a check-in, format 1.
#[derive(Serialize, Deserialize)]
struct RatedForm {
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    mood: Option<Mood>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    scale: Option<Scale>,
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    emotions: Vec<Rating>,
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    urges: Vec<Rating>,
    #[serde(rename = "f", default)]
    factors: Tags,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    note: String,
}

/// Seals a check-in for its row.
pub(crate) fn seal_check_in(
    keyring: &Keyring,
    check_in: &CheckIn,
) -> Result<SealedCheckIn, JournalError> {
    // EXPOSE: goes nowhere but into the seal.
    let Rated { mood, scale, emotions, urges, factors, note } = check_in.rated.expose().clone();
    let size = 6 * note.len() + 32 * 1024;
    let form = RatedForm { mood, scale, emotions, urges, factors, note };
    let CheckIn { id, occurred_at, .. } = *check_in;
    let body = keyring.seal(&CHECK_IN_BODY, id.as_uuid(), &encode(&form, size)?)?;
    Ok(SealedCheckIn { id, occurred_at, body })
}

/// Opens a check-in.
pub(crate) fn open_check_in(
    keyring: &Keyring,
    row: &SealedCheckIn,
) -> Result<CheckIn, JournalError> {
    let bytes = keyring.open(&CHECK_IN_BODY, row.id.as_uuid(), &row.body)?;
    // EXPOSE: taken apart into a value that is as sensitive.
    let form: RatedForm =
        serde_json::from_slice(bytes.expose()).map_err(|_| JournalError::Damaged)?;
    let RatedForm { mood, scale, emotions, urges, factors, note } = form;
    let rated = Phi::new(Rated { mood, scale, emotions, urges, factors, note });
    Ok(CheckIn { id: row.id, occurred_at: row.occurred_at, rated })
}

/// `body`, format 1: title and text.
type BodyForm<T> = (T, T);

fn encode(form: &impl Serialize, size: usize) -> Result<Zeroizing<Vec<u8>>, JournalError> {
    // Room enough that nothing is copied while it grows: copies would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    serde_json::to_writer(&mut *bytes, form).map_err(|_| JournalError::Damaged)?;
    Ok(bytes)
}

fn encode_meta(meta: &Meta) -> Result<Zeroizing<Vec<u8>>, JournalError> {
    encode(&MetaForm::of(meta), 4096)
}

fn decode_meta(bytes: &[u8]) -> Result<Phi<Meta>, JournalError> {
    let form: MetaForm = serde_json::from_slice(bytes).map_err(|_| JournalError::Damaged)?;
    let MetaForm { mood, scale, tags, favourite, copy_of } = form;
    Ok(Phi::new(Meta { mood, scale, tags, favourite, copy_of }))
}

fn encode_body(content: &Content) -> Result<Zeroizing<Vec<u8>>, JournalError> {
    // EXPOSE: goes nowhere but into the seal.
    let (title, text) = (content.title.expose(), content.text.expose());
    let form: BodyForm<&str> = (title, text);
    encode(&form, 6 * (title.len() + text.len()) + 16)
}

fn decode_body(bytes: &[u8]) -> Result<BodyForm<Phi<String>>, JournalError> {
    serde_json::from_slice(bytes).map_err(|_| JournalError::Damaged)
}

/// Seals an entry for its row.
pub(crate) fn seal(keyring: &Keyring, entry: &Entry) -> Result<SealedEntry, JournalError> {
    let id = entry.id.as_uuid();
    // EXPOSE: goes nowhere but into the seal.
    let meta = encode_meta(entry.content.meta.expose())?;
    let content = SealedContent {
        meta: keyring.seal(&ENTRY_META, id, &meta)?,
        body: keyring.seal(&ENTRY_BODY, id, &encode_body(&entry.content)?)?,
    };
    Ok(SealedEntry {
        id: entry.id,
        occurred_at: entry.content.occurred_at,
        created_at: entry.created_at,
        updated_at: entry.updated_at,
        version: entry.version,
        content: Some(content),
    })
}

/// What stays of an entry that is deleted now: nothing that was written, not even its date.
pub(crate) const fn tombstone(
    id: EntryId,
    created_at: Timestamp,
    version: u64,
    now: Timestamp,
) -> SealedEntry {
    SealedEntry { id, occurred_at: now, created_at, updated_at: now, version, content: None }
}

/// Opens an entry; `None` if it was deleted.
pub(crate) fn open(keyring: &Keyring, row: &SealedEntry) -> Result<Option<Entry>, JournalError> {
    let Some(sealed) = &row.content else { return Ok(None) };
    let id = row.id.as_uuid();
    let body = keyring.open(&ENTRY_BODY, id, &sealed.body)?;
    // EXPOSE: taken apart into values that are as sensitive.
    let (title, text) = decode_body(body.expose())?;
    let meta = meta_of(keyring, row.id, &sealed.meta)?;
    let content = Content { occurred_at: row.occurred_at, title, text, meta };
    let SealedEntry { id, created_at, updated_at, version, .. } = *row;
    Ok(Some(Entry { id, content, created_at, updated_at, version }))
}

/// Opens the part of an entry that is counted.
pub(crate) fn open_meta(keyring: &Keyring, row: &SealedMeta) -> Result<Phi<Meta>, JournalError> {
    meta_of(keyring, row.id, &row.meta)
}

fn meta_of(keyring: &Keyring, id: EntryId, sealed: &Sealed) -> Result<Phi<Meta>, JournalError> {
    let bytes = keyring.open(&ENTRY_META, id.as_uuid(), sealed)?;
    // EXPOSE: taken apart into a value that is as sensitive.
    decode_meta(bytes.expose())
}

/// An id that follows from something that was written, for this person only: who has the database
/// and guesses the text cannot check the guess.
pub(crate) fn id_of(
    keyring: &Keyring,
    original: Option<EntryId>,
    content: &Content,
) -> Result<EntryId, JournalError> {
    // EXPOSE: goes nowhere but into a keyed hash.
    let (title, text) = (content.title.expose(), content.text.expose());
    let meta = MetaForm::of(&Meta { copy_of: original, ..content.meta.expose().clone() });
    let form = (content.occurred_at, meta, title, text);
    let form = encode(&form, 6 * (title.len() + text.len()) + 4096)?;
    let bytes = keyring.pseudonym("journal.entry", &form)?;
    Ok(uuid::Builder::from_custom_bytes(bytes).into_uuid().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn stored_check_ins_are_read_for_ever() {
        let stored = r#"{"m":"calm","s":2,"e":[{"n":"joy","s":7}],"u":[{"n":"withdraw"}],"f":["sleep"],"n":"a line"}"#;
        let form: RatedForm = serde_json::from_str(stored).unwrap();
        assert_eq!((form.mood, form.scale.unwrap().get()), (Some(Mood::Calm), 2));
        assert_eq!((form.emotions[0].name.as_str(), form.emotions[0].strength), ("joy", Some(7)));
        assert_eq!((form.urges[0].name.as_str(), form.urges[0].strength), ("withdraw", None));
        assert_eq!(
            (form.factors.as_slice(), form.note.as_str()),
            (&["sleep".into()][..], "a line")
        );
        assert_eq!(serde_json::to_string(&form).unwrap(), stored);
    }

    #[test]
    fn stored_forms_are_read_for_ever() {
        let meta = decode_meta(
            br#"{"m":"calm","s":-3,"t":["a","b"],"f":true,"c":"00000000-0000-0000-0000-000000000007"}"#,
        );
        let meta = meta.unwrap();
        let meta = meta.expose();
        assert_eq!((meta.mood, meta.scale.unwrap().get()), (Some(Mood::Calm), -3));
        assert_eq!(meta.tags.as_slice(), ["a", "b"]);
        assert_eq!((meta.favourite, meta.copy_of), (true, Some(Uuid::from_u128(7).into())));
        assert!(*decode_meta(b"{}").unwrap().expose() == Meta::default());
        let (title, text) = decode_body(br#"["A title","and\na text"]"#).unwrap();
        assert_eq!((title.expose().as_str(), text.expose().as_str()), ("A title", "and\na text"));
    }

    #[test]
    fn forms_are_written_as_they_always_were() {
        let meta = Meta {
            mood: Some(Mood::Sad),
            tags: vec!["x".to_owned()].try_into().unwrap(),
            ..Meta::default()
        };
        assert_eq!(encode_meta(&meta).unwrap().as_slice(), br#"{"m":"sad","t":["x"],"f":false}"#);
    }

    #[test]
    fn what_is_no_form_is_damaged_and_not_guessed_at() {
        for bytes in [&b""[..], b"{", b"7", br#"{"m":"no such mood"}"#, br#"{"s":6}"#] {
            assert!(matches!(decode_meta(bytes), Err(JournalError::Damaged)));
        }
        assert!(matches!(decode_body(b"[\"one\"]"), Err(JournalError::Damaged)));
    }
}
