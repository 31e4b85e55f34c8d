// What stands before a tool's own words must not keep a pattern from seeing them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readingsOf } from '../../src/diagnose/log/prefixes.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type LogMatch } from '../../src/diagnose/patterns/match.ts';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'supabase/patterns'))
  .sort()
  .map((name) => parsePatternFile(name, readFileSync(join(root, 'supabase/patterns', name), 'utf8')));
const matcher = compilePatterns(
  files.flatMap(({ patterns }) => patterns),
  { ignore: files.flatMap(({ ignore }) => ignore), ignore_between: files.flatMap((file) => file.ignore_between) },
);
const index = z
  .array(z.object({ file: z.string(), pattern: z.string().nullable() }))
  .parse(parse(readFileSync(join(root, 'fixtures/logs/index.yml'), 'utf8')));
const STAMP_LENGTH = '2026-07-30T19:16:42.3027598Z '.length;

function classify(lines: readonly string[]): LogMatch {
  const matching = matcher.start();
  matching.write(Buffer.from(`${lines.join('\n')}\n`));
  return matching.end();
}

/** As tools write workflow commands: the percent sign of the message is encoded. */
function put(prefix: string, text: string): string {
  return prefix + (prefix.startsWith('::') ? text.replaceAll('%', '%25') : text);
}

const PREFIXES = [
  ...['##[error]', '##[warning]', '##[notice]', '::error::', '::error file=src/a.ts,line=1::', '#12 3.456 '],
  ...['app-1  | ', 'web:test: ', 'packages/web test: ', '@scope/pkg: ', '@scope/pkg test$ ', '[0] ', '[web] '],
  ...['pod/name ', '[pod/name/container] ', '[12:34:56] ', '2024-01-02T03:04:05.123Z ', '2024/01/02 03:04:05 '],
  ...['2024-01-02T03:04:05.123456Z 00O ', 'ERROR: ', '[ERROR] ', 'INFO ', '[CI/build]   | ', '| ', 'remote: '],
  ...['app-1  | [0] ', '##[error]packages/web test: ', '       > '],
];

/** Every thirtieth log among many runs, which is nearly every one with some prefix, else fewer; other ones for each prefix. */
const STRIDE = process.env.RUNS === 'many' ? 30 : 72;

describe.each(PREFIXES.map((prefix, place) => [prefix, place] as const))('%j', (prefix, place) => {
  const failing = index.flatMap(({ file, pattern }) => (pattern === null ? [] : [{ file, pattern }]));
  const some = failing
    .filter((_, at) => at % STRIDE === place % STRIDE)
    .map(({ file, pattern }) => {
      const lines = readFileSync(join(root, 'fixtures/logs', file), 'utf8')
        .trimEnd()
        .split('\n');
      return { file, pattern, lines };
    });
  const lost = (change: (lines: readonly string[]) => string[]) =>
    some.flatMap(({ file, pattern, lines }) => {
      const { primary } = classify(change(lines));
      return primary?.pattern.name === pattern ? [] : [`${file}: ${primary?.pattern.name}`];
    });
  const behindStamp = (line: string) => line.slice(0, STAMP_LENGTH) + put(prefix, line.slice(STAMP_LENGTH));

  it('before every line leaves each verdict as it was', () => {
    expect(lost((lines) => lines.map(behindStamp))).toEqual([]);
  });
  it('before the line that counts leaves each verdict as it was', () => {
    const change = (lines: readonly string[]) => {
      const line = classify(lines).primary?.line;
      return lines.map((text, at) => (at + 1 === line ? behindStamp(text) : text));
    };
    expect(lost(change)).toEqual([]);
  });
  it('before every raw line, stamp and all, leaves verdicts as they were', () => {
    expect(lost((lines) => lines.map((line) => put(prefix, line)))).toEqual([]);
  });
});

test.each<[text: string, readings: string[]]>([
  ['npm error code 1', []],
  ['', []],
  ['##[error]', ['']],
  ['##[error]  9:12  error  no', ['  9:12  error  no']],
  ['app-1  |', ['']],
  ['       > test result: FAILED', ['test result: FAILED']],
  ['   > Could not find acme:rows:1.', ['> Could not find acme:rows:1.']],
  ['> Task :test FAILED', []],
  ['  +lint *failed* | error: unresolved link', ['error: unresolved link']],
  ['+lint | ok', ['ok']],
  ['app-1  |   9:12  error', ['  9:12  error']],
  ['#12 ERROR: process failed', ['ERROR: process failed', 'process failed']],
  ['[CI/build]   | [0] boom', ['  | [0] boom', '[0] boom', 'boom']],
  ['src/a.c:12:5: error: x', []],
  ['https://example.com: no', []],
  ['fatal error: x', []],
  ['packages/web test: FAIL a', ['FAIL a']],
  ['web test: FAIL a', ['FAIL a']],
  ['web says: FAIL a', []],
  ['::error file=a%2Cb,line=1::one%0Atwo: 5%25%0D', ['one', 'two: 5% ']],
  ['::error', []],
  ['::error::', ['']],
  ['::errors::x', []],
  ['::notice title=x::100%250A', ['100%0A']],
  ['10%\r20%\rerror: boom', ['error: boom', '20%', '10%']],
  ['10%\r[0] boom\r', ['[0] boom', 'boom', '10%']],
])('%j may be read as %j', (text, readings) => {
  expect(readingsOf(text)).toEqual(readings);
});

test('no more prefixes are taken off than a bound, nor pieces', () => {
  expect(readingsOf('[0] '.repeat(1_000))).toHaveLength(6);
  expect(readingsOf('x\r'.repeat(2_000))).toHaveLength(64);
  expect(readingsOf(`::error::${'a%0A'.repeat(1_000)}`)).toHaveLength(64);
  expect(readingsOf('[0] ::error::'.repeat(300))).toHaveLength(6);
  const lines = readingsOf(`[0] ::error::${`[0] ::error::${'%25'.repeat(20)}%0A`.repeat(60)}`);
  expect(lines.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(6 * 60 * 100);
});
