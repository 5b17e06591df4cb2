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

export default defineConfig({
  plugins: [react(), tailwindcss(), hotlines(), care(), fonts],
  build: {
    target: "es2022",
    // The policy of the server allows nothing inline, data addresses of fonts included.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8787" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
