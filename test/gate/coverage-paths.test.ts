// The globs of coverage_min.paths are from the repository's root; reports name files from wherever their tool does.
import { describe, expect, it } from 'vitest';
import type { ChangedLines } from '../../src/gate/model/evidence-model.ts';
import { type Files, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const scoped = (glob: string, threshold = 0.8) =>
  ({ scope: { kind: 'path', glob, work: 1_000_000 }, threshold }) as const;
const shop = (root: string) =>
  lcov(`${root}src/billing/a.ts`, from(1, 9), [10]) +
  lcov(`${root}src/x.ts`, [], from(1, 10)) +
  lcov(`${root}lib/y.ts`, [], [1]);
const go = (module: string) =>
  `mode: set\n${module}/pkg/p.go:2.14,2.26 1 1\n${module}/main.go:3.19,4.11 1 0\n${module}/internal/pkg/q.go:1.1,2.2 3 0\n`;
const java = (name: string, run: readonly number[], missed: readonly number[]) =>
  jacoco({}, sourceFile('com/acme/Util.java', run, missed)).replace('name="r"', `name="${name}"`);

describe('a glob fits files', () => {
  it.each([
    '',
    '/app/',
    '/workspace/',
    '/usr/src/app/',
    '/code/',
    '/home/circleci/project/',
    '/home/runner/work/shop/shop/',
    '/srv/ci/shop/',
    '/home/ann/src/shop/',
    '/var/lib/jenkins/workspace/shop_PR-12/',
    '/builds/group/shop/',
    'C:\\jenkins\\shop\\',
  ])('below %s', (root) => {
    const artifacts = {
      coverage: { 'lcov.info': root.includes('\\') ? shop(root).replaceAll('/', '\\') : shop(root) },
    };
    expect(verdictOf(artifacts, scoped('src/billing/**'))).toMatchObject({ state: 'pass', reason: '9 of 10 lines' });
    expect(verdictOf(artifacts, scoped('src/**'))).toMatchObject({ state: 'fail', reason: '9 of 20 lines' });
    expect(verdictOf(artifacts, scoped('lib/**'))).toMatchObject({ state: 'fail', reason: '0 of 1 lines' });
    expect(verdictOf(artifacts, scoped('billing/**'))).toMatchObject({ state: 'error' });
  });

  it.each<ChangedLines>([
    {},
    { 'README.md': [1] },
    { 'src/x.ts': [1] },
    { 'src/billing/a.ts': [1] },
    { 'billing/a.ts': [1] },
  ])('whichever else the pull request changes: %j', (changed_lines) => {
    const artifacts = { coverage: { 'lcov.info': shop('/srv/ci/shop/') } };
    expect(verdictOf(artifacts, scoped('src/billing/**'), { changed_lines })).toMatchObject({
      reason: '9 of 10 lines',
    });
    expect(verdictOf(artifacts, {}, { changed_lines })).toMatchObject({ reason: '9 of 21 lines' });
  });

  it.each(['example.com/shop', 'github.com/acme/shop', 'github.com/acme/shop/v2', 'shop', 'go.acme.io/x/shop'])(
    'of the Go module %s',
    (module) => {
      const artifacts = { coverage: { 'coverage.out': go(module) } };
      expect(verdictOf(artifacts, scoped('pkg/**'))).toMatchObject({ state: 'pass', reason: '1 of 1 lines' });
      expect(verdictOf(artifacts, scoped('*.go'))).toMatchObject({ state: 'fail', reason: '0 of 1 lines' });
      expect(verdictOf(artifacts, scoped('internal/**'))).toMatchObject({ state: 'fail', reason: '0 of 3 lines' });
      expect(verdictOf(artifacts, scoped('q.go'))).toMatchObject({ state: 'error' });
    },
  );

  it('of one folder of a Go module, and not of another of that name', () => {
    const only = 'mode: set\nexample.com/shop/internal/pkg/q.go:1.1,2.2 3 1\n';
    expect(verdictOf({ c: { 'c.out': only } }, scoped('pkg/**'))).toMatchObject({ state: 'error' });
    expect(verdictOf({ c: { 'c.out': only } }, scoped('internal/pkg/**'))).toMatchObject({ state: 'pass' });
  });

  it('of Go’s reports together, below what all of them name', () => {
    const part = (folder: string, ran: number) => `mode: set\nexample.com/shop/${folder}/p.go:1.1,2.2 1 ${ran}\n`;
    const artifacts = { 'c-1': { 'c.out': part('cart', 1) }, 'c-2': { 'c.out': part('tax', 0) } };
    expect(verdictOf(artifacts, scoped('cart/**'))).toMatchObject({ reason: '1 of 1 lines' });
    expect(verdictOf(artifacts, scoped('*.go'))).toMatchObject({ state: 'error' });
  });

  it.each<[string, Readonly<Record<string, Files>>]>([
    [
      'in folders',
      { c: { 'module-a/build/jacoco.xml': java('a', [1, 2], []), 'module-b/build/jacoco.xml': java('b', [], [1]) } },
    ],
    [
      'by name',
      { 'c-1': { 'jacoco.xml': java('module-a', [1, 2], []) }, 'c-2': { 'jacoco.xml': java('module-b', [], [1]) } },
    ],
    [
      'in groups',
      {
        c: {
          'jacoco.xml': jacoco({
            'module-a': sourceFile('com/acme/Util.java', [1, 2], []),
            'module-b': sourceFile('com/acme/Util.java', [], [1]),
          }),
        },
      },
    ],
  ])('of modules of Java %s', (_, artifacts) => {
    for (const glob of [
      'module-a/**',
      'module-a/src/main/java/**',
      'module-a/src/main/java/com/acme/*.java',
      '{module-a,x}/src/**',
    ])
      expect(verdictOf(artifacts, scoped(glob)), glob).toMatchObject({ state: 'pass', reason: '2 of 2 lines' });
    expect(verdictOf(artifacts, scoped('libs/module-b/src/main/java/**'))).toMatchObject({ reason: '0 of 1 lines' });
    expect(verdictOf(artifacts, scoped('src/main/java/**'))).toMatchObject({ state: 'error' });
    expect(verdictOf(artifacts, scoped('module-c/src/main/java/**'))).toMatchObject({ state: 'error' });
  });

  it('of the one module of a repository', () => {
    const artifacts = { c: { 'jacoco.xml': java('shop', [1, 2], []) } };
    expect(verdictOf(artifacts, scoped('src/main/java/com/acme/**'))).toMatchObject({ state: 'pass' });
    expect(verdictOf(artifacts, scoped('src/main/java/com/other/**'))).toMatchObject({ state: 'error' });
  });

  it('of a package that its artifact is named for', () => {
    const artifacts = {
      'coverage-a': { 'lcov.info': lcov('src/i.ts', [1, 2, 3], [5, 6]) },
      'coverage-b': { 'lcov.info': lcov('src/i.ts', [1, 2, 3, 5, 6]) },
    };
    expect(verdictOf(artifacts, scoped('packages/a/**', 0.3))).toMatchObject({ state: 'pass', reason: '3 of 5 lines' });
    expect(verdictOf(artifacts, scoped('packages/b/src/**'))).toMatchObject({ state: 'pass', reason: '5 of 5 lines' });
    expect(verdictOf(artifacts, scoped('packages/c/**'))).toMatchObject({ state: 'error' });
  });

  it('and none of another package of the checkout', () => {
    const artifacts = {
      'c-1': { 'lcov.info': lcov('/srv/ci/shop/web/src/a.ts', [1, 2, 3]) },
      'c-2': { 'lcov.info': lcov('/srv/ci/shop/src/b.ts', [], [1, 2]) },
    };
    expect(verdictOf(artifacts, scoped('src/**'))).toMatchObject({ state: 'fail', reason: '0 of 2 lines' });
    expect(verdictOf(artifacts, scoped('web/**'))).toMatchObject({ state: 'pass', reason: '3 of 3 lines' });
  });

  it('and no package in place of the root', () => {
    const artifacts = {
      coverage: { 'lcov.info': lcov('/srv/shop/packages/a/src/a.ts', [1]) + lcov('packages/a/src/b.ts', [1]) },
    };
    expect(verdictOf(artifacts, scoped('src/**'))).toMatchObject({ state: 'error' });
  });
});

describe('where none fits', () => {
  it('the row says what the reports name', () => {
    const artifacts = { coverage: { 'coverage.out': go('example.com/shop') } };
    expect(verdictOf(artifacts, scoped('src/billng/**'))).toMatchObject({
      state: 'error',
      fail_codes: ['NOTHING_MEASURED'],
      reason:
        'no file of the reports fits src/billng/**; they name example.com/shop/pkg/p.go, example.com/shop/main.go, example.com/shop/internal/pkg/q.go',
    });
    const many = from(1, 5)
      .map((index) => lcov(`src/${index}.ts`, [1]))
      .join('');
    expect(verdictOf({ coverage: { 'lcov.info': many } }, scoped('lib/**')).reason).toBe(
      'no file of the reports fits lib/**; they name src/1.ts, src/2.ts, src/3.ts, …',
    );
  });
});

describe('a report whose files are all below one folder', () => {
  const reason = (paths: readonly string[]) =>
    verdictOf(
      { coverage: { 'lcov.info': paths.map((path) => lcov(path, from(1, 9), [10])).join('') } },
      { key: 'coverage_diff_min' },
      {
        changed_lines: { 'src/a.ts': [1, 2, 3, 10] },
      },
    ).reason;

  it('may be from above the repository: what stands after the folder is meant', () => {
    expect(reason(['app/src/a.ts', 'app/lib/b.ts'])).toBe('3 of 4 lines');
  });

  it('is not where one of them is elsewhere', () => {
    expect(reason(['app/src/a.ts', 'other/lib/b.ts'])).toMatch(/^src\/a.ts may be app\/src\/a.ts .* or another file/);
  });
});
