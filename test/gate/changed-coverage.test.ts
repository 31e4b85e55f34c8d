// Changed files found among a report's, whichever way the tool writes paths.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFiles } from '../../src/gate/coverage/changed-coverage.ts';
import { enclosingFolder } from '../../src/gate/coverage/enclosing-folder.ts';
import { file } from './evidence-cases.ts';

/** As one report has them. */
const merged = (paths: readonly string[]) =>
  paths.map((path) => ({
    path,
    place: '',
    bases: enclosingFolder(paths).length === 0 ? [] : [enclosingFolder(paths).join('/')],
    sources: [0],
    ways: [[file(path, 1, 2)]],
  }));
const found = (paths: string[], changed: Record<string, number[]>) =>
  changedFiles(merged(paths), changed)?.flatMap(({ files }) => files.map(({ path }) => path)) ?? null;

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

  it('when it is the same, or else the longest that it ends with, or else the same below the folder of all', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 6 }), path, (paths, wanted) => {
        const longest = paths.filter((one) => wanted.endsWith(`/${one}`)).toSorted((a, b) => b.length - a.length)[0];
        const all = [...paths, 'root/other.kind'].map((one) => `root/${one}`);
        const below = paths.includes(wanted) ? [`root/${wanted}`] : [];
        const expected = paths.includes(wanted) ? [wanted] : longest === undefined ? [] : [longest];
        const changed = { [wanted]: [1], 'root/other.kind': [1] };
        expect(found([...paths, 'root/other.kind'], changed)).toEqual([...expected, 'root/other.kind']);
        expect(found(all, changed)?.filter((one) => !one.endsWith('.kind'))).toEqual(below);
      }),
      { numRuns: 500 },
    );
  });
});
