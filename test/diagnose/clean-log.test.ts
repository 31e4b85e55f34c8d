import { describe, expect, test } from 'vitest';
import { type CleanLine, createLineCleaner } from '../../src/diagnose/log/clean-log.ts';

const STAMP = '2026-07-30T19:16:42.3027598Z ';

function clean(log: string | Uint8Array, chunkBytes = Number.POSITIVE_INFINITY): CleanLine[] {
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  const lines: CleanLine[] = [];
  const cleaner = createLineCleaner((line) => lines.push(line));
  for (let from = 0; from < bytes.length; from += chunkBytes) cleaner.write(bytes.subarray(from, from + chunkBytes));
  expect(cleaner.end()).toEqual({ lineCount: lines.length, byteCount: bytes.length });
  return lines;
}

const texts = (log: string | Uint8Array) => clean(log).map(({ text }) => text);

describe('one line comes out as the text a person sees', () => {
  const cases: readonly [name: string, raw: string | Uint8Array, text: string][] = [
    ["without GitHub's timestamp", `${STAMP}npm ci`, 'npm ci'],
    ['empty when there is only the timestamp', STAMP, ''],
    ['empty when the space after the timestamp was trimmed', STAMP.trimEnd(), ''],
    ['with the indentation behind the timestamp', `${STAMP}  at foo`, '  at foo'],
    ['with a timestamp that is not of GitHub’s form', '2026-07-30T19:16:42.302Z x', '2026-07-30T19:16:42.302Z x'],
    ['with a second timestamp, which the tool itself wrote', `${STAMP}${STAMP}x`, `${STAMP}x`],
    ['without a byte order mark before the timestamp', `\uFEFF${STAMP}x`, 'x'],
    ['without the carriage return of CRLF', `${STAMP}x\r`, 'x'],
    ['with a carriage return that ends no line', '10%\r20%', '10%\r20%'],
    ['without colours', `${STAMP}\x1b[36;1mnpm\x1b[0m \x1b[38;2;1;2;3mci\x1b[m`, 'npm ci'],
    ['without cursor moves and modes', '\x1b[2K\x1b[1G\x1b[?25lx\x1b7y\x1b(Bz', 'xyz'],
    ['without hyperlinks and titles', '\x1b]8;;https://a.b\x1b\\here\x1b]8;;\x07 \x1b]0;title\x07x', 'here x'],
    ['with the text after a control string that never ends', '\x1b]0;error: x', '0;error: x'],
    ['without an escape that breaks off', 'x\x1b[31', 'x'],
    ['without a lone escape', 'a\x1b\u00e9', 'a\u00e9'],
    ['with U+FFFD for bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'a\uFFFDb'],
    ['with U+FFFD for NUL, which Postgres refuses', 'a\0b', 'a\uFFFDb'],
  ];
  test.each(cases)('%s', (_name, raw, text) => {
    expect(texts(raw)).toEqual([text]);
  });
});

describe('lines', () => {
  test('are numbered from 1 as in the raw log, empty ones included', () => {
    expect(clean('a\n\nb\r\nc')).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: '' },
      { line: 3, text: 'b' },
      { line: 4, text: 'c' },
    ]);
  });

  test('are none in an empty log', () => {
    expect(clean('')).toEqual([]);
  });

  test('are the same wherever the chunks are cut, in the midst of a character too', () => {
    const log = `${STAMP}é\x1b[31m—🦀\x1b[0m\r\n${'x'.repeat(300_000)}\nlast`;
    const whole = clean(log);
    for (const chunkBytes of [1, 2, 3, 7, 4096, 262_144]) expect(clean(log, chunkBytes)).toEqual(whole);
  });

  test('longer than 4 KB are cut at a character, and the ones after keep their numbers', () => {
    const long = `${'x'.repeat(4095)}éééé`;
    for (const filler of ['', 'y'.repeat(600_000)]) {
      expect(clean(`a\n${long}${filler}\nb`)).toEqual([
        { line: 1, text: 'a' },
        { line: 2, text: 'x'.repeat(4095) },
        { line: 3, text: 'b' },
      ]);
    }
  });

  test('of a binary file come out without an error', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
    expect(clean(bytes, 1000)).toEqual(clean(bytes));
  });

  test('full of control strings that never end take time linear in their length', () => {
    const hostile = Buffer.from(`${'\x1b]'.repeat(2048)}\n`.repeat(3000));
    expect(texts(hostile)).toHaveLength(3000);
  });
});
