// Whether what was given as a log is something else, by its first bytes. Pure.

const HEAD_BYTES = 4_096;

/** By how a file begins, in latin1; the advice follows. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['PK\x03\x04', 'it is a zip archive, as GitHub hands logs out in; unpack it and name the file of the job'],
  ['PK\x05\x06', 'it is a zip archive without a file in it'],
  ['\x1f\x8b', 'it is compressed by gzip; gunzip -c FILE | codered classify -'],
  ['\xff\xfe', 'it is UTF-16, as PowerShell writes it; iconv -f UTF-16 -t UTF-8 FILE | codered classify -'],
  ['\xfe\xff', 'it is UTF-16; iconv -f UTF-16 -t UTF-8 FILE | codered classify -'],
  ['\x7fELF', 'it is a program'],
];

/** Says what a file is if it is no log, and what to do; null when it may be a log. `chunk` holds its first bytes. */
export function notALog(chunk: Uint8Array): string | null {
  const head = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, HEAD_BYTES)).toString('latin1');
  const known = BEGINNINGS.find(([beginning]) => head.startsWith(beginning));
  if (known !== undefined) return known[1];
  const start = head.trimStart();
  if (start.startsWith('-----BEGIN ') && start.slice(0, 60).includes('PRIVATE KEY'))
    return 'it is a private key; nothing of it was looked at or is shown';
  return isBinary(head) ? 'it is a binary; a log is text' : null;
}

/** Text has hardly any control characters but tab, line ends, escape (colours) and backspace (progress). */
function isBinary(head: string): boolean {
  const strange = [...head].filter((letter) => letter < '\x07' || (letter > '\x0d' && letter < '\x1b')).length;
  return strange * 10 > head.length;
}
