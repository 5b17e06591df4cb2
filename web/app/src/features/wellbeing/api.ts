// The calls about what was filled in: what is asked, and under which key it is remembered.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";
import { whereabouts } from "../crisis/whereabouts";

export type Filled = Schemas["FilledForm"];

export const KEY = ["wellbeing"] as const;

// The newest hundred are enough to know what helped and when something was answered.
const SOME = 100;

export const practiceQuery = queryOptions({
  queryKey: [...KEY, "practice"],
  queryFn: ({ signal }) =>
    data(api.GET("/api/wellbeing/practice", { params: { query: { limit: SOME } }, signal })),
});

export const resultsQuery = queryOptions({
  queryKey: [...KEY, "results"],
  queryFn: ({ signal }) =>
    data(api.GET("/api/wellbeing/results", { params: { query: { limit: SOME } }, signal })),
});

export function trendQuery(questionnaire: string) {
  return queryOptions({
    queryKey: [...KEY, "trend", questionnaire],
    queryFn: ({ signal }) =>
      data(api.GET("/api/wellbeing/trend", { params: { query: { questionnaire } }, signal })),
  });
}

// All of one kind: a page may be short and still have a next. A year of cards is a few pages.
export function formsQuery(name: string) {
  return queryOptions({
    queryKey: [...KEY, "forms", name],
    queryFn: async ({ signal }) => {
      const found: Filled[] = [];
      let cursor: string | null | undefined;
      do {
        const query = { name, limit: SOME, ...(cursor ? { cursor } : {}) };
        const page = await data(api.GET("/api/wellbeing/forms", { params: { query }, signal }));
        found.push(...page.forms);
        cursor = page.next_cursor;
      } while (cursor && found.length < 400);
      return found;
    },
  });
}

export function updateForm(form: Filled, body: Schemas["FilledFormWrite"]) {
  const header = { "If-Match": `"v${form.version}"` };
  const params = { path: { id: form.id }, query: whereabouts(), header };
  return data(api.PUT("/api/wellbeing/forms/{id}", { params, body }));
}

export async function removeForm(id: string): Promise<void> {
  await api.DELETE("/api/wellbeing/forms/{id}", { params: { path: { id } } });
}

export async function removeResult(id: string): Promise<void> {
  await api.DELETE("/api/wellbeing/results/{id}", { params: { path: { id } } });
}

export async function exportAll(): Promise<Blob> {
  return (await data(api.GET("/api/wellbeing/export", { parseAs: "blob" }))) as unknown as Blob;
}

// Somebody, or this person elsewhere, changed it meanwhile.
export function isConflict(error: unknown): boolean {
  return error instanceof ApiFailure && [409, 412].includes(error.status);
}

export function isOffline(error: unknown): boolean {
  return error instanceof ApiFailure && error.isOffline;
}
