// The languages that crates/care has words in; Hindi is there in Latin letters.
export function careLanguage(locale: string): string {
  const first = locale.toLowerCase().split("-")[0] ?? "en";
  return first === "hi" ? "hi-latn" : first;
}
