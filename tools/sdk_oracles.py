#!/usr/bin/env python3
"""The official Python clients of OpenAI and Anthropic read what our encoders write.

They talk to the mock of a model server, whose streams are written by `llm::serve`. What a client
does not understand, or understands differently than it was meant, fails.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import anthropic
import openai

ROOT = Path(__file__).resolve().parent.parent
MOCK = ROOT / "target/debug/modelmock"
ASKED = [{"role": "user", "content": "good day"}]
SAID = "You said: good day"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def function_tool(nested):
    tool = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
    return {"type": "function", "function": tool} if nested else {"type": "function", **tool}


@check
def chat_text_and_usage(openai_client, _):
    stream = openai_client.chat.completions.create(
        model="echo", messages=ASKED, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    same("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), SAID)
    same([c.choices[0].finish_reason for c in chunks if c.choices][-1], "stop")
    same(chunks[-1].choices, [])
    assert chunks[-1].usage.total_tokens > 0
    whole = openai_client.chat.completions.create(model="echo", messages=ASKED)
    same(whole.choices[0].message.content, SAID)
    same(whole.usage, chunks[-1].usage)


@check
def chat_tools_are_accumulated_by_the_client(openai_client, _):
    with openai_client.chat.completions.stream(
            model="tool", messages=ASKED, tools=[function_tool(True)]) as stream:
        message = stream.get_final_completion().choices[0].message
    same([call.function.name for call in message.tool_calls], ["look"])
    same(json.loads(message.tool_calls[0].function.arguments), {})


@check
def chat_refusals_and_reasoning(openai_client, _):
    stream = openai_client.chat.completions.create(model="refuse", messages=ASKED, stream=True)
    refused = "".join(c.choices[0].delta.refusal or "" for c in stream if c.choices)
    same(refused, "I would rather not answer that.")
    stream = openai_client.chat.completions.create(model="think", messages=ASKED, stream=True)
    thought = "".join(getattr(c.choices[0].delta, "reasoning_content", "") or "" for c in stream)
    same(thought, "First, I think.")


@check
def chat_errors(openai_client, _):
    with fails(openai.RateLimitError) as caught:
        openai_client.chat.completions.create(model="limited", messages=ASKED)
    same(caught[0].response.headers["retry-after"], "7")
    with fails(openai.AuthenticationError):
        openai_client.chat.completions.create(model="auth", messages=ASKED)
    with fails(openai.APIError):
        list(openai_client.chat.completions.create(model="break", messages=ASKED, stream=True))


@check
def models_and_embeddings(openai_client, anthropic_client):
    assert "echo" in [model.id for model in openai_client.models.list()]
    assert "echo" in [model.id for model in anthropic_client.models.list()]
    vectors = openai_client.embeddings.create(model="m", input=["a", "b"], encoding_format="float")
    same([entry.embedding for entry in vectors.data], [[0.6, 0.8], [0.6, 0.8]])


@check
def responses_text_and_tools(openai_client, _):
    events = list(openai_client.responses.create(model="echo", input="good day", stream=True))
    same("".join(e.delta for e in events if e.type == "response.output_text.delta"), SAID)
    same(events[-1].type, "response.completed")
    same(events[-1].response.output_text, SAID)
    same([event.sequence_number for event in events], list(range(len(events))))
    whole = openai_client.responses.create(model="tool", input="x", tools=[function_tool(False)])
    same([item.name for item in whole.output if item.type == "function_call"], ["look"])


@check
def anthropic_text_and_usage(_, anthropic_client):
    with anthropic_client.messages.stream(model="echo", max_tokens=100, messages=ASKED) as stream:
        same("".join(stream.text_stream), SAID)
        final = stream.get_final_message()
    same((final.stop_reason, final.content[0].text), ("end_turn", SAID))
    whole = anthropic_client.messages.create(model="echo", max_tokens=100, messages=ASKED)
    same(whole.content[0].text, SAID)
    same(whole.usage.output_tokens, final.usage.output_tokens)


@check
def anthropic_tools_thoughts_and_refusals(_, anthropic_client):
    tool = {"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}
    with anthropic_client.messages.stream(
            model="tool", max_tokens=100, messages=ASKED, tools=[tool]) as stream:
        final = stream.get_final_message()
    same(final.stop_reason, "tool_use")
    same([(b.name, b.input) for b in final.content if b.type == "tool_use"], [("look", {})])
    with anthropic_client.messages.stream(model="think", max_tokens=100, messages=ASKED) as stream:
        final = stream.get_final_message()
    same([block.type for block in final.content], ["thinking", "text"])
    same(final.content[0].thinking, "First, I think.")
    with anthropic_client.messages.stream(model="refuse", max_tokens=9, messages=ASKED) as stream:
        same(stream.get_final_message().stop_reason, "refusal")


@check
def anthropic_errors(_, anthropic_client):
    with fails(anthropic.RateLimitError):
        anthropic_client.messages.create(model="limited", max_tokens=9, messages=ASKED)
    with fails(anthropic.APIError), anthropic_client.messages.stream(
            model="break", max_tokens=9, messages=ASKED) as stream:
        stream.get_final_message()


@contextlib.contextmanager
def fails(kind):
    caught = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
        return
    raise AssertionError(f"{kind.__name__} was expected")


def main():
    with subprocess.Popen([MOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as mock:
        url = mock.stdout.readline().strip()
        clients = (openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0),
                   anthropic.Anthropic(base_url=url, api_key="k", max_retries=0))
        failed = 0
        for function in CHECKS:
            try:
                function(*clients)
                print(f"ok   {function.__name__}")
            except Exception as error:  # whatever a client raises is its verdict
                failed += 1
                print(f"FAIL {function.__name__}: {type(error).__name__}: {error}")
        mock.stdin.close()
    print(f"openai {openai.__version__}, anthropic {anthropic.__version__}: "
          f"{len(CHECKS) - failed} of {len(CHECKS)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
