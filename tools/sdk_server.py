#!/usr/bin/env python3
"""The official clients of OpenAI and Anthropic, unmodified, use a running Salus as their server.

Starts the built program, registers a person, makes them a personal key, and lets the clients of
both languages work with it: whole answers, streams, tools, errors, and a stream that is given up.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import anthropic
import openai

from running import ROOT, running
from sdk_oracles import ASKED, SAID, fails, function_tool, same

SETTINGS = {
    "SALUS__HTTP__RATES": "generous",
    "SALUS__MODELS__SCRIPTED": "true",
    "SALUS__COMPANION__ALLOWANCE__USER__MESSAGES_PER_MINUTE": "1000",
    "SALUS__ACCOUNTS__PASSWORD__MEMORY_KIB": "19456",
    "SALUS__ACCOUNTS__PASSWORD__PASSES": "2",
    "SALUS__LOG__LEVEL": "debug",
}
PERSON = {"username": "sdk", "password": "a long pass phrase of five words",
          "consents": {"terms": True, "health_data": True}}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def chat_whole_and_stream(openai_client, _):
    whole = openai_client.chat.completions.create(model="scripted/echo", messages=ASKED)
    same(whole.choices[0].message.content, SAID)
    stream = openai_client.chat.completions.create(
        model="scripted/echo", messages=ASKED, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    same("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), SAID)
    same(chunks[-1].usage, whole.usage)


@check
def chat_tools_go_and_come_back(openai_client, _):
    asked = {"model": "scripted/tool", "tools": [function_tool(True)]}
    with openai_client.chat.completions.stream(messages=ASKED, **asked) as stream:
        message = stream.get_final_completion().choices[0].message
    call = message.tool_calls[0]
    same(call.function.name, "look")
    result = {"role": "tool", "tool_call_id": call.id, "content": "sun"}
    assistant = {"role": "assistant", "content": message.content,
                 "tool_calls": [{"id": call.id, "type": "function", "function": {
                     "name": "look", "arguments": call.function.arguments}}]}
    whole = openai_client.chat.completions.create(messages=[*ASKED, assistant, result], **asked)
    same(whole.choices[0].message.content, "It says: sun")


@check
def models_and_embeddings(openai_client, anthropic_client):
    ids = [model.id for model in openai_client.models.list()]
    assert "salus/auto" in ids and "scripted/echo" in ids, ids
    same([model.id for model in anthropic_client.models.list()], ids)
    made = openai_client.embeddings.create(model="scripted/echo", input=["a", "b"])
    same([entry.embedding[:2] for entry in made.data], [[1.0, 0.0], [0.0, 1.0]])


@check
def errors_have_their_kind(openai_client, anthropic_client):
    with fails(openai.AuthenticationError):
        openai_client.with_options(api_key="nobody").models.list()
    with fails(openai.NotFoundError) as caught:
        openai_client.chat.completions.create(model="a/b", messages=ASKED)
    same(caught[0].code, "model_not_found")
    with fails(openai.BadRequestError):
        openai_client.chat.completions.create(model="scripted/echo", messages=ASKED, temperature=9)
    with fails(openai.APIError):
        list(openai_client.chat.completions.create(
            model="scripted/break", messages=ASKED, stream=True))
    with fails(anthropic.AuthenticationError):
        anthropic_client.with_options(api_key="nobody").messages.create(
            model="scripted/echo", max_tokens=9, messages=ASKED)
    with fails(anthropic.APIError), anthropic_client.messages.stream(
            model="scripted/break", max_tokens=9, messages=ASKED) as stream:
        stream.get_final_message()


@check
def anthropic_whole_stream_and_tools(_, anthropic_client):
    asked = {"max_tokens": 100, "messages": ASKED}
    whole = anthropic_client.messages.create(model="scripted/echo", **asked)
    same(whole.content[0].text, SAID)
    with anthropic_client.messages.stream(model="scripted/echo", **asked) as stream:
        same("".join(stream.text_stream), SAID)
        final = stream.get_final_message()
    same((final.stop_reason, final.usage), ("end_turn", whole.usage))
    tool = {"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}
    with anthropic_client.messages.stream(model="scripted/tool", tools=[tool], **asked) as stream:
        same(stream.get_final_message().stop_reason, "tool_use")


def given_up(server, token, client):
    """A stream that its client leaves is settled, and holds nothing any more."""
    def used():
        usage = json.loads(server.call("GET", "/api/usage", token=token)[1])
        left = usage["limits"]["tokens_per_day"] - usage["remaining"]["tokens"]
        return left, sum(d["input_tokens"] + d["output_tokens"] for d in usage["days"])
    stream = client.chat.completions.create(model="scripted/hang", messages=ASKED, stream=True)
    next(iter(stream))
    stream.close()
    until = time.monotonic() + 10
    while (found := used())[0] != found[1]:
        assert time.monotonic() < until, f"held and counted: {found}"
        time.sleep(0.05)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", type=Path, default=ROOT / "target/debug/salus")
    chosen = options.parse_args()
    failed = 0
    with running(chosen.binary, SETTINGS) as server:
        token = json.loads(server.call("POST", "/api/auth/register", PERSON)[1])["access_token"]
        made = json.loads(server.call("POST", "/api/ai/keys", {"name": "sdk"}, token)[1])
        key = made["secret"]
        clients = (openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0),
                   anthropic.Anthropic(base_url=server.url, api_key=key, max_retries=0))
        for function in [*CHECKS, lambda first, _: given_up(server, token, first)]:
            name = "given_up" if function.__name__ == "<lambda>" else function.__name__
            try:
                function(*clients)
                print(f"ok   {name}")
            except Exception as error:  # whatever a client raises is its verdict
                failed += 1
                print(f"FAIL {name}: {type(error).__name__}: {error}")
        script = ROOT / "tools/sdk/oracles.mjs"
        failed += subprocess.run(["node", script, server.url, key], env=os.environ).returncode
        if key in "".join(server.log):
            failed += 1
            print("FAIL the key stands in the log")
    print(f"Python: openai {openai.__version__}, anthropic {anthropic.__version__}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
