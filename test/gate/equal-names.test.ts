// Files of one name in several packages, and one file in several parts of a suite: from the reports to the verdict.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../support/source-tree.ts';
import { cobertura, type Files, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const TESTED = lcov('src/index.ts', from(1, 10));
const UNTESTED = lcov('src/index.ts', [], from(1, 30));
/** With the very lines of the one that is tested. */
const TWIN = lcov('src/index.ts', [], from(1, 10));
const java = (run: readonly number[], missed: readonly number[]) => sourceFile('com/x/Util.java', run, missed);

describe('two files of one name both count', () => {
  const apart: readonly (readonly [string, Readonly<Record<string, Files>>, covered: number, total: number])[] = [
    ['of two artifacts', { 'cov-a': { 'lcov.info': TESTED }, 'cov-b': { 'lcov.info': UNTESTED } }, 10, 40],
    ['of one tracefile', { coverage: { 'lcov.info': TESTED + UNTESTED } }, 10, 40],
    [
      'of two folders',
      { coverage: { 'packages/a/coverage/lcov.info': TESTED, 'packages/b/coverage/lcov.info': UNTESTED } },
      10,
      40,
    ],
    [
      'of two folders with the same lines',
      { coverage: { 'a/coverage/lcov.info': TESTED, 'b/coverage/lcov.info': TWIN } },
      10,
      20,
    ],
    [
      'of folders whose names end with a figure',
      { coverage: { 'pkg1/lcov.info': TESTED, 'pkg2/lcov.info': TWIN } },
      10,
      20,
    ],
    ['of versions of an API', { coverage: { 'api/v1/lcov.info': TESTED, 'api/v2/lcov.info': TWIN } }, 10, 20],
    [
      'of two groups of JaCoCo',
      { coverage: { 'jacoco.xml': jacoco({ a: java(from(1, 10), []), b: java([], from(1, 10)) }) } },
      10,
      20,
    ],
    [
      'of nested groups',
      {
        coverage: {
          'jacoco.xml': jacoco({
            x: `<group name="a">${java(from(1, 9), [])}</group><group name="b">${java([], from(1, 9))}</group>`,
          }),
        },
      },
      9,
      18,
    ],
    [
      'of two modules’ JaCoCo reports',
      {
        coverage: {
          'a/target/site/jacoco/jacoco.xml': `<report name="a">${java([1, 2], [])}</report>`,
          'b/target/site/jacoco/jacoco.xml': `<report name="b">${java([], [1, 2])}</report>`,
        },
      },
      2,
      4,
    ],
    [
      'of one Cobertura report with several sources',
      {
        coverage: {
          'cobertura.xml': cobertura(
            [
              { name: '.', path: 'core.py', run: from(1, 10) },
              { name: '.', path: 'core.py', run: [], missed: from(1, 30) },
            ],
            { sources: ['/w/a', '/w/b'] },
          ),
        },
      },
      10,
      40,
    ],
    [
      'of several sources with the same lines in one package',
      {
        coverage: {
          'cobertura.xml': cobertura(
            [
              { name: '.', path: 'core.py', run: from(1, 10) },
              { name: '.', path: 'core.py', run: [], missed: from(1, 10) },
            ],
            { sources: ['/w/a', '/w/b'] },
          ).replace('</classes></package><package name="."><classes>', ''),
        },
      },
      10,
      20,
    ],
    [
      'of one package in Cobertura that was put together from two',
      {
        coverage: {
          'cobertura.xml': cobertura([
            { name: 'src', path: 'src/index.ts', run: from(1, 10) },
            { name: 'src', path: 'src/index.ts', run: [], missed: from(1, 30) },
          ]).replace('</classes></package><package name="src"><classes>', ''),
        },
      },
      10,
      40,
    ],
    [
      'of one package of JaCoCo’s that was put together from two',
      {
        coverage: {
          'jacoco.xml': jacoco({ '': java(from(1, 9), []) + java([], from(1, 11)) }).replace(
            '</package><package name="com/x">',
            '',
          ),
        },
      },
      9,
      20,
    ],
    [
      'of two packages of a Cobertura report with the same lines',
      {
        coverage: {
          'cobertura.xml': cobertura([
            { name: 'a.src', path: 'src/index.ts', run: [1, 2] },
            { name: 'b.src', path: 'src/index.ts', run: [], missed: [1, 2] },
          ]),
        },
      },
      2,
      4,
    ],
    [
      'of two sources in two reports',
      {
        a: { 'cobertura.xml': cobertura([{ name: '.', path: 'core.py', run: [1, 2] }], { sources: ['/w/a'] }) },
        b: {
          'cobertura.xml': cobertura([{ name: '.', path: 'core.py', run: [], missed: [1, 2] }], { sources: ['/w/b'] }),
        },
      },
      2,
      4,
    ],
    [
      'of several sources in two reports',
      {
        a: { 'cobertura.xml': cobertura([{ name: '.', path: 'core.py', run: [1, 2] }], { sources: ['/w/a', '/w/c'] }) },
        b: {
          'cobertura.xml': cobertura([{ name: '.', path: 'core.py', run: [], missed: [1, 2] }], {
            sources: ['/w/b', '/w/d'],
          }),
        },
      },
      2,
      4,
    ],
    [
      'in several formats',
      {
        a: { 'lcov.info': TESTED },
        b: { 'cobertura.xml': cobertura([{ name: 'b', path: 'src/index.ts', run: [], missed: from(1, 30) }]) },
      },
      10,
      40,
    ],
  ];

  it.each(apart)('%s', (_, artifacts, covered, total) => {
    expect(verdictOf(artifacts)).toMatchObject({
      state: 'fail',
      measured: covered / total,
      reason: `${covered} of ${total} lines`,
    });
  });

  it('and pass where both are tested enough', () => {
    const both = {
      a: { 'lcov.info': lcov('src/index.ts', from(1, 9), [10]) },
      b: { 'lcov.info': lcov('src/index.ts', from(1, 18), [19, 20]) },
    };
    expect(verdictOf(both)).toMatchObject({ state: 'pass', measured: 0.9 });
  });
});

describe('reports of real tools', () => {
  const read = (path: string) => readFileSync(join(repository, 'fixtures/artifacts', path), 'utf8');
  const workspace = Object.fromEntries(
    ['a', 'b'].flatMap((name) =>
      [
        ['lcov.info', 'lcov.info'],
        ['clover.xml', 'clover.xml'],
        ['cobertura-coverage.xml', 'cobertura.xml'],
      ].map(([path, from]) => [`packages/${name}/coverage/${path}`, read(`workspace/${name}-${from}`)]),
    ),
  );

  it('of a workspace count each package once, in however many formats', () => {
    expect(verdictOf({ coverage: workspace })).toMatchObject({ measured: 10 / 13, reason: '10 of 13 lines' });
    const lcovAlone = Object.fromEntries(Object.entries(workspace).filter(([path]) => path.endsWith('lcov.info')));
    expect(verdictOf({ coverage: lcovAlone })).toMatchObject({ reason: '10 of 13 lines' });
    const changed_lines = { 'packages/b/src/index.js': [1, 4, 5] };
    expect(verdictOf({ coverage: workspace }, { key: 'coverage_diff_min' }, { changed_lines })).toMatchObject({
      reason: '1 of 3 lines',
    });
  });

  it('of modules count the one of which nothing ran', () => {
    expect(verdictOf({ coverage: { 'jacoco.xml': read('modules/jacoco.xml') } })).toMatchObject({
      reason: '4 of 14 lines',
    });
  });

  it('of PHPUnit come to what PHPUnit says, in one format or two', () => {
    const both = { 'clover.xml': read('phpunit/clover.xml'), 'cobertura.xml': read('phpunit/cobertura.xml') };
    expect(verdictOf({ coverage: both })).toMatchObject({ measured: 5 / 8 });
    expect(verdictOf({ coverage: { 'clover.xml': both['clover.xml'] } })).toMatchObject({ measured: 5 / 8 });
  });

  it('of Go’s and Vitest’s in all formats at once are what one of them says', () => {
    const formats = [
      'clover.xml',
      'cobertura-coverage.xml',
      'coverage-final.json',
      'coverage-summary.json',
      'lcov.info',
    ];
    for (const provider of ['vitest-v8', 'vitest-istanbul']) {
      const files = Object.fromEntries(formats.map((name) => [name, read(`${provider}/${name}`)]));
      expect(verdictOf({ coverage: files })).toMatchObject({ reason: '5 of 8 lines' });
    }
    expect(verdictOf({ coverage: { 'c.out': read('go/coverage.out') } })).toMatchObject({ reason: '6 of 8 lines' });
  });
});

describe('one file in parts of a suite counts once', () => {
  const [odd, even] = [lcov('src/a.ts', [1, 3, 5], [2, 4, 6]), lcov('src/a.ts', [2, 4], [1, 3, 5, 6])];
  const parts: readonly (readonly [string, Readonly<Record<string, Files>>])[] = [
    ['of two artifacts', { 'coverage-1': { 'lcov.info': odd }, 'coverage-2': { 'lcov.info': even } }],
    ['of one artifact', { coverage: { 'coverage/shard-1/lcov.info': odd, 'coverage/shard-2/lcov.info': even } }],
    [
      'of folders with the names of artifacts',
      { coverage: { 'coverage-1of2/lcov.info': odd, 'coverage-2of2/lcov.info': even } },
    ],
    ['of folders named by figures', { coverage: { '1/lcov.info': odd, '2/lcov.info': even } }],
    [
      'of a matrix',
      { coverage: { 'ubuntu-latest-node-20/lcov.info': odd, 'windows-latest-node-22.x/lcov.info': even } },
    ],
    ['of suites', { coverage: { 'unit/lcov.info': odd, 'e2e/lcov.info': even } }],
    ['of one tracefile', { coverage: { 'lcov.info': odd + even } }],
    [
      'of packages whose reports name files from the repository',
      {
        coverage: {
          'packages/a/coverage/lcov.info': odd.replace('src/a.ts', 'packages/a/src/a.ts'),
          'packages/b/coverage/lcov.info': even.replace('src/a.ts', 'packages/a/src/a.ts'),
        },
      },
    ],
  ];

  it.each(parts)('%s', (_, artifacts) => {
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '5 of 6 lines' });
  });

  it('of two JaCoCo reports with groups', () => {
    const shard = (run: readonly number[], missed: readonly number[]) => jacoco({ core: java(run, missed) });
    const artifacts = {
      'c-1': { 'jacoco.xml': shard([1, 2], [3, 4, 5]) },
      'c-2': { 'jacoco.xml': shard([3, 4], [1, 2, 5]) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: '4 of 5 lines' });
  });

  it('of two Go profiles, in statements', () => {
    const shard = (one: number, other: number) =>
      `mode: set\nx.org/m/a.go:3.1,4.2 3 ${one}\nx.org/m/a.go:5.1,9.2 1 ${other}\nx.org/m/a.go:9.5,12.2 6 0\n`;
    const artifacts = { 'c-1': { 'cover.out': shard(1, 0) }, 'c-2': { 'cover.out': shard(0, 1) } };
    expect(verdictOf(artifacts)).toMatchObject({ measured: 0.4, reason: '4 of 10 lines' });
  });

  it('of tests that lcov tells apart by name', () => {
    const tests =
      lcov('src/a.c', [1, 2], [3]).replace('TN:', 'TN:unit') + lcov('src/a.c', [3]).replace('TN:', 'TN:e2e');
    expect(verdictOf({ coverage: { 'lcov.info': tests } })).toMatchObject({ state: 'pass', reason: '3 of 3 lines' });
  });

  it('of a header that several C files include', () => {
    const header = lcov('/src/h.h', [1, 2], [3]) + lcov('/src/h.h', [1, 2, 3, 7], []);
    expect(verdictOf({ coverage: { 'lcov.info': header } })).toMatchObject({ state: 'pass', reason: '4 of 4 lines' });
  });
});

describe('of a part that lists other lines than the rest', () => {
  const whole = lcov('src/a.ts', from(1, 10), from(11, 12));
  const subset = lcov('src/a.ts', from(1, 10));

  it('both are ways to count: as two files and as one, whichever is worse', () => {
    const artifacts = { 'c-1': { 'lcov.info': subset }, 'c-2': { 'lcov.info': whole } };
    expect(verdictOf(artifacts, { threshold: 0.85 })).toMatchObject({ state: 'fail', reason: '10 of 12 lines' });
    expect(verdictOf(artifacts, { threshold: 0.8 })).toMatchObject({ state: 'pass' });
  });

  it('nothing that one part ran hides what another did not', () => {
    const missed = lcov('src/a.ts', [], from(1, 12));
    expect(verdictOf({ 'c-1': { 'lcov.info': subset }, 'c-2': { 'lcov.info': missed } })).toMatchObject({
      state: 'fail',
      reason: '10 of 22 lines',
    });
  });
});

describe('a report whose files are all files of another format’s below one folder', () => {
  const PATHS = ['src/a.ts', 'src/b.ts'];
  const short = PATHS.map((path) => lcov(path, from(1, 9), [10])).join('');
  const long = (paths: readonly string[]) =>
    cobertura(
      paths.map((path) => ({ name: 'x', path: `/home/ci/shop/packages/a/${path}`, run: from(1, 8), missed: [9] })),
    );
  const reason = (paths: readonly string[]) =>
    verdictOf({ coverage: { 'lcov.info': short, 'cobertura.xml': long(paths) } }).reason;

  it('is of the same files, whatever lines the two list', () => {
    expect(reason(PATHS)).toMatch(/^16 of 18 lines; of 2 files cobertura.xml/);
  });

  it('is of others where one of its files is missing there', () => {
    expect(reason(PATHS.slice(1))).toBe('26 of 29 lines');
  });
});
