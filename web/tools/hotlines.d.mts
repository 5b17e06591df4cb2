import type { Plugin } from "vite";

export function hotlines(): Plugin;
