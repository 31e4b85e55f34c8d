// A criterion about paths is about those of the repository: a package's file of the same path within it is another.
import { describe, expect, it } from 'vitest';
import { type Files, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const about = (glob: string) => ({ scope: { kind: 'path', glob, work: 1e7 } as const });
const poor = (path: string) => lcov(path, from(1, 10), from(11, 100));
const full = (path: string) => lcov(path, from(1, 1000));

describe('coverage_min of paths', () => {
  it.each<[string, Files]>([
    [
      'a package’s',
      { 'lcov.info': poor('src/billing/a.ts'), 'packages/x/coverage/lcov.info': full('src/billing/b.ts') },
    ],
    ['a folder’s', { 'lcov.info': poor('src/billing/a.ts'), 'x/coverage/lcov.info': full('src/billing/b.ts') }],
  ])('is not lifted by %s files of the same path', (_, coverage) => {
    expect(verdictOf({ coverage }, about('src/billing/**'))).toMatchObject({
      state: 'fail',
      reason: '10 of 100 lines',
    });
  });

  it('is not met by another package’s alone', () => {
    const coverage = { 'packages/x/coverage/lcov.info': full('src/billing/b.ts') };
    expect(verdictOf({ coverage }, about('src/billing/**')).state).toBe('error');
    expect(verdictOf({ coverage }, about('packages/x/src/billing/**')).state).toBe('pass');
  });

  it('may be about files as the report of a module names them', () => {
    const coverage = { 'jacoco.xml': jacoco({ core: sourceFile('com/x/A.java', [1, 2], []) }) };
    expect(verdictOf({ coverage }, about('com/x/**'))).toMatchObject({ reason: '2 of 2 lines' });
  });
});
