import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { care } from "../tools/care.mjs";
import { hotlines } from "../tools/hotlines.mjs";

// The two fonts of every screen come with the program, not after it: nothing moves when they do.
const fonts: Plugin = {
  name: "salus-fonts",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((name) => /(?:figtree-latin-wght|newsreader-latin-500)-normal.*\.woff2$/.test(name))
        .map((name) => ({
          tag: "link",
          attrs: { rel: "preload", as: "font", crossorigin: "", href: `/${name}` },
          injectTo: "head",
        })),
  },
};

// Everything that each first load needs is one file, together with the small things that the pages
// people open share: each request costs more than the bytes of such a crumb.
const CRUMBS =
  /src\/(components\/ui\/(Ask|Card)|features\/crisis\/(SafetyCard|[dD]raftCare)|features\/journal\/(Face|moods))\.tsx?$|rolldown\/runtime/;
type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };
const needed = new Set<string>();

function ofFirstLoad(id: string, graph: Graph): boolean {
  const open = needed.size > 0 ? [] : [new URL("src/main.tsx", import.meta.url).pathname];
  for (let at = open.pop(); at; at = open.pop()) {
    if (needed.has(at)) continue;
    needed.add(at);
    open.push(...(graph.getModuleInfo(at)?.importedIds ?? []));
  }
  return needed.has(id) || CRUMBS.test(id);
}

export default defineConfig({
  plugins: [react(), tailwindcss(), hotlines(), care(), fonts],
  build: {
    target: "es2022",
    // The policy of the server allows nothing inline, data addresses of fonts included.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // finish.mjs tells start.js which files a page needs.
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: (id, graph) => (ofFirstLoad(id, graph) ? "salus" : null) }],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8787" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
