// A changed file that reports name otherwise than the repository does is never left out of what passes.
import { describe, expect, it } from 'vitest';
import { type Files, from, lcov, verdictOf } from './coverage-verdict.ts';

const asked = { key: 'coverage_diff_min' } as const;
const ran = (path: string) => lcov(path, from(1, 10));
const untested = (path: string) => lcov(path, [], from(1, 10));
const verdictFor = (coverage: Files, ...paths: string[]) =>
  verdictOf({ coverage }, asked, { changed_lines: Object.fromEntries(paths.map((path) => [path, from(1, 10)])) });
const one = (...records: string[]): Files => ({ 'lcov.info': records.join('') });

describe('a name that differs by case or composition', () => {
  it.each([
    ['by case', 'src/foo.ts', 'src/Foo.ts'],
    ['by case of a folder', 'Src/foo.ts', 'src/foo.ts'],
    ['by case of a letter beyond ASCII', 'src/Äpfel.ts', 'src/äpfel.ts'],
    ['by composition', 'src/cafe\u0301.ts', 'src/caf\u00e9.ts'],
    ['by composition, the other way', 'src/caf\u00e9.ts', 'src/cafe\u0301.ts'],
    ['by both', 'src/Cafe\u0301.ts', 'src/caf\u00e9.ts'],
    ['below a package', 'src/foo.ts', 'packages/a/src/Foo.ts'],
    ['below a machine’s root', '/opt/ci/src/foo.ts', 'src/Foo.ts'],
    ['by composition below a machine’s root', '/opt/ci/src/cafe\u0301.ts', 'src/caf\u00e9.ts'],
  ])('%s counts', (_, given, changed) => {
    const files = { 'lcov.info': untested(given), 'b.info': ran('lib/a.ts') };
    expect(verdictFor(files, changed, 'lib/a.ts')).toMatchObject({ state: 'fail', reason: '10 of 20 lines' });
  });

  it('is a longer end than one of the very case', () => {
    expect(verdictFor(one(ran('Foo.ts'), untested('src/foo.ts')), 'lib/src/Foo.ts')).toMatchObject({ measured: 0 });
    expect(verdictFor(one(ran('Foo.ts'), untested('src/foo.ts')), 'src/Foo.ts')).toMatchObject({ measured: 0 });
  });

  it('does not matter beside the very one', () => {
    expect(verdictFor(one(ran('src/Foo.ts'), untested('src/foo.ts')), 'src/Foo.ts')).toMatchObject({ measured: 1 });
    expect(verdictFor(one(ran('src/Foo.ts'), untested('src/foo.ts')), 'src/foo.ts')).toMatchObject({ measured: 0 });
    expect(verdictFor(one(ran('src/Foo.ts'), untested('src/foo.ts')), 'a/src/Foo.ts')).toMatchObject({ measured: 1 });
  });

  it('counts as the worse of several', () => {
    expect(verdictFor(one(ran('src/Foo.ts'), untested('src/foo.ts')), 'src/FOO.ts')).toMatchObject({ measured: 0 });
  });

  it('is of the package whose folder is written otherwise', () => {
    const files = { 'packages/a/lcov.info': ran('src/foo.ts'), 'packages/B/lcov.info': untested('src/foo.ts') };
    expect(verdictFor(files, 'packages/b/src/Foo.ts')).toMatchObject({ measured: 0 });
  });
});

describe('what may be a file of the report is an error that names both', () => {
  const A = 'src/a.ts';
  it.each<[string, Files, string, string]>([
    ['below one root of several', one(untested('repo/src/a.ts'), ran('src/b.ts')), A, 'repo/src/a.ts'],
    [
      'below one of several folders',
      one(untested('build/x/src/a.ts'), ran('src/b.ts'), ran('lib/c.ts')),
      A,
      'build/x/src/a.ts',
    ],
    ['beside one that it ends with', one(untested('repo/src/a.ts'), ran('a.ts'), ran('src/b.ts')), A, 'repo/src/a.ts'],
    ['below an address', one(untested('webpack://app/./src/a.ts'), ran('src/b.ts')), A, 'webpack:/app/src/a.ts'],
    ['of another case as well', one(untested('repo/src/A.ts'), ran('src/b.ts')), A, 'repo/src/A.ts'],
    ['of a module', one(untested('github.com/o/r/main.go'), ran('src/b.ts')), 'main.go', 'github.com/o/r/main.go'],
    [
      'of a package in a container',
      { 'lcov.info': ran('src/b.ts'), 'c/lcov.info': untested('/app/src/a.ts') },
      'packages/c/src/a.ts',
      '/app/src/a.ts',
    ],
  ])('%s', (_, files, path, given) => {
    const { state, reason } = verdictFor(files, path, 'src/b.ts');
    expect(state).toBe('error');
    expect(reason).toContain(`${path} may be ${given} of`);
  });

  it.each(['/srv/x/', 'E:\\x\\'])('or is counted where the changed files tell the root: %s', (root) => {
    expect(verdictFor(one(untested(`${root}src/a.ts`), ran('src/b.ts')), A, 'src/b.ts')).toMatchObject({
      measured: 0.5,
    });
  });

  it('unless what is known fails anyway', () => {
    expect(verdictFor(one(untested('repo/src/a.ts'), untested('src/b.ts')), A, 'src/b.ts')).toMatchObject({
      state: 'fail',
    });
  });
});

describe('what another package’s report names is an error', () => {
  it.each<[string, Files, readonly string[]]>([
    [
      'where the report lies in another package',
      { 'packages/a/lcov.info': ran('src/index.ts') },
      ['packages/b/src/index.ts'],
    ],
    [
      'where it lies in a package, and the file is in none',
      { 'packages/a/lcov.info': ran('src/index.ts') },
      ['src/index.ts'],
    ],
    [
      'where two changed, and one was measured',
      one(ran('src/index.ts')),
      ['packages/a/src/index.ts', 'packages/b/src/index.ts'],
    ],
    ['of whatever folders', one(ran('src/index.ts')), ['web/src/index.ts', 'api/src/index.ts']],
    ['where the root’s changed too', one(ran('src/index.ts')), ['src/index.ts', 'api/src/index.ts']],
    [
      'where another file tells whose it is',
      one(ran('src/index.ts'), ran('src/x.ts')),
      ['packages/a/src/x.ts', 'packages/b/src/index.ts'],
    ],
    [
      'where another file tells that it is the root’s',
      one(ran('src/index.ts'), ran('src/x.ts')),
      ['src/x.ts', 'packages/b/src/index.ts'],
    ],
  ])('%s', (_, files, paths) => {
    const { state, reason } = verdictFor(files, ...paths);
    expect(state).toBe('error');
    expect(reason).toMatch(/^\S+ may be \S*src\/(?:index|x)\.ts of the coverage report/);
  });
});

describe('what is measured elsewhere, or not at all, does not matter', () => {
  it.each<[string, Files, readonly string[], number]>([
    ['a file of tests beside the one that they test', one(ran('index.js')), ['index.js', 'test/index.js'], 2],
    ['tests of a package', one(ran('packages/a/test/setup.ts'), ran('src/b.ts')), ['test/setup.ts', 'src/b.ts'], 1],
    ['a script at the root', one(ran('lib/index.js'), ran('src/b.ts')), ['index.js', 'src/b.ts'], 1],
    ['a new file', one(ran('src/b.ts')), ['src/new.ts', 'src/b.ts'], 1],
    [
      'a file whose twin changed too',
      one(ran('web/src/a.ts'), ran('src/b.ts')),
      ['web/src/a.ts', 'src/a.ts', 'src/b.ts'],
      2,
    ],
    [
      'a report from its package',
      one(ran('src/index.ts'), ran('src/x.ts')),
      ['packages/a/src/index.ts', 'packages/a/src/x.ts'],
      2,
    ],
    [
      'reports of two packages',
      { 'packages/a/lcov.info': ran('src/index.ts'), 'packages/b/lcov.info': ran('src/index.ts') },
      ['packages/a/src/index.ts', 'packages/b/src/index.ts'],
      2,
    ],
    ['a report in a folder of another name', { 'web/lcov.info': ran('src/index.ts') }, ['frontend/src/index.ts'], 1],
    [
      'an archive of the whole checkout',
      { 'shop/packages/a/lcov.info': ran('src/index.ts') },
      ['packages/a/src/index.ts'],
      1,
    ],
    [
      'two files of one name that both have a report',
      { 'lcov.info': ran('src/i.ts') + lcov('src/i.ts', from(1, 12)) },
      ['web/src/i.ts', 'api/src/i.ts'],
      2,
    ],
    [
      'sources of two modules in one report',
      one(ran('com/x/A.java'), ran('com/x/B.java')),
      ['modules/core/src/main/java/com/x/A.java', 'modules/app/src/main/java/com/x/B.java'],
      2,
    ],
  ])('%s', (_, files, paths, files_measured) => {
    expect(verdictFor(files, ...paths)).toMatchObject({
      state: 'pass',
      reason: `${10 * files_measured} of ${10 * files_measured} lines`,
    });
  });
});
