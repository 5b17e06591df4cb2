//! One event as it goes over the wire.

use bytes::Bytes;
use serde::Serialize;
use std::io::Write;

/// An event with its number, name and data, as server-sent events are written.
pub(crate) fn frame(number: Option<u64>, name: &str, data: &impl Serialize) -> Bytes {
    let mut bytes = Vec::with_capacity(128);
    // Writing to a vector cannot fail, and JSON has no line breaks of its own.
    if let Some(number) = number {
        let _ = writeln!(bytes, "id: {number}");
    }
    let _ = write!(bytes, "event: {name}\ndata: ");
    if serde_json::to_writer(&mut bytes, data).is_err() {
        bytes.extend_from_slice(b"null");
    }
    bytes.extend_from_slice(b"\n\n");
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_words_do_not_break_an_event() {
        let text = frame(Some(7), "delta", &serde_json::json!({"text": "a\n\nevent: done\r"}));
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(text, "id: 7\nevent: delta\ndata: {\"text\":\"a\\n\\nevent: done\\r\"}\n\n");
    }
}
