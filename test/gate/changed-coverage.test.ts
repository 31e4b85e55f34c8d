// Changed files found among a report's, whichever way the tool writes paths.
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
