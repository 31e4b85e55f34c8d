// What many entries of a report share (the title of a suite, a source folder, the name of a tool) is looked at once, not once for
// each of them: else a report of some megabytes takes minutes. Characters are counted, not time.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { combineScores } from '../../src/evidence/findings/lighthouse-runs.ts';
import { listing } from '../../src/evidence/reading/report-json.ts';
import { countCharacters } from '../support/count-characters.ts';
import { measureFile } from '../support/measure.ts';

const LONG = 'x'.repeat(200_000);
const ENTRIES = 2_000;
const many = (entry: (index: number) => string, between = '') =>
  Array.from({ length: ENTRIES }, (_, index) => entry(index)).join(between);
const PLAYWRIGHT_ENDS = '"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}';
const playwright = (status: string) =>
  `{"config":{"rootDir":""},"suites":[{"title":"${LONG}","file":"${LONG}","specs":[{"title":"a","tests":[${many(() => `{"status":"${status}","results":[]}`, ',')}]}]}],${PLAYWRIGHT_ENDS}`;

const REPORTS: readonly (readonly [name: string, file: string, content: string])[] = [
  ['Playwright, passed', 'playwright.json', playwright('expected')],
  ['Playwright, failed', 'playwright.json', playwright('unexpected')],
  [
    'Playwright, suites in suites',
    'playwright.json',
    `{"config":{"rootDir":""},"suites":[{"title":"${LONG}","suites":[${many(() => '{"title":"b"}', ',')}]}],${PLAYWRIGHT_ENDS}`,
  ],
  [
    'mochawesome',
    'mochawesome.json',
    `{"stats":{"tests":0,"passes":0,"failures":0,"passPercent":0},"results":[{"title":"${LONG}","file":"${LONG}","tests":[${many(() => '{"fail":true}', ',')}],"suites":[${many(() => '{}', ',')}]}]}`,
  ],
  [
    'JUnit, the name of a suite',
    'junit.xml',
    `<testsuites><testsuite name="${LONG}">${many(() => '<testcase><failure/></testcase>')}</testsuite></testsuites>`,
  ],
  [
    'JUnit, the file of a suite',
    'junit.xml',
    `<testsuites><testsuite file="${LONG}">${many(() => '<testcase><failure/></testcase>')}</testsuite></testsuites>`,
  ],
  [
    'Cobertura',
    'cobertura.xml',
    `<coverage line-rate="1"><sources><source>${LONG}</source></sources>${many((index) => `<class filename="${index}"/>`)}</coverage>`,
  ],
  [
    'JaCoCo',
    'jacoco.xml',
    `<report><package name="${LONG}">${many((index) => `<sourcefile name="${index}"/>`)}</package></report>`,
  ],
  [
    'SARIF',
    'a.sarif',
    `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"${LONG}"}},"results":[],"invocations":[${many(() => '{"executionSuccessful":false}', ',')}]}]}`,
  ],
  [
    'ESLint',
    'eslint.json',
    `[{"filePath":"${LONG}","errorCount":0,"warningCount":0,"messages":[${many(() => '{"severity":1,"message":""}', ',')}]}]`,
  ],
];

describe('a text that many entries share', () => {
  test.each(REPORTS)('costs no more than it is long: %s', (_name, file, content) => {
    let kind: unknown;
    const characters = countCharacters(() => {
      kind = measureFile(file, Buffer.from(content))?.kind;
    });
    expect(kind).toBeOneOf(['tests', 'coverage', 'findings']);
    expect(characters).toBeLessThan(20 * content.length + ENTRIES * 40_000);
  });
});

test('a list is read up to the first thing that is not of its kind', () => {
  let asked = 0;
  const counted = z.custom((item) => {
    asked++;
    return item === 'good';
  });
  const result = listing(counted).safeParse(['good', ...Array<number>(100_000).fill(1)]);
  expect(result.error?.issues).toHaveLength(1);
  expect(result.error?.issues[0]?.path).toEqual([1]);
  expect(asked).toBe(2);
});

test.each([
  ['eslint.json', (items: string) => `[{"filePath":"x","messages":[${items}]}]`, '0.messages.0'],
  [
    'playwright.json',
    (items: string) => `{"config":{"rootDir":""},"suites":[{"specs":[${items}]}],${PLAYWRIGHT_ENDS}`,
    'specs.0',
  ],
  ['a.sarif', (items: string) => `{"version":"2.1.0","runs":[${items}]}`, 'runs.0'],
  ['manifest.json', (items: string) => `[${items.replace('1,', '{"isRepresentativeRun":1},')}]`, 'more than 5000 runs'],
])('a million things of the wrong kind are one complaint: %s', (file, report, given) => {
  const measurement = measureFile(file, Buffer.from(report('1,'.repeat(1_000_000).slice(0, -1))));
  expect(measurement).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(given) });
});

test('the scores of a manifest are each looked at as often as there are runs of their page, and no more', () => {
  let looks = 0;
  const seen = (index: number) =>
    new Proxy(
      Array.from({ length: 50 }, (_, of) => ({ category: `c${index * 50 + of}`, score: 1 })),
      {
        get(scores, key, receiver) {
          if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
          return Reflect.get(scores, key, receiver);
        },
      },
    );
  const RUNS = 500;
  const runs = Array.from({ length: RUNS }, (_, index) => ({ scores: seen(index) }));
  const lowest = combineScores(runs, (scores) => Math.min(...scores));
  expect(lowest).toHaveLength(RUNS * 50);
  expect(lowest.every(({ score }) => score === null)).toBe(true);
  expect(looks).toBeLessThan(RUNS * 50 * 4);
});
