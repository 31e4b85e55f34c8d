// Which file of the reports a changed one is, and what is said of those whose lines GitHub does not tell.
import { describe, expect, it } from 'vitest';
import { changedLines } from '../../src/gate/model/changed-lines.ts';
import { cobertura, type Files, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const asked = { key: 'coverage_diff_min' } as const;
const [RUN, MISSED] = [lcov('src/index.ts', from(1, 10)), lcov('src/index.ts', [], from(1, 12))];
const java = (run: readonly number[], missed: readonly number[]) => sourceFile('com/x/Util.java', run, missed);

describe('a changed file that fits two of the reports is judged by', () => {
  const folders: Files = { 'packages/a/coverage/lcov.info': RUN, 'packages/b/coverage/lcov.info': MISSED };
  const groups: Files = { 'jacoco.xml': jacoco({ a: java([1, 2], []), b: java([], [1, 2]) }) };
  const packages: Files = {
    'cobertura.xml': cobertura([
      { name: 'packages.a.src', path: 'src/index.ts', run: [1, 2] },
      { name: 'packages.b.src', path: 'src/index.ts', run: [], missed: [1, 2] },
    ]),
  };
  const cut: Files = { 'a/coverage/lcov.info': RUN, 'b/coverage/lcov.info': MISSED };

  it.each([
    ['the one of its folder in the archive', folders, 'packages/a/src/index.ts', 1],
    ['the one of the other folder', folders, 'packages/b/src/index.ts', 0],
    ['the one whose folder is what is left of its own', cut, 'packages/a/src/index.ts', 1],
    ['the other one of these', cut, 'packages/b/src/index.ts', 0],
    ['the one of its group', groups, 'a/src/main/java/com/x/Util.java', 1],
    ['the one of the other group', groups, 'b/src/main/java/com/x/Util.java', 0],
    ['the one of its package', packages, 'packages/a/src/index.ts', 1],
    ['the one of the other package', packages, 'packages/b/src/index.ts', 0],
    ['the worse, where it is of neither folder', folders, 'packages/c/src/index.ts', 0],
    ['the worse, where it is of neither group', groups, 'core/src/main/java/com/x/Util.java', 0],
  ])('%s', (_, files, path, measured) => {
    expect(verdictOf({ coverage: files }, asked, { changed_lines: { [path]: [1, 2] } })).toMatchObject({ measured });
  });

  it('the worse of two artifacts', () => {
    const artifacts = { 'cov-a': { 'lcov.info': RUN }, 'cov-b': { 'lcov.info': MISSED } };
    expect(verdictOf(artifacts, asked, { changed_lines: { 'packages/a/src/index.ts': [1] } })).toMatchObject({
      measured: 0,
    });
  });

  it('the longer of two that one report names', () => {
    const both = { coverage: { 'lcov.info': lcov('index.ts', [], [1]) + lcov('src/index.ts', [1]) } };
    expect(verdictOf(both, asked, { changed_lines: { 'packages/a/src/index.ts': [1] } })).toMatchObject({
      measured: 1,
    });
  });
});

describe('a file whose patch GitHub leaves out', () => {
  const changed = (filename: string, fields: object = {}) => ({
    filename,
    status: 'modified',
    additions: 9,
    patch: null,
    ...fields,
  });
  const known = changed('src/index.ts', { additions: 1, patch: '@@ -1 +1,2 @@\n one\n+two' });
  const verdictFor = (...files: Parameters<typeof changedLines>[0]) =>
    verdictOf({ coverage: { 'lcov.info': RUN } }, asked, { changed_lines: changedLines(files) });

  it('does not matter where no report knows it', () => {
    expect(verdictFor(known, changed('package-lock.json'))).toMatchObject({ state: 'pass', measured: 1 });
    expect(verdictFor(changed('package-lock.json'))).toMatchObject({ state: 'pass', measured: null });
    expect(verdictFor(known, changed('src/generated.ts'))).toMatchObject({ state: 'pass', measured: 1 });
  });

  it('is an error that names it where one does', () => {
    const verdict = verdictFor(changed('package-lock.json'), changed('src/index.ts'));
    expect(verdict).toMatchObject({ state: 'error', fail_codes: ['EVIDENCE_MISSING'] });
    expect(verdict.reason).toContain('src/index.ts');
  });

  it('is an error where it may be the one that the report means otherwise', () => {
    expect(verdictFor(changed('src/huge.ts')).state).toBe('error');
  });

  it('has no changed line where it was only renamed, is binary, or lost lines alone', () => {
    const files = [
      changed('src/index.ts', { status: 'renamed', additions: 0 }),
      changed('a.png', { status: 'added', additions: 0 }),
      changed('src/b.ts', { additions: 0, deletions: 4000 }),
    ];
    expect(changedLines(files)).toEqual({});
    expect(verdictFor(...files)).toMatchObject({ state: 'pass', measured: null });
  });
});
