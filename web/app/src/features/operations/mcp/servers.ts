// The calls about servers of tools.
import { data, type Schemas } from "@salus/api-client";
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../../lib/api";

export type Server = Schemas["McpServer"];
export type Tool = Schemas["McpTool"];

export const SERVERS = ["operations", "mcp"];

export const serversQuery = queryOptions({
  queryKey: SERVERS,
  queryFn: () => data(api.GET("/api/admin/mcp")),
});

export function add(body: Schemas["McpServerWrite"]): Promise<Server> {
  return data(api.POST("/api/admin/mcp", { body }));
}

export function remove(id: string) {
  return data(api.DELETE("/api/admin/mcp/{id}", { params: { path: { id } } }));
}

export function lookAt(id: string) {
  return data(api.POST("/api/admin/mcp/{id}/look", { params: { path: { id } } }));
}

// These tools and no others, each as it was looked at.
export function allow(id: string, tools: readonly Tool[]): Promise<Server> {
  const ticks = tools.map(({ name, fingerprint }) => ({ name, fingerprint }));
  const params = { path: { id } };
  return data(api.PUT("/api/admin/mcp/{id}/tools", { params, body: { tools: ticks } }));
}
