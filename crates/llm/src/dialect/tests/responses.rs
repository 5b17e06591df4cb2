use super::*;

fn responses(events: &[Value]) -> Said {
    let events: Vec<String> = events
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect();
    read(Dialect::OpenAiResponses, &with_tool("look"), &events.concat())
}

fn completed() -> Value {
    json!({"type": "response.completed", "response": {"status": "completed", "usage": {
        "input_tokens": 40, "input_tokens_details": {"cached_tokens": 30},
        "output_tokens": 12, "output_tokens_details": {"reasoning_tokens": 5},
    }}})
}

#[test]
fn of_all_events_those_that_matter_are_read() {
    let said = responses(&[
        json!({"type": "response.created", "response": {"status": "in_progress"}, "sequence_number": 0}),
        json!({"type": "response.reasoning_summary_text.delta", "delta": "hm"}),
        json!({"type": "response.output_item.done", "item": {"type": "reasoning", "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "SEALED"}}),
        json!({"type": "response.something.new", "delta": "?"}),
        json!({"type": "response.output_text.delta", "delta": "Ja"}),
        json!({"type": "response.output_text.done", "text": "Ja"}),
        json!({"type": "response.output_item.done", "item": {"type": "message",
            "content": [{"type": "output_text", "text": "Ja"}]}}),
        json!({"type": "response.function_call_arguments.delta", "delta": "{\"city\":"}),
        json!({"type": "response.output_item.done", "item": {"type": "function_call", "id": "fc_1",
            "call_id": "call_1", "name": "look", "arguments": "{\"city\":\"Bonn\"}"}}),
        completed(),
    ]);
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm", "Ja"));
    assert_eq!(said.calls, [call("call_1", "look", "{\"city\":\"Bonn\"}")]);
    let seal: Value = serde_json::from_str(&said.thoughts[0]).unwrap();
    assert_eq!((&seal["id"], &seal["encrypted_content"]), (&json!("rs_1"), &json!("SEALED")));
    assert_eq!((said.finish, said.error), (Some(Finish::ToolCalls), None));
    let usage = said.usage.unwrap();
    assert_eq!((usage.input, usage.cached_input, usage.output, usage.reasoning), (40, 30, 12, 5));
}

#[test]
fn there_is_one_end_and_it_says_what_happened() {
    let incomplete = |reason: &str| {
        json!({"type": "response.incomplete", "response": {"status": "incomplete",
            "incomplete_details": {"reason": reason}}})
    };
    assert_eq!(responses(&[incomplete("max_output_tokens")]).finish, Some(Finish::Length));
    assert_eq!(responses(&[incomplete("content_filter")]).finish, Some(Finish::ContentFilter));
    assert_eq!(responses(&[incomplete("steered")]).finish, Some(Finish::Paused));
    let refusal = json!({"type": "response.refusal.delta", "delta": "No."});
    let said = responses(&[refusal, completed()]);
    assert_eq!((said.refusal.as_str(), said.finish), ("No.", Some(Finish::Refusal)));
    let failed = json!({"type": "response.failed", "response": {"status": "failed",
        "error": {"code": "rate_limit_exceeded", "message": "slow"}}});
    assert_eq!(responses(&[failed]).error, Some(LlmError::RateLimited { retry_after: None }));
    let bare = json!({"type": "error", "code": "context_length_exceeded", "message": "long"});
    assert_eq!(responses(&[bare]).error, Some(LlmError::ContextTooLong));
    let begun = json!({"type": "response.output_text.delta", "delta": "Ja"});
    let said = responses(&[begun]);
    assert_eq!((said.text.as_str(), said.error), ("Ja", Some(LlmError::Truncated)));
}

#[test]
fn a_whole_answer_says_the_same() {
    let body = json!({"status": "completed", "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"text": "hm"}], "encrypted_content": null},
        {"type": "message", "content": [{"type": "output_text", "text": "Ja"}, {"type": "refusal", "refusal": "No."}]},
    ], "usage": {"input_tokens": 4, "output_tokens": 2}});
    let said = whole(Dialect::OpenAiResponses, &question(), &body.to_string());
    assert_eq!(
        (said.reasoning.as_str(), said.text.as_str(), said.refusal.as_str()),
        ("hm", "Ja", "No.")
    );
    assert_eq!((said.thoughts.len(), said.finish), (0, Some(Finish::Refusal)));
}
