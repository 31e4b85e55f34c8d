// Writes zip archives, honest ones and ones that lie. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** 8 is deflate, 0 stored. */
  readonly method?: number;
  readonly flags?: number;
  /** The Unix mode, as tools write it into the upper half of the external attributes. */
  readonly mode?: number;
  /** What the archive says of the entry, where that is not so. */
  readonly size?: number;
  readonly crc?: number;
  /** The packed bytes, where they are not what comes of packing the content. */
  readonly packed?: Uint8Array;
  /** Where the entry begins, where that is not where it does. */
  readonly offset?: number;
}

function header(signature: number, entry: ZipEntry, packed: Uint8Array): Buffer {
  const content = Buffer.from(entry.content);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(0x800 | (entry.flags ?? 0), 2);
  head.writeUInt16LE(entry.method ?? 8, 4);
  head.writeUInt32LE(entry.crc ?? crc32(content), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(entry.size ?? content.length, 18);
  head.writeUInt16LE(Buffer.byteLength(entry.name), 22);
  const start = Buffer.alloc(signature === CENTRAL ? 6 : 4);
  start.writeUInt32LE(signature);
  if (signature === CENTRAL) start.writeUInt16LE(0x0314, 4);
  return Buffer.concat([start, head]);
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

export function zipOf(entries: readonly ZipEntry[], { entryCount = entries.length } = {}): Buffer {
  const pieces: Buffer[] = [];
  const contents: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = Buffer.from(
      entry.packed ?? (entry.method === 0 ? Buffer.from(entry.content) : deflateRawSync(entry.content)),
    );
    const local = Buffer.concat([header(LOCAL, entry, packed), Buffer.from(entry.name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.offset ?? offset, 10);
    contents.push(Buffer.concat([header(CENTRAL, entry, packed), tail, Buffer.from(entry.name)]));
    pieces.push(local);
    offset += local.length;
  }
  const table = Buffer.concat(contents);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END);
  end.writeUInt16LE(Math.min(entryCount, 0xffff), 8);
  end.writeUInt16LE(Math.min(entryCount, 0xffff), 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...pieces, table, end]);
}
