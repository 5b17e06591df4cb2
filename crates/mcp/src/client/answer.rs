//! What a server answers: one object, or a stream of events with that object among others.

use super::Failure;
use llm::sse::SseReader;
use serde_json::Value;

/// What was answered to the request with this number.
pub(super) fn response(body: &[u8], stream: bool, id: u64) -> Result<Value, Failure> {
    let found = if stream { in_stream(body, id) } else { serde_json::from_slice(body).ok() };
    let mut found = found.filter(|found| answers(found, id)).ok_or(Failure::Malformed)?;
    match found.get_mut("result").map(Value::take) {
        Some(result @ Value::Object(_)) => whole(result),
        None if found.get("error").is_some() => Err(Failure::Refused),
        Some(_) | None => Err(Failure::Malformed),
    }
}

/// A server may want to know more first; nobody is asked for it.
fn whole(result: Value) -> Result<Value, Failure> {
    match result.get("resultType").and_then(Value::as_str) {
        None | Some("complete") => Ok(result),
        Some(_) => Err(Failure::Refused),
    }
}

/// Looks for the answer in a stream while it comes: its other events, and what comes after it, are of
/// no interest. Each byte is read once.
pub(super) struct Watch {
    reader: SseReader,
    read: usize,
    id: u64,
}

impl Watch {
    pub(super) fn new(id: u64, most: usize) -> Self {
        Self { reader: SseReader::new(most), read: 0, id }
    }

    /// Whether more has to come: this is what came by now.
    pub(super) fn wants_more(&mut self, whole: &[u8]) -> bool {
        // An object ends where its body ends; only a stream may go on for ever.
        if whole.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
            return true;
        }
        self.reader.push(whole.get(self.read..).unwrap_or_default());
        self.read = whole.len();
        while let Ok(Some(event)) = self.reader.pull() {
            if serde_json::from_slice(event.data).is_ok_and(|found| answers(&found, self.id)) {
                return false;
            }
        }
        true
    }
}

fn in_stream(body: &[u8], id: u64) -> Option<Value> {
    let mut reader = SseReader::new(body.len().max(1));
    reader.push(body);
    while let Ok(Some(event)) = reader.pull() {
        let read = serde_json::from_slice(event.data).ok();
        if let Some(found) = read.filter(|found| answers(found, id)) {
            return Some(found);
        }
    }
    None
}

fn answers(found: &Value, id: u64) -> bool {
    found.get("jsonrpc").is_some_and(|version| version == "2.0")
        && found.get("id").and_then(Value::as_u64) == Some(id)
        && found.get("method").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_answer_to_this_request_counts() {
        let good = json!({"jsonrpc": "2.0", "id": 7, "result": {"a": 1}}).to_string();
        assert_eq!(response(good.as_bytes(), false, 7), Ok(json!({"a": 1})));
        assert_eq!(response(good.as_bytes(), false, 8), Err(Failure::Malformed));
        let refused =
            json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32601, "message": "no"}});
        assert_eq!(response(refused.to_string().as_bytes(), false, 7), Err(Failure::Refused));
        for bad in [
            "",
            "{",
            "[]",
            "null",
            "<html>",
            r#"{"jsonrpc":"2.0","id":7}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":[]}"#,
            r#"{"id":7,"result":{}}"#,
        ] {
            assert_eq!(response(bad.as_bytes(), false, 7), Err(Failure::Malformed), "{bad}");
        }
        let asks = json!({"jsonrpc": "2.0", "id": 7, "result": {"resultType": "input_required"}});
        assert_eq!(response(asks.to_string().as_bytes(), false, 7), Err(Failure::Refused));
    }

    #[test]
    fn in_a_stream_the_answer_stands_among_other_events() {
        let stream = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n\
            : still here\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n\ndata: more\n\n";
        assert_eq!(response(stream.as_bytes(), true, 7), Ok(json!({})));
        let wants = |id, whole: &[u8]| Watch::new(id, 1000).wants_more(whole);
        assert!(!wants(7, stream.as_bytes()) && wants(8, stream.as_bytes()));
        assert!(wants(7, b"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n\n"));
        let mut watch = Watch::new(7, 1000);
        let at = (1..=stream.len()).find(|end| !watch.wants_more(&stream.as_bytes()[..*end]));
        assert_eq!(at, stream.find("data: more"), "as soon as it is there");
    }
}
