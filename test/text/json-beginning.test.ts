// The beginning of a JSON value, however it is made.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keptUsage } from '../../src/operations/agents/finished-work.ts';
import { jsonBeginning } from '../../src/text/json-beginning.ts';
import { runs } from '../support/runs.ts';

it('is all of what is short, and never more than there is room for', () => {
  expect(jsonBeginning({ a: ['text', 1, null, { b: true }] }, 100)).toEqual({ a: ['text', 1, null, { b: true }] });
  expect(jsonBeginning(['abcdef', 'ghi'], 5)).toEqual(['abc']);
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(200), (value, most) => {
      const text = JSON.stringify(jsonBeginning(value, most));
      const whole = JSON.stringify(value);
      expect(text.length).toBeLessThanOrEqual(whole.length);
      if (whole.length <= most) expect(text).toBe(whole);
    }),
    runs(50, 500),
  );
});

it('is what the record of a piece of work has of megabytes, without the secret at its end', () => {
  const secret = `ghp_${'Zq3'.repeat(12)}`;
  const input = { text: `${'x'.repeat(119_900)} ${secret} ${'y'.repeat(4_000_000)}` };
  const { full_input } = keptUsage(undefined, { kind: 'job', type: 'qa', input, answers: [] }, null);
  expect(full_input?.length).toBe(120_000);
  expect(full_input).not.toContain(secret.slice(0, 10));
});
