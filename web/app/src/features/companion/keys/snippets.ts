// How a program uses a key, in two lines of each SDK.

// OpenAI's SDK adds the paths to an address that ends in /v1; Anthropic's adds /v1 itself.
export function openai(origin: string, key: string): string {
  return [
    `client = OpenAI(base_url="${origin}/v1", api_key="${key}")`,
    `client.chat.completions.create(model="salus/auto", messages=[{"role": "user", "content": "Hello"}])`,
  ].join("\n");
}

export function anthropic(origin: string, key: string): string {
  return [
    `client = Anthropic(base_url="${origin}", api_key="${key}")`,
    `client.messages.create(model="salus/auto", max_tokens=500, messages=[{"role": "user", "content": "Hello"}])`,
  ].join("\n");
}

// The day that a key ends, as the API wants it; nothing for one that never ends.
export function endOf(days: number, now: Date): string | undefined {
  return days > 0 ? new Date(now.getTime() + days * 86_400_000).toISOString() : undefined;
}

// What stands in the field of a limit: nothing, or a whole number.
export function limitOf(text: string): number | undefined {
  const count = Number(text);
  return text.trim() && Number.isInteger(count) && count >= 0 ? count : undefined;
}
