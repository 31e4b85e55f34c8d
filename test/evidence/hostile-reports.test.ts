import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../bench/report-corpus.ts';
import { FORMATS } from '../../src/evidence/formats.ts';
import type { Count, Measurement } from '../../src/evidence/reading/measurement.ts';
import { openReader } from '../../src/evidence/reading/report-reader.ts';
import { measureFile } from '../support/measure.ts';

const MIB = 1024 * 1024;
const nested = (open: string, depth: number, close: string): string => open.repeat(depth) + close.repeat(depth);
const laughs = `<?xml version="1.0"?><!DOCTYPE testsuites [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY ${'a'.repeat(n + 2)} "${`&${'a'.repeat(n + 1)};`.repeat(10)}">`).join('')}]><testsuites name="&${'a'.repeat(30)};"/>`;
const playwright = (suites: string): string =>
  `{"config":{"rootDir":"/"},"suites":${suites},"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}`;

describe('a hostile report is unreadable with the reason, in bounded time', () => {
  const hostile: readonly (readonly [name: string, file: string, content: string | Uint8Array, reason: string])[] = [
    ['a billion laughs', 'junit.xml', laughs, 'none may be declared'],
    [
      'an entity that reads a file',
      'junit.xml',
      '<!DOCTYPE testsuites [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuites name="&x;"/>',
      'none may be declared',
    ],
    [
      'an entity that nobody declared',
      'junit.xml',
      '<testsuites><testsuite name="&xxe;"/></testsuites>',
      'undefined entity',
    ],
    [
      'an entity declared elsewhere',
      'junit.xml',
      '<!DOCTYPE testsuites SYSTEM "http://localhost/evil.dtd"><testsuites name="&xxe;"/>',
      'undefined entity',
    ],
    [
      'tags nested a million deep',
      'junit.xml',
      nested('<testsuite>', 1_000_000, '</testsuite>'),
      'nested deeper than 100',
    ],
    ['JSON nested a million deep', 'coverage-final.json', `{"a":${nested('[', 1_000_000, ']')}}`, 'a is a list'],
    [
      'suites nested ten thousand deep',
      'playwright.json',
      playwright(`[${nested('{"suites":[', 10_000, ']}')}]`),
      'nested deeper than 100',
    ],
    [
      'suites nested a million deep',
      'playwright.json',
      playwright(`[${nested('{"suites":[', 1_000_000, ']}')}]`),
      'nested deeper than 100',
    ],
    ['a line without an end', 'lcov.info', `TN:\nSF:${'a'.repeat(3 * MIB)}`, 'a line is longer'],
    [
      'JSON that is larger than is read',
      'coverage-final.json',
      `{"statementMap":"${'a'.repeat(33 * MIB)}"}`,
      'larger than the 33554432 bytes',
    ],
    ['bytes that are not UTF-8', 'lcov.info', Buffer.from([0x53, 0x46, 0x3a, 0xff, 0xfe, 0x0a]), 'not UTF-8'],
    [
      'bytes that are not UTF-8 in XML',
      'junit.xml',
      Buffer.concat([Buffer.from('<testsuites name="'), Buffer.from([0xc3, 0x28]), Buffer.from('"/>')]),
      'not UTF-8',
    ],
    ['a character that is cut at the end', 'junit.xml', Buffer.from('<testsuites/>é').subarray(0, -1), 'not UTF-8'],
    [
      'a block of ten million lines, again and again',
      'c.out',
      `mode: set\n${Array.from({ length: 5 }, (_, n) => `a${n}.go:1.1,9000000.1 1 1\n`).join('')}`,
      'span more than',
    ],
    [
      'fifty thousand categories',
      'lhr.json',
      `{"lighthouseVersion":"1","requestedUrl":"http://a/","categories":{${Array.from({ length: 50_000 }, (_, n) => `"c${n}":{"score":1}`).join(',')}}}`,
      'more than 50 categories',
    ],
    ['two roots', 'junit.xml', '<testsuites/><testsuites/>', 'not well-formed'],
    ['the same attribute twice', 'junit.xml', '<testsuites tests="1" tests="2"/>', 'not well-formed'],
    [
      'JSON with more behind it',
      'eslint.json',
      '[{"filePath":"a","messages":[],"errorCount":0,"warningCount":0}][]',
      'not whole JSON',
    ],
    ['another tag than tests', 'junit.xml', '<html/>', '<html>'],
  ];
  test.each(hostile)('%s', (_name, file, content, reason) => {
    expect(measureFile(file, content)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  test('keys of a prototype are keys like any other', () => {
    const counts = '{"total":2,"covered":0,"skipped":0,"pct":0}';
    const file = `{"lines":${counts},"statements":${counts},"branches":${counts},"functions":${counts}}`;
    const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const measured = measureFile(
      'coverage-summary.json',
      `{"total":${file},${keys.map((key) => `"${key}":${file}`).join(',')}}`,
    );
    expect(measured).toMatchObject({
      totals: { lines: { covered: 0, total: 8 } },
      files: keys.map((path) => ({ path })),
    });
    expect(
      measureFile(
        'junit.xml',
        '<testsuite><testcase name="a" status="constructor" __proto__="x"><toString/></testcase></testsuite>',
      ),
    ).toMatchObject({ passed: 0, errored: 1 });
    expect(
      measureFile('summary.json', '{"status":"PASSED","tests":{"__proto__":{"passed":1,"failed":2}}}'),
    ).toMatchObject({ tests: [{ suite: '__proto__', failed: 2 }] });
    expect(Object.hasOwn(Object.prototype, 'covered')).toBe(false);
  });

  test('a head made to confuse the table of formats is looked at, and no more comes of it', () => {
    const heads = [
      '\n'.repeat(4_096),
      '<!---->'.repeat(600),
      '<coverage '.repeat(400),
      `{"${'\\"'.repeat(2_000)}`,
      'TN:\r\n'.repeat(800),
      '<?a?>'.repeat(800),
      ' '.repeat(4_095),
    ];
    for (const head of heads) measureFile('x.txt', head);
  });
});

/** Every figure of a measurement, by its place. */
function figuresOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(figuresOf) : [];
}

function isConsistent(measurement: Measurement): boolean {
  // What a worse total adds to what is listed may be less than nothing; the totals have it.
  const { unlisted = [], ...figures } = { unlisted: undefined, ...measurement };
  if (!figuresOf(unlisted).every(Number.isInteger)) return false;
  if (!figuresOf(figures).every((figure) => Number.isFinite(figure) && figure >= 0)) return false;
  if (measurement.kind === 'tests') {
    return (
      measurement.failed + measurement.errored === measurement.cases.length + measurement.cases_omitted &&
      measurement.flaky <= measurement.passed
    );
  }
  if (measurement.kind === 'findings') {
    return (
      measurement.errors + measurement.warnings + measurement.notes ===
      measurement.findings.length + measurement.findings_omitted
    );
  }
  if (measurement.kind !== 'coverage') return true;
  const whole = ({ covered, total }: Count): boolean => covered <= total;
  // What a total of the report's own adds where it is the worse one.
  const sum = [...measurement.files, ...(measurement.unlisted ?? [])].reduce((total, one) => total + one.total, 0);
  return (
    measurement.files.every(whole) &&
    Object.values(measurement.totals).every(
      (count: Count | null) => count === null || (count.total > 0 && whole(count)),
    ) &&
    (measurement.totals[measurement.counted]?.total ?? 0) === sum &&
    measurement.files.every(({ line_hits: hits }) => hits === null || [hits.covered, hits.uncovered].every(isAscending))
  );
}

function isAscending(lines: readonly number[]): boolean {
  return lines.every((line, index) => index === 0 || line > (lines[index - 1] ?? 0));
}

const SMALL = Object.entries(REPORTS).map(([name, { file, render }]) => ({
  name,
  file,
  content: Buffer.from(render(3_000)),
}));
/** Formats whose file may end after any line: what is missing can't be seen, only the archive's checksum tells. */
const OPEN_ENDED = ['lcov', 'go-cover', 'tsc'];

describe('any report', () => {
  test('that is damaged at one place is unreadable or consistent', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SMALL),
        fc.nat(),
        fc.uint8Array({ minLength: 0, maxLength: 6 }),
        fc.nat(6),
        ({ file, content }, at, bytes, taken) => {
          const place = at % content.length;
          const damaged = Buffer.concat([content.subarray(0, place), bytes, content.subarray(place + taken)]);
          const measurement = measureFile(file, damaged, 1 + (at % 97));
          expect(measurement === null || isConsistent(measurement)).toBe(true);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('with a number changed is unreadable or consistent', () => {
    const odd = fc.constantFrom('-1', '0', 'NaN', '1e999', '99999999999999999999', '0.5', '"1"', 'null', '', '1e3');
    fc.assert(
      fc.property(fc.constantFrom(...SMALL), fc.nat(), odd, ({ file, content }, at, number) => {
        const numbers = [...content.toString().matchAll(/\d+/g)];
        const chosen = numbers[at % numbers.length];
        const text = content.toString();
        const changed =
          text.slice(0, chosen?.index) + number + text.slice((chosen?.index ?? 0) + (chosen?.[0].length ?? 0));
        const measurement = measureFile(file, changed);
        expect(measurement === null || isConsistent(measurement)).toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  test('of any bytes, read as any format, ends and never throws', () => {
    const tokens = fc.constantFrom(
      '<',
      '>',
      '/',
      '<testsuite',
      '<testcase ',
      '"',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '\n',
      'SF:a',
      'DA:1,1',
      'end_of_record',
      'mode: set',
      '1',
      '-',
      '<!DOCTYPE',
      '<![CDATA[',
      ']]>',
      '&#0;',
      '\0',
      '\uFFFE',
    );
    const texts = fc.array(fc.oneof(tokens, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), texts, (format, text) => {
        const reader = openReader(format);
        reader.write(Buffer.from(text));
        const measurement = reader.end();
        expect(measurement.kind === 'unreadable' ? measurement.reason.length > 0 : isConsistent(measurement)).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('that is ended twice is unreadable the second time only', () => {
    for (const format of FORMATS) {
      const reader = openReader(format);
      reader.end();
      expect(reader.end().kind).toBe('unreadable');
      expect(reader.write(Buffer.from('x'))).toBe(false);
    }
  });

  test.each(SMALL)('$name that is cut off is never better than unreadable', ({ name, file, content }) => {
    for (let length = 0; length < content.length; length += length < content.length - 200 ? 11 : 1) {
      // White space after the end is no part of a report.
      if (content.subarray(length).toString().trim() === '') continue;
      const measurement = measureFile(file, content.subarray(0, length));
      if (measurement === null || measurement.kind === 'unreadable') continue;
      expect(OPEN_ENDED, `${length} bytes of ${name}`).toContain(name);
      if (measurement.kind === 'findings') expect(measurement.errors).toBeGreaterThan(0);
      else expect(content[length - 1] === 0x0a || content[length] === 0x0a || name === 'go-cover').toBe(true);
    }
  });
});
