// A summary that says FAILED and counts no failure: something failed, and nobody knows what.
import { describe, expect, test } from 'vitest';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';
import { measureFile } from '../support/measure.ts';

function read(summary: object, name = 'summary') {
  const measurement = measureFile('summary.json', JSON.stringify(summary));
  if (measurement === null) throw new Error('no report');
  return criterionValues(name, { reports: [{ path: 'summary.json', measurement }] }).measured;
}
const untold = { kind: 'tests', passed: 0, failed: 1, skipped: 0, unshown: 1, is_e2e: true };

describe('a summary that says FAILED', () => {
  test('and counts no failure is one failed test', () => {
    expect(read({ status: 'FAILED', tests: { e2e: { passed: 5, failed: 0 } } })).toContainEqual(untold);
    expect(read({ status: 'FAILED', tests: {} }, 'e2e')).toContainEqual(untold);
    expect(read({ status: 'FAILED', tests: { unit: { passed: 5, failed: 0 } } })).toContainEqual({
      ...untold,
      is_e2e: false,
    });
  });

  test('and says what of is that', () => {
    expect(read({ status: 'FAILED', tests: { e2e: { passed: 5, failed: 2 } } })).toEqual([
      { kind: 'tests', passed: 5, failed: 2, skipped: 0, is_e2e: true },
    ]);
    const ofUnits = { unit: { passed: 1, failed: 1 }, e2e: { passed: 5, failed: 0 } };
    expect(read({ status: 'FAILED', tests: ofUnits })).not.toContainEqual(untold);
  });

  test('unless it passed', () => {
    expect(read({ status: 'PASSED', tests: { e2e: { passed: 5, failed: 0 } } })).not.toContainEqual(untold);
  });
});
