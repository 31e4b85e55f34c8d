// A rule is looked up once for all results that refer to it, however many extensions there are. Look-ups are counted, not time.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

/** How often a map is asked while something runs. */
function countLookups(run: () => void): number {
  const { get } = Map.prototype;
  let count = 0;
  Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown): unknown {
    count++;
    return Reflect.apply(get, this, [key]);
  };
  try {
    run();
  } finally {
    Map.prototype.get = get;
  }
  return count;
}
const sarif = (extensions: readonly object[], results: readonly object[], rules: readonly object[] = []) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      { tool: { driver: { name: 'T', rules }, extensions }, results: results.map((one) => ({ ...one, message: {} })) },
    ],
  });
const many = <Item>(count: number, item: (at: number) => Item) => Array.from({ length: count }, (_, at) => item(at));
const EXTENSIONS = many(200, (at) => ({ name: `e${at}`, guid: `g${at}`, rules: [{ id: 'a' }] }));

describe('results and extensions are not multiplied', () => {
  test.each<[string, (at: number) => object]>([
    ['of ids that nothing has', (at) => ({ ruleId: `${'b/'.repeat(18)}b${at % 7}` })],
    ['of ids that all differ', (at) => ({ ruleId: `${'b/'.repeat(18)}b${at}` })],
    ['of an id that all have', () => ({ ruleId: 'a' })],
    ['of parts of it', (at) => ({ ruleId: `a/${at}` })],
    ['of an extension by its name', (at) => ({ ruleId: 'a', rule: { toolComponent: { name: `e${at % 200}` } } })],
  ])('%s', (_name, result) => {
    const text = sarif(EXTENSIONS, many(500, result));
    let measured: unknown;
    const count = countLookups(() => {
      measured = measureFile('a.sarif', text);
    });
    expect(measured).toMatchObject({ warnings: 500 });
    expect(count).toBeLessThan(500 * 150);
  });
});

test('of one id that stands for too many rules no more is followed', () => {
  const rules = many(5_000, () => ({ id: 'a' }));
  const text = sarif(
    [],
    many(500, (at) => ({ ruleId: `a/${at}` })),
    rules,
  );
  expect(measureFile('a.sarif', text)).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('too many'),
  });
  expect(
    measureFile(
      'a.sarif',
      sarif(
        [],
        many(5_000, () => ({ ruleId: 'a' })),
        rules,
      ),
    ),
  ).toMatchObject({ warnings: 5_000 });
});

test('of more extensions than any tool has it is unreadable', () => {
  expect(
    measureFile(
      'a.sarif',
      sarif(
        many(10_001, () => ({ name: 'e' })),
        [],
      ),
    ),
  ).toMatchObject({ kind: 'unreadable' });
});
