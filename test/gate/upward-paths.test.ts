// Files that a report names by a way through other folders: from its own upwards, or through `.` and `..`.
import { describe, expect, it } from 'vitest';
import { cobertura, type Files, from, lcov, verdictOf } from './coverage-verdict.ts';

const asked = { key: 'coverage_diff_min' } as const;
const TESTED = lcov('src/y.ts', from(1, 10));
const untested = (path: string) => lcov(path, [], from(1, 10));
const X = 'packages/b/src/x.ts';
const Y = 'packages/a/src/y.ts';

describe('a changed file that a report names upwards is judged', () => {
  it.each<[string, Files, string, string]>([
    ['from its package', { 'packages/a/lcov.info': untested('../b/src/x.ts') + TESTED }, X, Y],
    ['from its package’s output', { 'packages/a/coverage/lcov.info': untested('../b/src/x.ts') + TESTED }, X, Y],
    ['with backslashes', { 'packages/a/lcov.info': untested('..\\b\\src\\x.ts') + TESTED }, X, Y],
    ['beside which nothing is told', { 'packages/a/lcov.info': untested('../b/src/x.ts'), 'lcov.info': TESTED }, X, Y],
    ['after a dot', { 'packages/a/lcov.info': untested('./../b/src/x.ts') + TESTED }, X, Y],
    ['by a way down and up', { 'packages/a/lcov.info': untested('src/../../b/src/x.ts') + TESTED }, X, Y],
    ['twice upwards', { 'packages/a/lcov.info': untested('../../shared/x.ts') + TESTED }, 'shared/x.ts', Y],
    ['above the root', { 'packages/a/lcov.info': untested('../../../../shared/x.ts') + TESTED }, 'shared/x.ts', Y],
    [
      'from where the report lies',
      { 'packages/a/coverage/lcov.info': untested('../src/x.ts') + TESTED },
      'packages/a/src/x.ts',
      Y,
    ],
    ['of a report at the root', { 'lcov.info': untested('../b/src/x.ts') + TESTED }, X, Y],
    ['of a folder without more', { 'a/lcov.info': untested('../b/src/x.ts') + TESTED }, X, Y],
    [
      'within a whole path',
      { 'lcov.info': untested('/home/runner/work/shop/shop/packages/a/../b/src/x.ts') + TESTED },
      X,
      Y,
    ],
    [
      'within a machine’s path',
      { 'lcov.info': untested('/srv/q/packages/a/../b/src/x.ts'), 'packages/a/lcov.info': TESTED },
      X,
      Y,
    ],
    ['from the repository', { 'lcov.info': untested('packages/a/../b/./src//x.ts') + TESTED }, X, Y],
    [
      'below a source',
      {
        'cobertura.xml': cobertura([{ name: '.', path: '../b/src/x.ts', run: [], missed: from(1, 10) }], {
          sources: ['/home/runner/work/shop/shop/packages/a'],
        }),
        'packages/a/lcov.info': TESTED,
      },
      X,
      Y,
    ],
  ])('%s', (_, coverage, untestedPath, testedPath) => {
    const changed_lines = { [untestedPath]: from(1, 10), [testedPath]: [1] };
    expect(verdictOf({ coverage }, asked, { changed_lines })).toMatchObject({ state: 'fail', reason: '1 of 11 lines' });
  });
});

describe('a file that is named upwards', () => {
  const upwards = { 'packages/a/lcov.info': untested('../b/src/x.ts') + TESTED };

  it('is one of its own folder for a criterion about paths', () => {
    const scope = { kind: 'path', glob: 'packages/b/**', work: 1e7 } as const;
    expect(verdictOf({ coverage: upwards }, { scope })).toMatchObject({ state: 'fail', reason: '0 of 10 lines' });
  });

  it('is the one that another report names from its own package', () => {
    const both = { ...upwards, 'packages/b/lcov.info': lcov('src/x.ts', from(1, 10)) };
    expect(verdictOf({ coverage: both })).toMatchObject({ reason: '20 of 20 lines' });
  });
});
