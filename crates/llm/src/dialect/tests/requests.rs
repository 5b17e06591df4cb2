use super::*;

fn sent(dialect: Dialect, request: &ChatRequest) -> Value {
    serde_json::from_slice(&dialect.ask(request, true).unwrap()).unwrap()
}

/// A conversation with everything in it.
fn conversation() -> ChatRequest {
    let image = Image { format: ImageFormat::Png, bytes: Phi::new(vec![1, 2, 3]) };
    let seal = |text: &str| Some(Phi::new(text.to_owned()));
    let thinking = r#"{"type":"thinking","thinking":"hm","signature":"S"}"#;
    let reasoning = r#"{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"E"}"#;
    let mut request = with_tool("look");
    request.messages = vec![
        Message::text(Role::System, "Be kind."),
        Message {
            role: Role::User,
            parts: vec![Part::Text(Phi::new("What is this?".into())), Part::Image(image)],
        },
        Message {
            role: Role::Assistant,
            parts: vec![
                Part::Thought(Thought { text: Phi::new("hm".into()), seal: seal(thinking) }),
                Part::Thought(Thought { text: Phi::new("hm".into()), seal: seal(reasoning) }),
                Part::ToolCall(ToolCall {
                    id: "t1".into(),
                    name: "look".into(),
                    arguments: Phi::new(r#"{"city":"Bonn"}"#.into()),
                }),
            ],
        },
        Message {
            role: Role::User,
            parts: vec![Part::ToolResult(ToolResult {
                call_id: "t1".into(),
                text: Phi::new("sun".into()),
                failed: false,
            })],
        },
    ];
    request.max_tokens = Some(500);
    request.sampling.temperature = Some(0.7);
    request.stable_prefix = 2;
    request
}

#[test]
fn chat_completions_gets_messages_as_it_wants_them() {
    let body = sent(Dialect::OpenAiChat, &conversation());
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "look", "arguments": "{\"city\":\"Bonn\"}"}},
            ]},
            {"role": "tool", "tool_call_id": "t1", "content": "sun"},
        ])
    );
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    assert_eq!((&body["max_completion_tokens"], &body["temperature"]), (&json!(500), &json!(0.7)));
    assert_eq!(sent(Dialect::LmStudio, &conversation())["max_tokens"], json!(500));
    assert_eq!(body["tools"][0]["function"]["name"], json!("look"));
    assert!(body.get("user").is_none(), "nobody is named");
}

#[test]
fn responses_keeps_nothing_and_gets_its_own_thoughts_back() {
    let body = sent(Dialect::OpenAiResponses, &conversation());
    assert_eq!((&body["store"], &body["max_output_tokens"]), (&json!(false), &json!(500)));
    let kinds: Vec<&str> = body["input"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().or(item["role"].as_str()).unwrap())
        .collect();
    assert_eq!(kinds, ["system", "user", "reasoning", "function_call", "function_call_output"]);
}

#[test]
fn anthropic_gets_blocks_its_own_thoughts_and_marks_for_its_cache() {
    let body = sent(Dialect::Anthropic, &conversation());
    let keep = json!({"type": "ephemeral"});
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "Be kind.", "cache_control": keep}])
    );
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "cache_control": keep,
                 "source": {"type": "base64", "media_type": "image/png", "data": "AQID"}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "S"},
                {"type": "tool_use", "id": "t1", "name": "look", "input": {"city": "Bonn"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "sun", "is_error": false},
            ]},
        ])
    );
    assert_eq!(body["max_tokens"], json!(500));
    let thinking = ChatRequest { reasoning: Reasoning::Low, ..conversation() };
    let body = sent(Dialect::Anthropic, &thinking);
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 1024}));
    assert_eq!((&body["max_tokens"], &body["temperature"]), (&json!(1524), &Value::Null));
}

#[test]
fn ollama_gets_objects_and_names_instead_of_ids() {
    let body = sent(Dialect::Ollama, &conversation());
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "What is this?", "images": ["AQID"]},
            {"role": "assistant", "content": "", "tool_calls": [
                {"function": {"name": "look", "arguments": {"city": "Bonn"}}},
            ]},
            {"role": "tool", "tool_name": "look", "content": "sun"},
        ])
    );
    assert_eq!(body["options"], json!({"temperature": 0.7, "num_predict": 500}));
}

#[test]
fn lists_of_models_say_what_each_can_do() {
    let provider: ProviderId = "p".parse().unwrap();
    let list = |dialect: Dialect, body: Value| {
        dialect.models(body.to_string().as_bytes(), &provider, Location::Local).unwrap()
    };
    let models = list(
        Dialect::LmStudio,
        json!({"data": [
            {"id": "qwen/qwen3-4b", "type": "llm", "max_context_length": 40960, "capabilities": ["tool_use"]},
            {"id": "llava", "type": "vlm"}, {"id": "nomic", "type": "embeddings"}, {"id": "bad name"},
        ]}),
    );
    assert_eq!(models.len(), 3);
    assert_eq!((models[0].context, models[0].abilities.tools), (Some(40960), true));
    assert!(
        models[1].abilities.vision && !models[2].abilities.chat && models[2].abilities.embeddings
    );
    let models =
        list(Dialect::Ollama, json!({"models": [{"name": "llama3.2:3b", "model": "llama3.2:3b"}]}));
    assert_eq!(models[0].id.to_string(), "p/llama3.2:3b");
    assert!(Dialect::OpenAiChat.models(b"<html>", &provider, Location::Remote).is_err());
}

#[test]
fn vectors_come_back_in_the_order_of_the_texts_or_not_at_all() {
    let body = json!({"data": [{"index": 1, "embedding": [0.5]}, {"index": 0, "embedding": [1.0, 2]}],
                      "usage": {"prompt_tokens": 6}});
    let read = Dialect::OpenAiChat.vectors(body.to_string().as_bytes(), 2).unwrap();
    assert_eq!((read.vectors[0].expose().as_slice(), read.usage.input), ([1.0, 2.0].as_slice(), 6));
    assert!(Dialect::OpenAiChat.vectors(body.to_string().as_bytes(), 3).is_err());
    assert!(Dialect::OpenAiChat.vectors(body.to_string().as_bytes(), 1).is_err());
    let read = Dialect::Ollama.vectors(br#"{"embeddings":[[1],[2]]}"#, 2).unwrap();
    assert_eq!(read.vectors[1].expose().as_slice(), [2.0]);
}

#[test]
fn a_schema_is_called_strict_only_where_it_is_and_where_that_is_known() {
    let closed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let ask = |dialect, schema: &Value| {
        let (name, schema) = ("shape".to_owned(), schema.clone());
        let format = Format::Schema { name, schema };
        sent(dialect, &ChatRequest { format, ..ChatRequest::new("m", Vec::new()) })
    };
    let strict = "/response_format/json_schema/strict";
    let open = json!({"type": "object", "properties": {"a": {}}});
    assert_eq!(ask(Dialect::OpenAiChat, &closed).pointer(strict), Some(&json!(true)));
    assert_eq!(ask(Dialect::OpenAiChat, &open).pointer(strict), None);
    assert_eq!(ask(Dialect::LmStudio, &closed).pointer(strict), None);
    let strict = "/text/format/strict";
    assert_eq!(ask(Dialect::OpenAiResponses, &closed).pointer(strict), Some(&json!(true)));
    assert_eq!(ask(Dialect::OpenAiResponses, &open).pointer(strict), Some(&json!(false)));
}

#[test]
fn thoughts_of_anthropic_go_back_before_the_call_and_as_they_came() {
    let mut request = conversation();
    let redacted = json!({"type": "redacted_thinking", "data": "opaque"});
    let seal = Some(Phi::new(redacted.to_string()));
    request.messages[2].parts.push(Part::Thought(Thought { text: Phi::default(), seal }));
    request.messages[2].parts.retain(|part| !matches!(part, Part::ToolCall(_)));
    request.stable_prefix = 3;
    let body = sent(Dialect::Anthropic, &request);
    let blocks = body.pointer("/messages/1/content").and_then(Value::as_array).unwrap();
    let thinking = json!({"type": "thinking", "thinking": "hm", "signature": "S"});
    assert_eq!(blocks, &[thinking, redacted], "with no mark of ours in them");
}
