import { describe, expect, it } from 'vitest';
import { findLocation, repositoryPath } from '../../src/diagnose/location.ts';

const at = (file_path: string, line: number) => ({ file_path, line });

describe('the place that a line points at', () => {
  it.each([
    ['TypeScript', "src/cart.ts(41,7): error TS2345: Argument of type 'string'", at('src/cart.ts', 41)],
    ['TypeScript through a problem matcher', '##[error]src/cart.ts(41,7): error TS2345: no', at('src/cart.ts', 41)],
    ['gcc', 'lib/main.c:12:5: error: expected ;', at('lib/main.c', 12)],
    ['go', './cmd/shop/main.go:3:2: undefined: x', at('cmd/shop/main.go', 3)],
    ['rustc', '  --> src/main.rs:7:5', at('src/main.rs', 7)],
    ['pytest', 'tests/test_cart.py:17: AssertionError', at('tests/test_cart.py', 17)],
    ['a Python traceback', '  File "/home/runner/work/shop/shop/app/cart.py", line 9, in add', at('app/cart.py', 9)],
    ['a Node stack', '    at add (/home/runner/work/shop/shop/src/cart.js:4:11)', at('src/cart.js', 4)],
    ['a stack of ES modules', '    at file:///home/runner/work/shop/shop/src/cart.js:4:11', at('src/cart.js', 4)],
    ['macOS', '/Users/runner/work/shop/shop/App/Cart.swift:8:3: error: no', at('App/Cart.swift', 8)],
    ['a job container', '/__w/shop/shop/a.rb:2: syntax error', at('a.rb', 2)],
    ['a container action', '/github/workspace/docs/a.md:3: MD001', at('docs/a.md', 3)],
    ['Windows', 'D:\\a\\shop\\shop\\src\\Cart.cs(12,5): error CS0103: no', at('src/Cart.cs', 12)],
    ['Windows with other slashes', 'D:/a/shop/shop/src/cart.ts:3:1 - error', at('src/cart.ts', 3)],
    ['a relative path of Windows', 'src\\Cart.cs(12,5): error', at('src/Cart.cs', 12)],
    ['the end of the line', 'see src/a.ts:3', at('src/a.ts', 3)],
    ['a file at the root', 'setup.py:3: DeprecationWarning', at('setup.py', 3)],
    ['a hidden folder', '.github/scripts/a.sh:3: x', at('.github/scripts/a.sh', 3)],
    ['the first of several', 'a.ts:1:1 b.ts:2:2', at('a.ts', 1)],
    ['the first one that is ours', 'at f (node_modules/x/a.js:1:1) at g (src/b.js:2:2)', at('src/b.js', 2)],
    ['the highest line number', 'a.ts:9999999:1', at('a.ts', 9_999_999)],
  ])('is found as %s writes it', (_, text, place) => {
    expect(findLocation([text])).toEqual(place);
  });

  it.each([
    ['no place at all', 'npm error code ERESOLVE'],
    ['an empty line', ''],
    ['a path without a line', 'cannot read src/a.ts'],
    ['dependencies', 'node_modules/x/a.js:1:1'],
    ['dependencies further in', 'packages/a/node_modules/x/a.js:1:1'],
    ['dependencies of Python', '.venv/lib/python3.12/site-packages/x/a.py:1: x'],
    ['vendored code', 'vendor/github.com/x/a.go:1:1: x'],
    ['a file of the system', '/usr/lib/node/a.js:1:1'],
    ['a tool of the runner', '/opt/hostedtoolcache/node/22/a.js:1:1'],
    ['another drive', 'C:\\Python\\x.py:1:1'],
    ['a way out', '../other/a.ts:1:1'],
    ['a way out in the middle', 'src/../../a.ts:1:1'],
    ['a way out of the workspace', '/home/runner/work/shop/shop/../../../a.ts:1:1'],
    ['a way out of Windows', 'src\\..\\..\\a.ts(1,1): x'],
    ['line 0', 'a.ts:0:1'],
    ['a line with too many digits', 'a.ts:12345678'],
    ['a time', 'at 12:30:15 it broke'],
    ['an address', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['a host', 'connect ETIMEDOUT db.example.com:5432'],
    ['a URL', 'GET http://localhost:3000/a.js:12:1'],
    ['a double slash', 'src//a.ts:1:1'],
    ['code without a file', 'File "<string>", line 1, in <module>'],
    ['code of the interpreter', 'File "<frozen importlib._bootstrap>", line 241, in x'],
    ['code inside Node', '    at node:internal/modules/cjs/loader:1228:14'],
    ['a version', 'shop@1.2.3: no'],
  ])('is none in %s', (_, text) => {
    expect(findLocation([text])).toBeNull();
  });

  it('is looked for line by line', () => {
    expect(findLocation([])).toBeNull();
    expect(findLocation(['nothing', 'a.ts:1:1', 'b.ts:2:2'])).toEqual(at('a.ts', 1));
  });

  it.each([
    ['src/a.ts', 'src/a.ts'],
    ['./src/a.ts', 'src/a.ts'],
    ['D:\\a\\shop\\shop\\src\\a.ts', 'src/a.ts'],
    ['/home/runner/work/shop/shop/src/a.ts', 'src/a.ts'],
    ['/etc/passwd', null],
    ['\\\\server\\share\\a', null],
    ['..', null],
    ['a/..', null],
    ['a..b', 'a..b'],
  ])('as a path of the repository, %j is %j', (path, inside) => {
    expect(repositoryPath(path)).toBe(inside);
  });
});

describe('a hostile line', () => {
  const units = [
    'a',
    '.',
    'a.',
    './',
    '\\',
    ':',
    '1',
    'a.b',
    'a.b:',
    '(a',
    '"a',
    ' a.b(',
    'File "',
    'File "a',
    '", line 1',
    '@+-',
    '/a.b:1',
    '[',
    '../',
  ];

  it.each(units)('of a million characters of %j comes to an end, which squares of it would not', (unit) => {
    const location = findLocation([unit.repeat(Math.ceil(1_000_000 / unit.length))]);
    expect(location?.line ?? 1).toBeGreaterThan(0);
  });
});
