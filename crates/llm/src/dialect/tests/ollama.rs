use super::*;

fn ollama(lines: &[Value]) -> Said {
    let text = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    read(Dialect::Ollama, &with_tool("look"), &text)
}

#[test]
fn lines_carry_words_thoughts_calls_and_counts() {
    let said = ollama(&[
        json!({"message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": false}),
        json!({"message": {"content": "Grüße"}, "done": false}),
        json!({"message": {"content": "", "tool_calls": [{"function": {"name": "look", "arguments": {"city": "Bonn"}}}]}}),
        json!({"message": {"content": "", "tool_calls": [{"function": {"name": "look", "arguments": {}}}]}}),
        json!({"message": {"content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 26, "eval_count": 9}),
    ]);
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm", "Grüße"));
    assert_eq!(
        said.calls,
        [call("call_0", "look", "{\"city\":\"Bonn\"}"), call("call_1", "look", "{}")]
    );
    assert_eq!((said.finish, said.error), (Some(Finish::ToolCalls), None));
    assert_eq!(said.usage.map(|usage| (usage.input, usage.output)), Some((26, 9)));
}

#[test]
fn errors_cuts_and_limits_are_seen() {
    let begun = json!({"message": {"content": "Well"}, "done": false});
    let said = ollama(&[begun.clone(), json!({"error": "model runner has stopped"})]);
    assert_eq!(
        (said.text.as_str(), said.error),
        ("Well", Some(LlmError::Upstream { status: None, code: None }))
    );
    assert_eq!(ollama(std::slice::from_ref(&begun)).error, Some(LlmError::Truncated));
    assert_eq!(
        ollama(&[begun, json!({"done": true, "done_reason": "length"})]).finish,
        Some(Finish::Length)
    );
}
