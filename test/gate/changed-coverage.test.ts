// Changed files found among a report's, whichever way the tool writes paths.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFiles } from '../../src/gate/changed-coverage.ts';
import { file } from './gathered-cases.ts';

const found = (paths: string[], changed: Record<string, number[]>) =>
  changedFiles(
    paths.map((path) => file(path, 1, 2)),
    changed,
  )?.map((one) => one.file.path) ?? null;

describe('the changed files of a report', () => {
  it.each([
    ['the same path', ['src/a.ts', 'b/src/a.ts'], { 'src/a.ts': [1] }, ['src/a.ts']],
    ['a path from a Go module', ['github.com/o/r/pkg/a.go'], { 'pkg/a.go': [1] }, ['github.com/o/r/pkg/a.go']],
    ['a path from a Java package', ['com/x/A.java'], { 'src/main/java/com/x/A.java': [1] }, ['com/x/A.java']],
    ['two that could be meant', ['x/a.ts', 'y/a.ts', 'b.ts'], { 'a.ts': [1], 'b.ts': [1] }, ['b.ts']],
    ['half a name', ['aa.ts', 'b.ts'], { 'a.ts': [1], 'b.ts': [1] }, ['b.ts']],
    ['files of another kind', ['src/a.ts'], { 'README.md': [1] }, []],
    ['no line that changed', ['src/a.ts'], { 'other.ts': [] }, []],
    ['none though they are of its kind', ['/build/src/x.ts'], { 'lib/y.ts': [1] }, null],
  ])('with %s', (_, paths, changed, expected) => {
    expect(found(paths, changed)).toEqual(expected);
  });
});

describe('a path means a file of the report', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'a.ts', ''), { minLength: 1, maxLength: 4 })
    .map((names) => names.join('/'));

  it('when it is the same, or the only one of which one ends with the other at a slash', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 6 }), path, (paths, wanted) => {
        const ends = paths.filter((one) => one.endsWith(`/${wanted}`) || wanted.endsWith(`/${one}`));
        const expected = paths.includes(wanted) ? [wanted] : ends.length === 1 ? ends : [];
        expect(found([...paths, 'other.kind'], { [wanted]: [1], 'other.kind': [1] })).toEqual([
          ...expected,
          'other.kind',
        ]);
      }),
      { numRuns: 500 },
    );
  });
});
