// Packages of one repository in artifacts of their own, and one package in several formats: each file once, and none hidden.
import { describe, expect, it } from 'vitest';
import { cobertura, type Files, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const LINES = [1, 2, 3, 5, 6];
const clover = (path: string, run: readonly number[], missed: readonly number[]) =>
  `<coverage generated="1"><project><file name="index.js" path="${path}">${[...run, ...missed]
    .map((line) => `<line num="${line}" type="stmt" count="${run.includes(line) ? 1 : 0}"/>`)
    .join('')}</file></project></coverage>`;
const final = (path: string, run: readonly number[], missed: readonly number[]) => {
  const lines = [...run, ...missed];
  const place = (line: number) => ({ start: { line, column: 0 }, end: { line, column: 9 } });
  const statementMap = Object.fromEntries(lines.map((line, index) => [index, place(line)]));
  const s = Object.fromEntries(lines.map((line, index) => [index, run.includes(line) ? 1 : 0]));
  return JSON.stringify({ [path]: { path, statementMap, fnMap: {}, branchMap: {}, s, f: {}, b: {} } });
};
/** What Jest writes unless told. */
const jest = (folder: string, run: readonly number[], path = 'src/index.js'): Files => {
  const missed = LINES.filter((line) => !run.includes(line));
  return {
    'lcov.info': lcov(path, run, missed),
    'clover.xml': clover(`${folder}/${path}`, run, missed),
    'coverage-final.json': final(`${folder}/${path}`, run, missed),
  };
};
const inFolder = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
const half = { threshold: 0.6 } as const;

describe('two packages in Jest’s formats', () => {
  it.each([
    ['of a hosted runner', '/home/runner/work/shop/shop/packages/a', '/home/runner/work/shop/shop/packages/b'],
    ['of a runner of one’s own', '/srv/ci/shop/web', '/srv/ci/shop/api'],
    ['of a container', '/app/packages/a', '/app/packages/b'],
    ['of containers of their own', '/app', '/app'],
  ])('%s are two', (_, one, other) => {
    for (const names of [
      ['coverage-api', 'coverage-web'],
      ['coverage-a', 'coverage-b'],
    ]) {
      const [a = '', b = ''] = names;
      expect(verdictOf({ [a]: jest(one, LINES), [b]: jest(other, []) }, half)).toMatchObject({
        state: 'fail',
        measured: 0.5,
        reason: '5 of 10 lines',
      });
      expect(verdictOf({ [a]: jest(one, [1, 2, 5]), [b]: jest(other, LINES) }, half)).toMatchObject({
        state: 'pass',
        reason: '8 of 10 lines',
      });
    }
  });

  it('are two whatever the artifacts are called, where other formats name them', () => {
    const at = (name: string) => `/home/runner/work/shop/shop/packages/${name}`;
    const artifacts = { 'coverage-1': jest(at('a'), LINES), 'coverage-2': jest(at('b'), []) };
    expect(verdictOf(artifacts, half)).toMatchObject({ reason: '5 of 10 lines' });
  });

  it('and one package in two parts is one', () => {
    const at = '/home/runner/work/shop/shop/packages/a';
    const artifacts = { 'coverage-1': jest(at, [1, 2]), 'coverage-2': jest(at, [3, 5]) };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '4 of 5 lines' });
  });

  it('in one artifact count once each', () => {
    const at = (name: string) => `/home/runner/work/shop/shop/packages/${name}`;
    const folders = { ...inFolder('a', jest(at('a'), [1, 2, 5])), ...inFolder('b', jest(at('b'), LINES)) };
    expect(verdictOf({ coverage: folders })).toMatchObject({ state: 'pass', reason: '8 of 10 lines' });
    const summary = (path: string, covered: number) => {
      const count = { total: 5, covered, skipped: 0, pct: 20 * covered };
      const counts = { lines: count, statements: count, branches: count, functions: count };
      return JSON.stringify({ total: counts, [path]: counts });
    };
    const more = {
      'a/coverage-summary.json': summary(`${at('a')}/src/index.js`, 3),
      'b/coverage-summary.json': summary(`${at('b')}/src/index.js`, 5),
      'a/cobertura-coverage.xml': cobertura([{ name: 'src', path: 'src/index.js', run: [1, 2, 5], missed: [3, 6] }]),
      'b/cobertura-coverage.xml': cobertura([{ name: 'src', path: 'src/index.js', run: LINES }]),
    };
    expect(verdictOf({ coverage: { ...folders, ...more } })).toMatchObject({ reason: '8 of 10 lines' });
  });

  it('flat in one artifact count once each', () => {
    const at = (name: string) => `/home/runner/work/shop/shop/packages/${name}/src/index.js`;
    const files = {
      'lcov-1.info': lcov('src/index.js', LINES),
      'lcov-2.info': lcov('src/index.js', [], LINES),
      'clover-1.xml': clover(at('a'), LINES, []),
      'clover-2.xml': clover(at('b'), [], LINES),
    };
    expect(verdictOf({ coverage: files })).toMatchObject({ state: 'fail', reason: '5 of 10 lines' });
  });

  it('of which formats list other lines count once each, by the worse', () => {
    const files = {
      'lcov.info': lcov('src/index.js', [1, 2], [3]),
      'clover.xml': clover('/home/runner/work/shop/shop/packages/a/src/index.js', [1, 2, 4], [3]),
    };
    expect(verdictOf({ coverage: files })).toMatchObject({ measured: 2 / 3 });
  });
});

describe('artifacts with the same lines of one path', () => {
  const found = (one: string, other: string, asked = {}) =>
    verdictOf(
      {
        [one]: { 'lcov.info': lcov('src/a.ts', [1, 2, 3]) },
        [other]: { 'lcov.info': lcov('src/a.ts', [], [1, 2, 3]) },
      },
      asked,
    );

  it.each([
    ['coverage-api', 'coverage-web'],
    ['coverage-a', 'coverage-b'],
    ['api-coverage', 'web-coverage'],
    ['coverage-api-node-20', 'coverage-web-node-20'],
    ['coverage-report-backend', 'coverage-report-frontend'],
    ['lcov_core', 'lcov_cli'],
    ['coverage (shop)', 'coverage (cart)'],
    ['coverage-pkg1', 'coverage-pkg2'],
    ['coverage-unit-api', 'coverage-e2e-web'],
  ])('%s and %s are of two packages', (one, other) => {
    expect(found(one, other)).toMatchObject({ state: 'fail', reason: '3 of 6 lines' });
  });

  it.each([
    ['coverage-1', 'coverage-2'],
    ['c1', 'c2'],
    ['coverage-ubuntu', 'coverage-windows'],
    ['coverage-ubuntu-latest', 'coverage-windows-2022'],
    ['coverage-unit', 'coverage-integration'],
    ['coverage', 'coverage-e2e'],
    ['coverage-shard-1-of-2', 'coverage-shard-2-of-2'],
    ['coverage-node-20', 'coverage-node-22.x'],
    ['coverage-node20', 'coverage-node-v22'],
    ['coverage-py3.11', 'coverage-py3.12'],
    ['coverage-chromium', 'coverage-webkit'],
    ['coverage-macos-14-arm64', 'coverage-linux-x64'],
    ['coverage-postgres', 'coverage-mysql'],
    ['coverage-api-1', 'coverage-api-2'],
    ['coverage-api-unit', 'coverage-api-e2e'],
    ['coverage-8123456789', 'coverage-8123456790'],
    ['coverage-3f2a1bc', 'coverage-9e8d7c6'],
    ['codecov-linux', 'codecov-mac'],
    ['shop-coverage-unit', 'shop-coverage-it'],
  ])('%s and %s are parts of one suite', (one, other) => {
    expect(found(one, other)).toMatchObject({ state: 'pass', reason: '3 of 3 lines' });
  });

  it('are one or two where only one is named for a package, whichever is worse', () => {
    expect(found('coverage', 'coverage-web')).toMatchObject({ state: 'fail', measured: 0.5 });
    const tested = { 'lcov.info': lcov('src/a.ts', [1, 2, 3]) };
    expect(verdictOf({ coverage: tested, 'coverage-web': tested })).toMatchObject({ state: 'pass', measured: 1 });
  });

  it('are one file where they name it from the repository', () => {
    const shared = (run: readonly number[], missed: readonly number[], own: string) =>
      lcov('packages/shared/src/a.ts', run, missed) + lcov(`packages/${own}/src/b.ts`, [1]);
    const artifacts = {
      'coverage-api': { 'lcov.info': shared([1, 2], [3, 4], 'api') },
      'coverage-web': { 'lcov.info': shared([3, 4], [1, 2], 'web') },
    };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '6 of 6 lines' });
  });

  it('are told apart by the names of their reports as well', () => {
    const files = { 'lcov-api.info': lcov('src/a.ts', [1, 2, 3]), 'lcov-web.info': lcov('src/a.ts', [], [1, 2, 3]) };
    expect(verdictOf({ coverage: files })).toMatchObject({ state: 'fail', reason: '3 of 6 lines' });
    const parts = { 'lcov-1.info': lcov('src/a.ts', [1, 2, 3]), 'lcov-2.info': lcov('src/a.ts', [], [1, 2, 3]) };
    expect(verdictOf({ coverage: parts })).toMatchObject({ state: 'pass', reason: '3 of 3 lines' });
  });
});

describe('JaCoCo’s report is of the module that it is named for', () => {
  const report = (name: string, run: readonly number[], missed: readonly number[]) =>
    jacoco({}, sourceFile('com/acme/Util.java', run, missed)).replace('name="r"', `name="${name}"`);
  const [good, bad] = [report('module-a', [1, 2], [3]), report('module-b', [], [1, 2, 3])];

  it.each<[string, Readonly<Record<string, Files>>]>([
    ['flat in one archive', { coverage: { 'jacoco-1.xml': good, 'jacoco-2.xml': bad } }],
    ['in artifacts', { 'jacoco-1': { 'jacoco.xml': good }, 'jacoco-2': { 'jacoco.xml': bad } }],
    ['in folders', { c: { 'module-a/build/jacoco.xml': good, 'module-b/build/jacoco.xml': bad } }],
    [
      'as Kover names them',
      {
        c: {
          'one.xml': report('Kover Gradle Plugin XML report for :libs:a', [1, 2], [3]),
          'two.xml': report('Kover Gradle Plugin XML report for :libs:b', [], [1, 2, 3]),
        },
      },
    ],
  ])('%s', (_, artifacts) => {
    expect(verdictOf(artifacts)).toMatchObject({ state: 'fail', measured: 1 / 3, reason: '2 of 6 lines' });
  });

  it.each(['module-a', 'JaCoCo Coverage Report', 'Intellij Coverage Report'])('parts of %s are one', (name) => {
    const artifacts = {
      'jacoco-unit': { 'jacoco.xml': report(name, [1, 2], [3]) },
      'jacoco-integration': { 'jacoco.xml': report(name, [3], [1, 2]) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '3 of 3 lines' });
  });

  it('and a run’s name is no module', () => {
    const artifacts = {
      'jacoco-1': { 'jacoco.xml': report('Unit Tests', [1, 2], [3]) },
      'jacoco-2': { 'jacoco.xml': report('Integration Tests', [3], [1, 2]) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ reason: '3 of 3 lines' });
  });

  it('which another format of the artifact does not tell', () => {
    const files = {
      'jacoco.xml': good,
      'cobertura.xml': cobertura([{ name: 'com.acme', path: 'com/acme/Util.java', run: [1, 2], missed: [3] }]),
    };
    expect(verdictOf({ coverage: files })).toMatchObject({ reason: '2 of 3 lines' });
  });

  it('and changed lines are those of their module', () => {
    const asked = { key: 'coverage_diff_min' } as const;
    const artifacts = { 'jacoco-1': { 'jacoco.xml': good }, 'jacoco-2': { 'jacoco.xml': bad } };
    const path = (module: string) => `${module}/src/main/java/com/acme/Util.java`;
    expect(verdictOf(artifacts, asked, { changed_lines: { [path('module-a')]: [1, 2] } })).toMatchObject({
      measured: 1,
    });
    expect(verdictOf(artifacts, asked, { changed_lines: { [path('module-b')]: [1, 2] } })).toMatchObject({
      measured: 0,
    });
  });
});

it('packages of many lines count whole', () => {
  const artifacts = {
    'coverage-api': { 'lcov.info': lcov('src/a.ts', from(1, 90), from(91, 100)) },
    'coverage-web': { 'lcov.info': lcov('src/a.ts', from(1, 80), from(81, 100)) },
  };
  expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '170 of 200 lines' });
});
