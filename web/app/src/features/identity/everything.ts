// All that the server keeps about the person, page by page, as one thing to take along.
import { ApiFailure, data } from "@salus/api-client";
import { api } from "../../lib/api";

interface Page<T> {
  items: T[];
  next: string | null | undefined;
}

export async function everything() {
  return {
    made_at: new Date().toISOString(),
    profile: await data(api.GET("/api/user/profile")),
    consents: await data(api.GET("/api/consent/status")),
    devices: await all((query) =>
      data(api.GET("/api/user/devices", { params: { query } })).then(({ items, next_cursor }) => ({
        items,
        next: next_cursor,
      })),
    ),
    activity: await all((query) =>
      data(api.GET("/api/user/activity", { params: { query } })).then(({ items, next_cursor }) => ({
        items,
        next: next_cursor,
      })),
    ),
    journal: await data(
      api.GET("/api/journal/export", { params: { query: { format: "json" } }, parseAs: "json" }),
    ),
    check_ins: await data(api.GET("/api/journal/check-ins/export", { parseAs: "json" })),
    wellbeing: await data(api.GET("/api/wellbeing/export", { parseAs: "json" })),
    conversations: await agreed(conversations),
    memory: await data(api.GET("/api/memory/export", { parseAs: "json" })),
    emergency_cards: (await data(api.GET("/api/emergency/cards"))).items,
    emergency_accesses: await all((query) =>
      data(api.GET("/api/emergency/accesses", { params: { query } })).then(
        ({ items, next_cursor }) => ({ items, next: next_cursor }),
      ),
    ),
    wishes_for_a_human: await all((query) =>
      data(api.GET("/api/crisis/escalations", { params: { query } })).then(
        ({ cases: items, next_cursor }) => ({ items, next: next_cursor }),
      ),
    ),
    keys: (await data(api.GET("/api/ai/keys"))).keys,
    usage: await data(api.GET("/api/usage", { params: { query: { days: 366 } } })),
  };
}

async function conversations() {
  const found = [];
  for (const archived of [false, true]) {
    const list = await all((query) =>
      data(api.GET("/api/conversations", { params: { query: { ...query, archived } } })).then(
        ({ conversations: items, next_cursor }) => ({ items, next: next_cursor }),
      ),
    );
    for (const conversation of list) {
      const path = { id: conversation.id };
      const messages = await all((query) =>
        data(api.GET("/api/conversations/{id}/messages", { params: { path, query } })).then(
          ({ messages: items, next_cursor }) => ({ items, next: next_cursor }),
        ),
      );
      found.push({ ...conversation, messages });
    }
  }
  return found;
}

// What may not be read without a consent that was taken back says so in the file.
async function agreed<T>(read: () => Promise<T>): Promise<T | { left_out: string }> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiFailure && error.code === "CONSENT_REQUIRED")) throw error;
    return { left_out: error.message };
  }
}

async function all<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page<T> = await read({ limit: 100, ...(cursor ? { cursor } : {}) });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return found;
}
