// The official JavaScript clients of OpenAI and Anthropic, unmodified, against a running Salus:
// `node oracles.mjs URL KEY`. What a client does not understand fails.

import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [url, key] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const messages = [{ role: "user", content: "good day" }];
const SAID = "You said: good day";
const echo = { model: "scripted/echo", messages };
const tool = { name: "look", description: "Looks." };
const schema = { type: "object", properties: {} };

const checks = {
    async chat_whole() {
        const whole = await openai.chat.completions.create(echo);
        assert.equal(whole.choices[0].message.content, SAID);
        assert.equal(whole.model, "scripted/echo");
        assert.ok(whole.usage.total_tokens > 0);
    },
    async chat_stream() {
        const stream = await openai.chat.completions.create({
            ...echo, stream: true, stream_options: { include_usage: true },
        });
        let text = "";
        let usage;
        for await (const chunk of stream) {
            text += chunk.choices[0]?.delta.content ?? "";
            usage = chunk.usage ?? usage;
        }
        assert.equal(text, SAID);
        assert.ok(usage.completion_tokens > 0);
    },
    async chat_tools() {
        const stream = openai.chat.completions.stream({
            model: "scripted/tool", messages,
            tools: [{ type: "function", function: { ...tool, parameters: schema } }],
        });
        const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0];
        assert.equal(finish_reason, "tool_calls");
        assert.equal(message.tool_calls[0].function.name, "look");
    },
    async chat_cancel() {
        const stream = await openai.chat.completions.create({
            model: "scripted/hang", messages, stream: true,
        });
        for await (const chunk of stream) {
            if (chunk.choices[0]?.delta.content) break;
        }
        stream.controller.abort();
    },
    async models() {
        const ids = [];
        for await (const model of openai.models.list()) ids.push(model.id);
        assert.ok(ids.includes("salus/auto") && ids.includes("scripted/echo"));
        const theirs = [];
        for await (const model of anthropic.models.list()) theirs.push(model.id);
        assert.deepEqual(theirs, ids);
    },
    async embeddings() {
        const made = await openai.embeddings.create({ model: "scripted/echo", input: ["a", "b"] });
        assert.equal(made.data.length, 2);
        assert.equal(made.data[0].embedding[0], 1);
    },
    async errors() {
        const strange = new OpenAI({ baseURL: `${url}/v1`, apiKey: "nobody", maxRetries: 0 });
        await assert.rejects(strange.chat.completions.create(echo), OpenAI.AuthenticationError);
        await assert.rejects(
            openai.chat.completions.create({ ...echo, model: "a/b" }),
            (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found",
        );
        await assert.rejects(
            openai.chat.completions.create({ ...echo, temperature: 9 }), OpenAI.BadRequestError);
        const broken = await openai.chat.completions.create({
            model: "scripted/break", messages, stream: true,
        });
        await assert.rejects(async () => {
            for await (const _ of broken);
        }, OpenAI.APIError);
    },
    async anthropic_whole_and_stream() {
        const asked = { ...echo, max_tokens: 100 };
        const whole = await anthropic.messages.create(asked);
        assert.equal(whole.content[0].text, SAID);
        const final = await anthropic.messages.stream(asked).finalMessage();
        assert.equal(final.content[0].text, SAID);
        assert.equal(final.stop_reason, "end_turn");
        assert.deepEqual(final.usage.output_tokens, whole.usage.output_tokens);
    },
    async anthropic_tools() {
        const final = await anthropic.messages.stream({
            model: "scripted/tool", max_tokens: 100, messages,
            tools: [{ ...tool, input_schema: schema }],
        }).finalMessage();
        assert.equal(final.stop_reason, "tool_use");
    },
    async anthropic_errors() {
        const strange = new Anthropic({ baseURL: url, apiKey: "nobody", maxRetries: 0 });
        const asked = { ...echo, max_tokens: 100 };
        await assert.rejects(strange.messages.create(asked), Anthropic.AuthenticationError);
        await assert.rejects(
            anthropic.messages.stream({ ...asked, model: "scripted/break" }).finalMessage(),
            Anthropic.APIError,
        );
    },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
    try {
        await check();
        console.log(`ok   ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`FAIL ${name}: ${error.name}: ${error.message}`);
    }
}
console.log(`JavaScript: ${Object.keys(checks).length - failed} of ${Object.keys(checks).length}`);
process.exit(failed ? 1 : 0);
