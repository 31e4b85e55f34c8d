// Reports of one suite from machines that check out elsewhere.
import { describe, expect, it } from 'vitest';
import { cobertura, from, lcov, verdictOf } from './coverage-verdict.ts';

const [odd, even] = [from(1, 9).filter((line) => line % 2 === 1), from(1, 9).filter((line) => line % 2 === 0)];
const at = (root: string, run: readonly number[], missed: readonly number[], sign = '/') =>
  ['src/a.ts', 'lib/b.ts'].map((path) => lcov(`${root}${path.replace('/', sign)}`, run, [...missed, 10])).join('');

describe('one suite on two machines counts once', () => {
  it.each([
    ['a hosted runner', '/home/runner/work/shop/shop/', '/'],
    ['a runner of one’s own', '/actions-runner/_work/shop/shop/', '/'],
    ['a runner in somebody’s home', '/home/ci/actions-runner-2/_work/shop/shop/', '/'],
    ['a runner on Windows', 'C:\\actions-runner\\_work\\shop\\shop\\', '\\'],
    ['a hosted runner on Windows', 'D:\\a\\shop\\shop\\', '\\'],
    ['a hosted runner on macOS', '/Users/runner/work/shop/shop/', '/'],
    ['a job in a container', '/__w/shop/shop/', '/'],
    ['a container', '/app/', '/'],
    ['another CI system', '/builds/group/sub/shop/', '/'],
    ['Jenkins', '/var/lib/jenkins/workspace/shop_PR-12/', '/'],
    ['Jenkins on Windows', 'C:\\jenkins\\workspace\\shop\\', '\\'],
    ['/opt', '/opt/build/', '/'],
  ])('the other one in %s', (_, root, sign) => {
    for (const first of ['/home/runner/work/shop/shop/', '', '/opt/here/']) {
      const artifacts = {
        'c-1': { 'lcov.info': at(first, odd, even) },
        'c-2': { 'lcov.info': at(root, even, odd, sign) },
      };
      const same = first === '/opt/here/' && root.startsWith('/opt/');
      expect(verdictOf(artifacts), first).toMatchObject(
        same ? { reason: '18 of 40 lines' } : { state: 'pass', reason: '18 of 20 lines' },
      );
    }
  });

  it('where each ran a part of the files', () => {
    const artifacts = {
      'c-1': { 'lcov.info': lcov('/opt/here/src/a.ts', odd, even) + lcov('/opt/here/src/deep/c.ts', from(1, 5)) },
      'c-2': { 'lcov.info': lcov('/builds/x/shop/src/a.ts', even, odd) + lcov('/builds/x/shop/lib/b.ts', from(1, 5)) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ reason: '19 of 19 lines' });
  });

  it('where two runners share a machine', () => {
    const artifacts = {
      'c-1': { 'lcov.info': at('/opt/runner-1/shop/', odd, even) },
      'c-2': { 'lcov.info': at('/opt/runner-2/shop/', even, odd) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ reason: '18 of 20 lines' });
  });

  it('where Cobertura names its source', () => {
    const of = (source: string, run: readonly number[], missed: readonly number[]) =>
      cobertura([{ name: 'src', path: 'src/a.ts', run, missed }], { sources: [source] });
    const artifacts = {
      'c-1': { 'cobertura.xml': of('/home/runner/work/shop/shop', odd, even) },
      'c-2': { 'cobertura.xml': of('/app', even, odd) },
    };
    expect(verdictOf(artifacts)).toMatchObject({ reason: '9 of 9 lines' });
  });
});

describe('two packages on one machine are two', () => {
  it.each([
    ['below a folder of packages', '/opt/shop/packages/a/', '/opt/shop/packages/b/'],
    ['side by side', '/opt/a/', '/opt/b/'],
    ['of a hosted runner', '/home/runner/work/shop/shop/a/', '/home/runner/work/shop/shop/b/'],
    ['of another machine', '/opt/shop/packages/a/', '/builds/x/shop/packages/b/'],
  ])('%s', (_, a, b) => {
    const artifacts = { 'c-a': { 'lcov.info': at(a, from(1, 9), []) }, 'c-b': { 'lcov.info': at(b, [], from(1, 9)) } };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'fail', reason: '18 of 40 lines' });
  });
});

describe('changed lines are found', () => {
  const asked = { key: 'coverage_diff_min' } as const;
  it.each(['/opt/build/', '/app/', 'C:\\jenkins\\shop\\', '/builds/x/y/', ''])('below %s', (root) => {
    const sign = root.includes('\\') ? '\\' : '/';
    const artifacts = { coverage: { 'lcov.info': at(root, [1, 2], [3], sign) } };
    expect(verdictOf(artifacts, asked, { changed_lines: { 'src/a.ts': [2, 3] } })).toMatchObject({ measured: 0.5 });
  });

  it('and a file at the root is no file of that name below', () => {
    const artifacts = {
      coverage: { 'lcov.info': lcov('/app/x/a.ts', [], [1]) + lcov('/app/y/a.ts', [], [1]) + lcov('/app/b.ts', [1]) },
    };
    expect(verdictOf(artifacts, asked, { changed_lines: { 'a.ts': [1], 'b.ts': [1] } })).toMatchObject({ measured: 1 });
  });
});
