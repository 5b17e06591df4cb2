import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { care } from "../tools/care.mjs";
import { hotlines } from "../tools/hotlines.mjs";

export default defineConfig({
  plugins: [react(), tailwindcss(), hotlines(), care()],
  build: {
    target: "es2022",
    // The policy of the server allows nothing inline, data addresses of fonts included.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8787" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
