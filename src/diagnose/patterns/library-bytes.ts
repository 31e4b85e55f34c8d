// A library as bytes, from which it is there again at once: a pattern is read when it is first asked for. Pure.
import type { Pattern } from '../../model/failure.ts';
import type { Need } from '../literals/needs.ts';
import type { Library, SievedIgnores } from './library.ts';

interface Head extends SievedIgnores {
  readonly slotCount: number;
  readonly unlit: readonly number[];
  /** The bytes of each section, in their order. */
  readonly lengths: readonly number[];
}

const LENGTH_BYTES = 4;

/** The library in bytes that only a machine of the same kind reads. */
export function packLibrary({ count, patternAt, needAt, index, ignore, ignore_between }: Library): Uint8Array {
  const entries = Array.from({ length: count }, (_, slot) =>
    Buffer.from(JSON.stringify([patternAt(slot), needAt(slot)])),
  );
  const entryStarts = new Uint32Array(count + 1);
  for (const [slot, entry] of entries.entries()) entryStarts[slot + 1] = (entryStarts[slot] ?? 0) + entry.length;
  const { bytes, folded, keyEnds, starts, slots, slotStarts, slotCount, unlit } = index;
  const sections = [entryStarts, starts, slots, slotStarts, keyEnds, folded, bytes].map(asBytes);
  const lengths = sections.map(({ length }) => length);
  const head = Buffer.from(JSON.stringify({ ignore, ignore_between, slotCount, unlit, lengths } satisfies Head));
  const headLength = Buffer.alloc(LENGTH_BYTES);
  headLength.writeUInt32LE(head.length);
  return Buffer.concat([headLength, head, ...sections, ...entries]);
}

function asBytes({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The library of bytes that `packLibrary` made, and that nobody changed: they are believed. */
export function unpackLibrary(packed: Buffer): Library {
  let at = LENGTH_BYTES + packed.readUInt32LE();
  const head: Head = JSON.parse(packed.toString('utf8', LENGTH_BYTES, at));
  const sections = head.lengths.map((length) => {
    // A copy of its own begins where an array of larger numbers may begin.
    const section = Uint8Array.prototype.slice.call(packed, at, at + length);
    at += length;
    return section.buffer;
  });
  const [entryStarts, starts, slots, slotStarts] = sections.slice(0, 4).map((section) => new Uint32Array(section));
  const [keyEnds, folded, bytes] = sections.slice(4);
  if (entryStarts === undefined || starts === undefined || slots === undefined || slotStarts === undefined)
    throw new RangeError('the bytes hold no library');
  const readEntry = entryReader(packed.subarray(at), entryStarts);
  return {
    count: entryStarts.length - 1,
    patternAt: (slot) => readEntry(slot)[0],
    needAt: (slot) => readEntry(slot)[1],
    ignore: head.ignore,
    ignore_between: head.ignore_between,
    index: {
      ...{ slotCount: head.slotCount, unlit: head.unlit, starts, slots, slotStarts },
      keyEnds: new Uint16Array(keyEnds ?? []),
      folded: new Uint8Array(folded ?? []),
      bytes: new Uint8Array(bytes ?? []),
    },
  };
}

type Entry = readonly [Pattern, Need];

function entryReader(entries: Buffer, starts: Uint32Array): (slot: number) => Entry {
  const read: Entry[] = [];
  return (slot) => {
    read[slot] ??= JSON.parse(entries.toString('utf8', starts[slot], starts[slot + 1])) as Entry;
    return read[slot];
  };
}
