// What an archive may hold: the limits, and the checks of its table of contents. Pure.

import { shown } from './reading/report-values.ts';

const MIB = 1024 * 1024;

export interface ArchiveLimits {
  /** Of the archive itself. */
  readonly compressedBytes: number;
  /** Of all entries that are unpacked. */
  readonly totalBytes: number;
  readonly entryBytes: number;
  /** Unpacked to packed, of an entry of more than 1 MiB; deflate reaches 1,032. */
  readonly ratio: number;
  readonly entries: number;
  readonly nameBytes: number;
}

/** Within an archive only Playwright's blob reports are opened (blob-archive.ts), and nothing in those: nesting needs no limit. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  compressedBytes: 256 * MIB,
  totalBytes: 512 * MIB,
  entryBytes: 64 * MIB,
  ratio: 250,
  entries: 20_000,
  nameBytes: 1_024,
};

const RATIO_FLOOR_BYTES = MIB;
const LOCAL_HEADER_BYTES = 30;
/** Upper half of the external attributes, as Unix tools write it: https://libzip.org/specifications/extrafld.txt */
const FILE_KIND = 0xf000;
const REGULAR = 0x8000;
const DIRECTORY = 0x4000;
const SYMLINK = 0xa000;

/** What the table of contents says of an entry; yauzl's `Entry` is one. */
export interface ListedEntry {
  readonly fileName: string;
  readonly fileNameLength: number;
  readonly generalPurposeBitFlag: number;
  readonly externalFileAttributes: number;
  readonly versionMadeBy: number;
  readonly compressionMethod: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly relativeOffsetOfLocalHeader: number;
}

/** The archive as a whole can't be trusted; the message says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Throws `Refused`; adds the entry's name to `names`. yauzl itself refuses absolute paths and those with `..`. */
export function checkEntry(entry: ListedEntry, names: Set<string>, { nameBytes }: ArchiveLimits): void {
  const { fileName, fileNameLength, generalPurposeBitFlag, compressionMethod } = entry;
  if (fileNameLength > nameBytes) throw new Refused(`a name has ${fileNameLength} bytes; ${nameBytes} are allowed`);
  const name = shown(fileName);
  if (/[\0-\x1f\x7f]/.test(fileName)) throw new Refused(`the name ${name} holds control characters`);
  const parts = fileName.split(/[/\\]/);
  if (/^(?:[/\\]|[A-Za-z]:)/.test(fileName) || parts.includes('..'))
    throw new Refused(`the name ${name} leads out of the archive`);
  const path = parts.filter((part) => part !== '' && part !== '.').join('/');
  if (path === '') throw new Refused(`the name ${name} is empty`);
  if (names.has(path)) throw new Refused(`the name ${name} comes twice`);
  names.add(path);
  if ((generalPurposeBitFlag & 0x1) !== 0) throw new Refused(`${name} is encrypted`);
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    throw new Refused(`${name} is packed with method ${compressionMethod}; stored and deflate are read`);
  }
  checkKind(entry, name);
}

function checkKind({ externalFileAttributes, fileName }: ListedEntry, name: string): void {
  const kind = (externalFileAttributes >>> 16) & FILE_KIND;
  if (kind === SYMLINK) throw new Refused(`${name} is a symbolic link`);
  const allowed = fileName.endsWith('/') ? DIRECTORY : REGULAR;
  if (kind !== 0 && kind !== allowed) throw new Refused(`${name} is neither a file nor a directory`);
}

/** Entries that share bytes are how a small archive holds an endless one: https://www.bamsoftware.com/hacks/zipbomb/ */
export function checkOverlap(entries: readonly ListedEntry[]): void {
  const inOrder = entries.toSorted((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const { fileName, relativeOffsetOfLocalHeader: start, compressedSize, fileNameLength } of inOrder) {
    if (start < end) throw new Refused(`${shown(fileName)} shares its bytes with another entry`);
    end = start + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
  }
}

/** Why this entry alone is not read; null when it may be. */
export function entryRefusal(entry: ListedEntry, { entryBytes, ratio }: ArchiveLimits): string | null {
  const { uncompressedSize: size, compressedSize: packed } = entry;
  if (size > entryBytes) return `the file has ${size} bytes; ${entryBytes} are allowed`;
  if (size > RATIO_FLOOR_BYTES && size > packed * ratio) {
    return `the file is packed ${Math.round(size / Math.max(packed, 1))} to 1; ${ratio} to 1 is allowed`;
  }
  return null;
}
