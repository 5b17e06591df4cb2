// Hands a file to the browser to keep.
export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // A browser may take its time to begin.
  setTimeout(() => URL.revokeObjectURL(link.href), 30_000);
}
