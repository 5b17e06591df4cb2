use super::*;

fn stream(events: &[&str]) -> String {
    let event = |data: &&str| {
        let kind: Value = serde_json::from_str(data).unwrap();
        format!("event: {}\ndata: {data}\n\n", kind["type"].as_str().unwrap())
    };
    events.iter().map(event).collect()
}

const START: &str = r#"{"type":"message_start","message":{"usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":85,"output_tokens":1}}}"#;
const END: &str = r#"{"type":"message_stop"}"#;

fn end(reason: &str) -> String {
    format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{reason}"}},"usage":{{"output_tokens":30}}}}"#
    )
}

#[test]
fn thoughts_text_and_calls_come_in_blocks() {
    let said = read(
        Dialect::Anthropic,
        &with_tool("look"),
        &stream(&[
            START,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIG"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"OPAQUE"}}"#,
            r#"{"type":"content_block_stop","index":1}"#,
            r#"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Ich schaue."}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{}}}"#,
            r#"{"type":"content_block_stop","index":2}"#,
            r#"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"Köln\"}"}}"#,
            r#"{"type":"content_block_stop","index":3}"#,
            r#"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"look","input":{}}}"#,
            r#"{"type":"content_block_stop","index":4}"#,
            r#"{"type":"content_block_start","index":5,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
            r#"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
            r#"{"type":"content_block_stop","index":5}"#,
            &end("tool_use"),
            END,
        ]),
    );
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm", "Ich schaue."));
    let seals: Vec<Value> =
        said.thoughts.iter().map(|seal| serde_json::from_str(seal).unwrap()).collect();
    assert_eq!(
        seals,
        [
            json!({"type": "thinking", "thinking": "hm", "signature": "SIG"}),
            json!({"type": "redacted_thinking", "data": "OPAQUE"}),
        ]
    );
    assert_eq!(said.calls, [call("t1", "look", "{\"city\":\"Köln\"}"), call("t2", "look", "{}")]);
    assert_eq!((said.finish, said.error), (Some(Finish::ToolCalls), None));
    let usage =
        Usage { input: 100, cached_input: 85, cache_write: 5, output: 30, ..Usage::default() };
    assert_eq!(said.usage, Some(usage));
}

#[test]
fn each_reason_to_stop_is_told_apart() {
    for (reason, finish) in [
        ("end_turn", Finish::Stop),
        ("stop_sequence", Finish::Stop),
        ("max_tokens", Finish::Length),
        ("tool_use", Finish::ToolCalls),
        ("pause_turn", Finish::Paused),
        ("refusal", Finish::Refusal),
        ("model_context_window_exceeded", Finish::ContextFull),
        ("something_new", Finish::Stop),
    ] {
        let said = read(Dialect::Anthropic, &question(), &stream(&[START, &end(reason), END]));
        assert_eq!((said.finish, said.error), (Some(finish), None), "{reason}");
    }
}

#[test]
fn a_missing_end_is_noticed_and_an_error_may_come_at_any_time() {
    let text =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Well"}}"#;
    let busy = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    for (events, error) in [
        (vec![START, text], LlmError::Truncated),
        (vec![START, text, &end("end_turn")], LlmError::Truncated),
        (vec![START, text, END], LlmError::Truncated),
        (vec![START, text, busy], LlmError::Overloaded { retry_after: None }),
    ] {
        let said = read(Dialect::Anthropic, &question(), &stream(&events));
        assert_eq!((said.text.as_str(), said.finish, said.error), ("Well", None, Some(error)));
    }
}

#[test]
fn a_call_that_was_cut_off_is_not_handed_on() {
    let said = read(
        Dialect::Anthropic,
        &with_tool("look"),
        &stream(&[
            START,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"look","input":{}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"ci"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            &end("max_tokens"),
            END,
        ]),
    );
    assert_eq!((said.calls.len(), said.finish, said.error), (0, Some(Finish::Length), None));
}

#[test]
fn an_answer_of_a_certain_shape_comes_as_the_input_of_a_tool_and_is_text_for_us() {
    let request = ChatRequest { format: Format::Json, ..question() };
    let said = read(
        Dialect::Anthropic,
        &request,
        &stream(&[
            START,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"answer_in_this_shape","input":{}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            &end("tool_use"),
            END,
        ]),
    );
    assert_eq!(
        (said.text.as_str(), said.calls.len(), said.finish),
        ("{\"a\":1}", 0, Some(Finish::Stop))
    );
}

#[test]
fn a_whole_answer_says_the_same() {
    let body = r#"{"type":"message","content":[
        {"type":"thinking","thinking":"hm","signature":"S"},{"type":"text","text":"Yes"},
        {"type":"tool_use","id":"t","name":"look","input":{"city":"Bonn"}}],
        "stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":9}}"#;
    let said = whole(Dialect::Anthropic, &question(), body);
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm", "Yes"));
    assert_eq!(said.calls, [call("t", "look", "{\"city\":\"Bonn\"}")]);
    assert_eq!(
        (said.finish, said.usage.map(|u| (u.input, u.output))),
        (Some(Finish::ToolCalls), Some((3, 9)))
    );
}
