// Which of the changed files a failure names.
import { describe, expect, it } from 'vitest';
import { filesTouched, indexChange, placesOf } from '../../src/verdicts/touched.ts';
import { test } from './evidence-of.ts';

const touchedBy = (changed: readonly string[], over: Partial<Parameters<typeof filesTouched>[0]>) =>
  filesTouched({ files: [], tests: [], pattern: null, ...over }, indexChange(changed));

describe('a changed file', () => {
  it.each([
    ['src/cart.ts', 'src/cart.ts'],
    ['src/cart.ts', './src/cart.ts'],
    ['src/cart.ts', '/home/runner/work/shop/shop/src/cart.ts'],
    ['src/cart.ts', 'D:\\a\\shop\\shop\\src\\Cart.ts'],
    ['packages/cart/test/cart.test.ts', 'test/cart.test.ts'],
    ['packages/cart/test/cart.test.ts', 'cart.test.ts'],
    ['src/cart.ts', '../src/cart.js'],
  ])('%s is named by %s', (changed, named) => {
    expect(touchedBy(['README.md', changed], { files: [named] })).toEqual([changed]);
  });

  it.each([
    ['src/cart.ts', 'src/heart.ts'],
    ['src/cart.ts', 'lib/cart.ts'],
    ['src/cart.ts', ''],
    ['src/heart.ts', 'src/art.ts'],
  ])('%s is not named by %s', (changed, named) => {
    expect(touchedBy([changed], { files: [named] })).toEqual([]);
  });

  it.each([
    ['src/test/java/com/acme/CartTest.java', 'com.acme.CartTest'],
    ['src/test/java/com/acme/CartTest.java', 'com.acme.CartTest$Inner'],
    ['tests/test_cart.py', 'tests.test_cart.TestCart'],
    ['pkg/cart/cart_test.go', 'github.com/acme/shop/pkg/cart'],
    ['test/cart.spec.ts', 'test/cart.spec.ts'],
  ])('%s is named by the suite %s of a test without a file', (changed, suite) => {
    expect(touchedBy([changed], { tests: [test({ suite, file: null })] })).toEqual([changed]);
  });

  it('is named by the file of a failing test', () => {
    expect(touchedBy(['test/cart.test.ts', 'src/a.ts'], { tests: [test()] })).toEqual(['test/cart.test.ts']);
  });

  it.each(['package-lock.json', 'web/yarn.lock', 'go.sum', 'requirements.txt', 'Shop.csproj', 'Dockerfile'])(
    '%s is named by a failure of a dependency, and by no other',
    (changed) => {
      const pattern = { name: 'x', category: 'dependency', rank: 'cause' } as const;
      expect(touchedBy([changed], { pattern })).toEqual([changed]);
      expect(touchedBy([changed], { pattern: { ...pattern, category: 'test' } })).toEqual([]);
    },
  );

  it.each(['.github/workflows/ci.yml', '.github/actions/setup/run.sh', 'tools/build/action.yaml'])(
    '%s says how jobs run, and is named by each failure',
    (changed) => {
      expect(touchedBy([changed], {})).toEqual([changed]);
    },
  );
});

describe('a test', () => {
  it.each([
    ['a suite in words', 'the cart'],
    ['one word', 'cart'],
    ['two dots', 'a..b'],
    ['a call', 'cart.add()'],
  ])('whose report has no file lies nowhere by %s', (_, suite) => {
    expect(placesOf({ file: null, suite })).toBeNull();
  });
});

it('3,000 changed files of long paths and 100 names are compared without each meeting each', () => {
  const deep = `${'d/'.repeat(2_000)}f`;
  const changed = indexChange(Array.from({ length: 3_000 }, (_, at) => `${deep}${at}.ts`));
  // Twelve segments of each path, no more.
  expect(changed.ends.size).toBeLessThanOrEqual(3_000 * 12);
  const files = Array.from({ length: 100 }, (_, at) => `${'e/'.repeat(2_000)}g${at}.ts`);
  expect(filesTouched({ files, tests: [], pattern: null }, changed)).toEqual([]);
});
