// Finds files in a zip without reading all of it: an export of ChatGPT comes as one, with pictures.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

export class NotAZip extends Error {}

interface Entry {
  name: string;
  method: number;
  packed: number;
  offset: number;
}

// The texts of all files whose name fits, in the order of the zip.
export async function textsInZip(zip: Blob, fits: (name: string) => boolean): Promise<string[]> {
  const texts: string[] = [];
  for (const entry of await entriesOf(zip)) {
    if (fits(entry.name)) texts.push(await textOf(zip, entry));
  }
  return texts;
}

export async function isZip(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x50 && second === 0x4b;
}

async function entriesOf(zip: Blob): Promise<Entry[]> {
  // The end of a zip says where its list is; a comment of up to 64 KiB may follow it.
  const tail = await view(zip, Math.max(0, zip.size - 65_557), zip.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new NotAZip();
  const size = tail.getUint32(at + 12, true);
  const start = tail.getUint32(at + 16, true);
  if (start + size > zip.size) throw new NotAZip();
  return listed(await view(zip, start, start + size));
}

function listed(list: DataView<ArrayBuffer>): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at + 46 <= list.byteLength && list.getUint32(at, true) === ENTRY) {
    const length = list.getUint16(at + 28, true);
    const end = at + 46 + length + list.getUint16(at + 30, true) + list.getUint16(at + 32, true);
    if (end > list.byteLength) throw new NotAZip();
    entries.push({
      name: new TextDecoder().decode(new Uint8Array(list.buffer, at + 46, length)),
      method: list.getUint16(at + 10, true),
      packed: list.getUint32(at + 20, true),
      offset: list.getUint32(at + 42, true),
    });
    at = end;
  }
  return entries;
}

async function textOf(zip: Blob, { method, packed, offset }: Entry): Promise<string> {
  if (offset + 30 > zip.size) throw new NotAZip();
  const head = await view(zip, offset, offset + 30);
  const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const bytes = zip.slice(start, start + packed);
  if (method === STORED) return bytes.text();
  if (method !== DEFLATED) throw new NotAZip();
  const plain = bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(plain).text();
}

async function view(zip: Blob, from: number, to: number): Promise<DataView<ArrayBuffer>> {
  return new DataView(await zip.slice(from, to).arrayBuffer());
}
