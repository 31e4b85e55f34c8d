import { describe, expect, it } from 'vitest';
import { isWorthAsking } from '../../src/normalise/is-worth-asking.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { examplesOf } from '../support/example-payload.ts';

describe('isWorthAsking', () => {
  it("says no only to what leaves no facts, of all of GitHub's examples", () => {
    const examples = examplesOf();
    const unasked = examples.filter(({ event, payload }) => {
      const action = typeof payload.action === 'string' ? payload.action : null;
      return !isWorthAsking({ event, action });
    });
    expect(unasked.length).toBeGreaterThan(20);
    expect(examples.length - unasked.length).toBeGreaterThan(20);
    for (const { event, payload } of unasked)
      expect([event, payload.action, normalise({ event, payload }, { appId: 1 }).kind]).toEqual([
        event,
        payload.action,
        'ignored',
      ]);
  });
});
