// Patches as GitHub lists them, and the lines that they add.
import { describe, expect, it } from 'vitest';
import { changedLines } from '../../src/gate/model/changed-lines.ts';

const file = (patch: string | null, status = 'modified', filename = 'src/a.ts') => ({
  filename,
  status,
  additions: status === 'modified' ? 1 : 0,
  patch,
});

describe('the changed lines', () => {
  it('are those that a patch adds, by their number in the new file', () => {
    const patch =
      '@@ -1,3 +1,4 @@ function a() {\n one\n-two\n+zwei\n+drei\n four\n@@ -20 +21,2 @@\n twenty\n+more\n\\ No newline at end of file';
    expect(changedLines([file(patch)])).toEqual({ 'src/a.ts': [2, 3, 22] });
  });

  it('are none in a file that is removed, only renamed or binary', () => {
    expect(changedLines([file(null, 'removed'), file(null, 'renamed', 'b'), file(null, 'added', 'a.png')])).toEqual({});
  });

  it('are unknown of a file whose patch GitHub leaves out, and of no other', () => {
    const known = file('@@ -0,0 +1 @@\n+a', 'modified', 'b');
    expect(changedLines([file(null), known])).toEqual({ 'src/a.ts': null, b: [1] });
  });

  it('are unknown where the patch has fewer of them than GitHub counts', () => {
    const of = (patch: string, additions: number) => changedLines([{ ...file(patch), additions }])['src/a.ts'];
    expect(of('', 3)).toBeNull();
    expect(of('@@ -0,0 +1,3 @@\n+a\n+b', 3)).toBeNull();
    expect(of('@@ -0,0 +1,3 @@\n+a\n+b\n+c', 3)).toEqual([1, 2, 3]);
    expect(of('@@ -1,2 +1 @@\n a\n-b', 0)).toEqual([]);
  });

  it('do not trip over lines that look like a patch, or over odd names', () => {
    const changed = changedLines([file('@@ -0,0 +1,2 @@\n+@@ -1 +1 @@\n+++ b', 'added', '__proto__')]);
    expect(Object.entries(changed)).toEqual([['__proto__', [1, 2]]]);
  });
});
