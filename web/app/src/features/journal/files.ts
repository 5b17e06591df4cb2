export type Format = "json" | "csv" | "markdown";

// By the name of a file; what cannot be told is tried as our own JSON, and refused if it is not.
export function formatOf(name: string): Format {
  if (/\.csv$/i.test(name)) return "csv";
  return /\.(?:md|markdown)$/i.test(name) ? "markdown" : "json";
}
