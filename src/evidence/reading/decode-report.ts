// Bytes of a report to text, in pieces: UTF-8, or UTF-16 where its first bytes say so, as PowerShell writes it. Pure.

import { Unreadable } from './report-reader.ts';

export interface ReportDecoder {
  /** Throws `Unreadable` at the first byte that the encoding does not allow. */
  decode(bytes: Uint8Array): string;
  /** What a cut character at the end would be an error of. */
  end(): string;
}

/** Encodings an XML declaration may name; all others are refused. */
const DECLARED: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  'windows-1252': 'windows-1252',
};

/** The byte order mark is not part of the text. */
export function createDecoder({ readDeclaration = false } = {}): ReportDecoder {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  const decode = (bytes: Uint8Array | undefined, stream: boolean): string => {
    decoder ??= new TextDecoder(encodingOf(bytes ?? new Uint8Array(), readDeclaration), { fatal: true });
    try {
      return decoder.decode(bytes, { stream });
    } catch {
      throw new Unreadable(`the text is not ${decoder.encoding.toUpperCase()}`);
    }
  };
  return { decode: (bytes) => decode(bytes, true), end: () => decode(undefined, false) };
}

/** UTF-16 by its byte order mark, else by the zero beside the first sign, which is one of ASCII in every report. */
export function utf16Of([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined)
    ? 'utf-16be'
    : null;
}

function encodingOf(bytes: Uint8Array, readDeclaration: boolean): string {
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) return utf16;
  if (!readDeclaration) return 'utf-8';
  const declared = /^\uFEFF?<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]*)["']/.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1'),
  )?.[1];
  if (declared === undefined) return 'utf-8';
  const encoding = DECLARED[declared.toLowerCase()];
  if (encoding === undefined) throw new Unreadable(`the encoding is ${declared}; UTF-8 and ISO-8859-1 are read`);
  return encoding;
}
