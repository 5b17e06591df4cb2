//! From what was filled in to a sealed column, and back.

use crate::{
    error::WellbeingError,
    model::{Body, Record},
    store::{RECORD_BODY, SealedRecord, SealedVersion, VERSION_BODY},
};
use kernel::Phi;
use uuid::Uuid;
use vault::{Column, Keyring, Sealed};
use zeroize::Zeroizing;

fn seal_body(
    keyring: &Keyring,
    (column, id): (&'static Column, Uuid),
    body: &Phi<Body>,
) -> Result<Sealed, WellbeingError> {
    // Room enough that nothing is copied while it grows: copies would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    // EXPOSE: goes nowhere but into the seal.
    serde_json::to_writer(&mut *bytes, body.expose()).map_err(|_| WellbeingError::Damaged)?;
    Ok(keyring.seal(column, id, &bytes)?)
}

fn open_body(
    keyring: &Keyring,
    (column, id): (&'static Column, Uuid),
    sealed: &Sealed,
) -> Result<Phi<Body>, WellbeingError> {
    let bytes = keyring.open(column, id, sealed)?;
    // EXPOSE: taken apart into a value that is as sensitive.
    let body = serde_json::from_slice(bytes.expose()).map_err(|_| WellbeingError::Damaged)?;
    Ok(Phi::new(body))
}

/// Seals a record for its row.
pub(crate) fn seal(keyring: &Keyring, record: &Record) -> Result<SealedRecord, WellbeingError> {
    let id = record.id.as_uuid();
    // EXPOSE: only where it is kept is looked at.
    let shelf = record.body.expose().shelf();
    Ok(SealedRecord {
        id: record.id,
        shelf: shelf.number(),
        occurred_at: record.occurred_at,
        created_at: record.created_at,
        updated_at: record.updated_at,
        version: record.version,
        body: seal_body(keyring, (&RECORD_BODY, id), &record.body)?,
    })
}

/// Opens a record.
pub(crate) fn open(keyring: &Keyring, row: &SealedRecord) -> Result<Record, WellbeingError> {
    let body = open_body(keyring, (&RECORD_BODY, row.id.as_uuid()), &row.body)?;
    let SealedRecord { id, occurred_at, created_at, updated_at, version, .. } = *row;
    Ok(Record { id, occurred_at, created_at, updated_at, version, body })
}

/// Seals what a record says now as one of its versions, in a row of this id.
pub(crate) fn seal_version(
    keyring: &Keyring,
    id: Uuid,
    record: &Record,
) -> Result<SealedVersion, WellbeingError> {
    Ok(SealedVersion {
        id,
        record: record.id,
        version: record.version,
        written_at: record.updated_at,
        body: seal_body(keyring, (&VERSION_BODY, id), &record.body)?,
    })
}

/// Opens a version of a record.
pub(crate) fn open_version(
    keyring: &Keyring,
    row: &SealedVersion,
) -> Result<Phi<Body>, WellbeingError> {
    open_body(keyring, (&VERSION_BODY, row.id), &row.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_forms_are_read_for_ever() {
        for stored in [
            r#"{"k":"result","q":"phq-2","v":1,"a":{"item-1":2,"item-2":1},"t":3,"b":"likely"}"#,
            r#"{"k":"form","f":"diary-card","v":1,"e":{"note":{"text":"A day."},"urges":{"marks":{"suicide":1}}}}"#,
            r#"{"k":"form","f":"safety-plan","v":1,"e":{"a":{"items":["x"]},"b":{"contacts":[{"name":"Jo","phone":"1"}]},"c":{"links":[{"kind":"thought","text":"t"}]},"d":{"skills":{"stop":3}}}}"#,
            r#"{"k":"practice","s":"stop","h":"a_little","n":"better"}"#,
            r#"{"k":"practice","s":"stop"}"#,
        ] {
            let body: Body = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), stored);
        }
    }
}
