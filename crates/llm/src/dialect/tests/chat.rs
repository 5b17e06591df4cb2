use super::*;

fn chat(stream: &str) -> Said {
    read(Dialect::OpenAiChat, &question(), stream)
}

#[test]
fn text_comes_with_roles_padding_and_unknown_fields_around_it() {
    let said = chat(concat!(
        ": keep-alive\r\n\r\n",
        "data: {\"id\":\"c\",\"choices\":[],\"prompt_filter_results\":[{}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\r\n\r\n",
        "data: {\"obfuscation\":\"xx\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" 🙂\"},\"logprobs\":null}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7,",
        "\"prompt_tokens_details\":{\"cached_tokens\":12,\"cache_write_tokens\":3},",
        "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\r\n\r\n",
        "data: [DONE]\r\n\r\n",
    ));
    assert_eq!(
        (said.text.as_str(), said.finish, &said.error),
        ("Grüße 🙂", Some(Finish::Stop), &None)
    );
    let usage = Usage {
        input: 20,
        cached_input: 12,
        cache_write: 3,
        output: 7,
        reasoning: 2,
        estimated: false,
    };
    assert_eq!(said.usage, Some(usage));
}

#[test]
fn calls_in_fragments_that_interleave_are_put_together() {
    let said = read(
        Dialect::OpenAiChat,
        &with_tool("look"),
        concat!(
            "data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\\\"K\\\\\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"\",\"function\":{\"name\":\"\",\"arguments\":\"u00f6ln\\\"}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
            "data: [DONE]\n\n",
        ),
    );
    let calls = [call("a", "look", r#"{"city":"K\u00f6ln"}"#), call("b", "look", "{}")];
    assert_eq!((said.calls.as_slice(), said.finish), (calls.as_slice(), Some(Finish::ToolCalls)));
}

#[test]
fn a_refusal_is_no_empty_success() {
    let said = chat(concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":null,\"refusal\":\"I can\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"refusal\":\"not.\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    ));
    assert_eq!((said.refusal.as_str(), said.finish), ("I cannot.", Some(Finish::Refusal)));
}

#[test]
fn thinking_and_words_are_told_apart() {
    let said = chat(concat!(
        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\"!\",\"content\":null}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"Yes\"}]},\"finish_reason\":\"length\"}]}\n\n",
    ));
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm!", "Yes"));
    // It is complete without [DONE], for it has said why it ended.
    assert_eq!((said.finish, said.error), (Some(Finish::Length), None));
}

#[test]
fn errors_in_the_stream_and_missing_ends_are_errors_after_what_was_said() {
    let begin = "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n";
    for (rest, error) in [
        ("", LlmError::Truncated),
        ("data: [DONE]\n\n", LlmError::Truncated),
        ("data: {\"cho", LlmError::Truncated),
        (
            "data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n",
            LlmError::RateLimited { retry_after: None },
        ),
        ("data: {\"error\":\"boom\"}\n\n", LlmError::Upstream { status: None, code: None }),
        (
            "data: {\"choices\":[{\"finish_reason\":\"error\",\"error\":{\"code\":503}}]}\n\n",
            LlmError::Overloaded { retry_after: None },
        ),
        ("data: nonsense\n\n", LlmError::Malformed("a piece is not as agreed")),
    ] {
        let said = chat(&format!("{begin}{rest}"));
        assert_eq!(
            (said.text.as_str(), said.finish, said.error),
            ("Well", None, Some(error)),
            "{rest}"
        );
    }
}

#[test]
fn a_filter_may_stop_what_was_already_shown() {
    let said = chat(concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\",\"content_filter_results\":{}}]}\n\n",
        "data: [DONE]\n\n",
    ));
    assert_eq!((said.text.as_str(), said.finish), ("Well", Some(Finish::ContentFilter)));
}

#[test]
fn calls_that_were_cut_off_are_not_handed_on() {
    let said = chat(concat!(
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"ci\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
    ));
    assert_eq!((said.calls.len(), said.finish, said.error), (0, Some(Finish::Length), None));
}

#[test]
fn usage_that_says_nothing_is_none_and_may_come_with_a_choice() {
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":";
    assert_eq!(chat(&format!("{end}{{}}}}\n\n")).usage, None);
    let said = chat(&format!(
        "{end}{{\"prompt_tokens\":5,\"completion_tokens\":2,\"prompt_cache_hit_tokens\":4}}}}\n\n"
    ));
    assert_eq!(
        said.usage.map(|usage| (usage.input, usage.cached_input, usage.output)),
        Some((5, 4, 2))
    );
}

#[test]
fn local_servers_say_thoughts_and_wishes_in_the_text() {
    let said = read(
        Dialect::LmStudio,
        &with_tool("look"),
        concat!(
            "data: {\"choices\":[{\"delta\":{\"content\":\"<think\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\">hm</think>\\n\\nLet me see. <tool\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"_call>{\\\"name\\\":\\\"look\\\",\\\"arguments\\\":{}}</tool_call>\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
    );
    assert_eq!((said.reasoning.as_str(), said.text.as_str()), ("hm", "Let me see. "));
    assert_eq!(said.calls, [call("call_0", "look", "{}")]);
    assert_eq!(said.finish, Some(Finish::ToolCalls));
}

#[test]
fn calls_that_all_have_the_index_zero_and_objects_as_arguments_are_told_apart() {
    let said = read(
        Dialect::LmStudio,
        &with_tool("look"),
        concat!(
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"look\",\"arguments\":{\"city\":\"Bonn\"}}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        ),
    );
    assert_eq!(said.calls, [call("a", "look", r#"{"city":"Bonn"}"#), call("b", "look", "{}")]);
    assert_eq!(said.finish, Some(Finish::ToolCalls));
}

#[test]
fn a_whole_answer_says_the_same() {
    let said = whole(
        Dialect::OpenAiChat,
        &question(),
        concat!(
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Yes\",\"refusal\":null,",
            "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}},",
            "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]},",
            "\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}",
        ),
    );
    assert_eq!(
        (said.text.as_str(), said.calls.len(), said.finish),
        ("Yes", 2, Some(Finish::ToolCalls))
    );
    assert_eq!(whole(Dialect::OpenAiChat, &question(), "{}").error, Some(LlmError::Truncated));
}
