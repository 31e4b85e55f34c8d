// Several reports in one artifact: none hides what another tells of.
import { describe, expect, it } from 'vitest';
import { cobertura, from, lcov, verdictOf } from './coverage-verdict.ts';

const GOOD = cobertura([{ name: 'a', path: 'src/a.ts', run: from(1, 95), missed: from(96, 100) }]);
const of = (...files: readonly (readonly [string, string])[]) => ({ coverage: Object.fromEntries(files) });

describe('coverage in several formats', () => {
  it('of other files counts', () => {
    const poor = lcov('lib/b.ts', from(1, 10), from(11, 100));
    expect(verdictOf(of(['cobertura.xml', GOOD], ['lcov.info', poor]))).toMatchObject({
      state: 'fail',
      reason: '105 of 200 lines',
    });
  });

  it('of the same files counts once', () => {
    const same = lcov('src/a.ts', from(1, 95), from(96, 100));
    expect(verdictOf(of(['cobertura.xml', GOOD], ['lcov.info', same]))).toMatchObject({
      state: 'pass',
      reason: '95 of 100 lines',
    });
  });

  it('of some of the same files counts each once', () => {
    const more = lcov('src/a.ts', from(1, 95), from(96, 100)) + lcov('src/b.ts', [], from(1, 100));
    expect(verdictOf(of(['cobertura.xml', GOOD], ['lcov.info', more]))).toMatchObject({
      state: 'fail',
      reason: '95 of 200 lines',
    });
  });

  it.each([
    ['cobertura.xml', 'lcov.info'],
    ['lcov.info', 'cobertura.xml'],
  ])('of the same files that disagree counts by the worse, %s first', (...order) => {
    const files: Record<string, string> = {
      'cobertura.xml': GOOD,
      'lcov.info': lcov('src/a.ts', from(1, 10), from(11, 100)),
    };
    const verdict = verdictOf(of(...order.map((name) => [name, files[name] ?? ''] as const)));
    expect(verdict).toMatchObject({ state: 'fail', measured: 0.1 });
    expect(verdict.reason).toBe(
      '10 of 100 lines; of src/a.ts lcov.info of artifact coverage says 10 of 100 and cobertura.xml of artifact coverage 95 of 100: the worse counts',
    );
  });

  it('of which one says worse of itself than it lists counts by that', () => {
    const said = cobertura([{ name: 'a', path: 'src/a.ts', run: from(1, 95), missed: from(96, 100) }], {
      head: 'lines-covered="95" lines-valid="200"',
    });
    const same = lcov('src/a.ts', from(1, 95), from(96, 100));
    for (const files of [
      of(['cobertura.xml', said], ['lcov.info', same]),
      of(['lcov.info', same], ['cobertura.xml', said]),
    ])
      expect(verdictOf(files)).toMatchObject({ state: 'fail', measured: 95 / 200 });
  });

  it('counts by one of them, for the worst of each file would be none’s', () => {
    const other = cobertura([
      { name: 'a', path: 'src/a.ts', run: from(1, 8), missed: [9, 10] },
      { name: 'b', path: 'src/b.ts', run: from(1, 5), missed: from(6, 11) },
    ]);
    const files = of(
      ['cobertura.xml', other],
      ['lcov.info', lcov('src/a.ts', from(1, 7), from(8, 10)) + lcov('src/b.ts', from(1, 7), from(8, 11))],
    );
    expect(verdictOf(files, { threshold: 0.5 })).toMatchObject({
      reason: expect.stringMatching(/^13 of 21 lines; of 2 files/),
    });
  });

  it('of the same file seen from its package and from the repository counts once', () => {
    const fromPackage = lcov('src/a.ts', from(1, 9), [10]);
    const whole =
      '<coverage generated="1"><project><file name="a.ts" path="/home/runner/work/shop/shop/packages/a/src/a.ts">' +
      from(1, 10)
        .map((line) => `<line num="${line}" type="stmt" count="${line === 10 ? 0 : 1}"/>`)
        .join('') +
      '</file></project></coverage>';
    expect(verdictOf(of(['lcov.info', fromPackage], ['clover.xml', whole]))).toMatchObject({
      state: 'pass',
      reason: '9 of 10 lines',
    });
  });

  it('whose counts without lines are worse counts by those, with the lines of the other for what changed', () => {
    const counts = '{"total":10,"covered":1,"skipped":0,"pct":10}';
    const all = `{"lines":${counts},"statements":${counts},"branches":${counts},"functions":${counts}}`;
    const artifacts = of(
      ['lcov.info', lcov('src/a.ts', from(1, 9), [10])],
      ['coverage-summary.json', `{"total":${all},"src/a.ts":${all}}`],
    );
    expect(verdictOf(artifacts)).toMatchObject({ state: 'fail', measured: 0.1 });
    expect(
      verdictOf(artifacts, { key: 'coverage_diff_min' }, { changed_lines: { 'src/a.ts': [1, 2, 10] } }),
    ).toMatchObject({ measured: 2 / 3 });
  });
});

const junit = (cases: string, name = 'e2e') =>
  `<testsuites><testsuite name="${name}">${cases}</testsuite></testsuites>`;
const passes = (name: string) => `<testcase classname="shop.spec.ts" name="${name}"/>`;
const fails = (name: string) => `<testcase classname="shop.spec.ts" name="${name}"><failure message="no"/></testcase>`;
const playwright = (titles: readonly string[], unexpected: readonly string[] = []) =>
  JSON.stringify({
    config: { rootDir: '/w', forbidOnly: false },
    suites: [
      {
        title: 'shop.spec.ts',
        file: 'shop.spec.ts',
        specs: [],
        suites: [
          {
            title: 'shop',
            specs: titles.map((title) => ({
              title,
              tests: [
                {
                  projectName: 'chromium',
                  status: unexpected.includes(title) ? 'unexpected' : 'expected',
                  results: [{ status: 'passed' }],
                },
              ],
            })),
          },
        ],
      },
    ],
    errors: [],
    stats: { expected: titles.length - unexpected.length, unexpected: unexpected.length, flaky: 0, skipped: 0 },
  });
const mochawesome = (titles: readonly string[]) =>
  JSON.stringify({
    stats: {
      tests: titles.length,
      passes: titles.length,
      failures: 0,
      passPercent: 100,
      testsRegistered: titles.length,
    },
    results: [
      {
        title: '',
        suites: [{ title: 'cart', tests: titles.map((title) => ({ title, state: 'passed', pass: true })) }],
      },
    ],
  });

describe('JUnit beside another report', () => {
  const asked = { key: 'e2e_pass' } as const;
  const found = (files: Readonly<Record<string, string>>) => verdictOf({ e2e: files }, asked);

  it('of the same tests is told once', () => {
    const both = {
      'playwright.json': playwright(['pays', 'ships']),
      'junit.xml': junit(passes('shop › pays') + passes('shop › ships')),
    };
    expect(found(both)).toMatchObject({ state: 'pass', reason: '2 passed' });
  });

  it.each([
    ['of other tests', fails('api › answers')],
    ['of the same tests, and one of them failed', fails('shop › pays') + passes('shop › ships')],
    ['of one more test', passes('shop › pays') + passes('shop › ships') + fails('shop › returns')],
  ])('%s fails where it does', (_, cases) => {
    const both = { 'playwright.json': playwright(['pays', 'ships']), 'junit.xml': junit(cases) };
    expect(found(both)).toMatchObject({ state: 'fail', fail_codes: ['TESTS_FAILED'] });
  });

  it('that is green hides no failure of the other', () => {
    const both = { 'playwright.json': playwright(['pays'], ['pays']), 'junit.xml': junit(passes('shop › pays')) };
    expect(found(both)).toMatchObject({ state: 'fail' });
  });

  it('of mocha is known by whole titles, and by titles in classes', () => {
    const own = mochawesome(['adds', 'pays']);
    const byTitle = junit('<testcase name="cart adds" classname="adds"/><testcase name="cart pays" classname="pays"/>');
    const byClass = junit('<testcase name="adds" classname="cart"/><testcase name="pays" classname="cart"/>');
    expect(found({ 'mochawesome.json': own, 'junit.xml': byTitle })).toMatchObject({ reason: '2 passed' });
    expect(found({ 'mochawesome.json': own, 'junit.xml': byClass })).toMatchObject({ reason: '2 passed' });
    expect(found({ 'mochawesome.json': own, 'junit.xml': junit(fails('cart adds')) })).toMatchObject({ state: 'fail' });
  });

  it('of more tests than are remembered by name counts as well', () => {
    const titles = from(1, 20_002).map((number) => `t${number}`);
    const both = { 'playwright.json': playwright(titles), 'junit.xml': junit(passes('shop › t1')) };
    expect(found(both)).toMatchObject({ reason: '20003 passed' });
  });
});
