import type { Plugin } from "vite";

export function care(): Plugin;
