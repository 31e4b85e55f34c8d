import { describe, expect, it } from 'vitest';
import { pauseAfter } from '../../src/model/backoff.ts';
import { storableError } from '../../src/queue/storable-error.ts';

describe('the pause after a failed try', () => {
  it.each([
    [1, 5_000],
    [2, 30_000],
    [3, 120_000],
    [4, 600_000],
    [5, 1_800_000],
    [6, 3_600_000],
    [7, 3_600_000],
    [20, 3_600_000],
  ])('number %i is %i ms', (tries, expected) => {
    expect(pauseAfter(tries, { jitter: 0, retryAfterMs: null })).toBe(expected);
  });

  it('is up to a fifth shorter by chance', () => {
    expect(pauseAfter(2, { jitter: 1, retryAfterMs: null })).toBe(24_000);
  });

  it('is never shorter than somebody asked for', () => {
    expect(pauseAfter(1, { jitter: 1, retryAfterMs: 60_000 })).toBe(60_000);
    expect(pauseAfter(3, { jitter: 0, retryAfterMs: 60_000 })).toBe(120_000);
  });
});

describe('an error as it is kept', () => {
  it.each([
    ['names its kind', new TypeError('no such field'), 'TypeError: no such field'],
    ['holds no NUL, which Postgres cannot store', new Error('a\0b'), 'Error: a\u{fffd}b'],
    ['holds no half character', new Error(`\u{d800}`), 'Error: \u{fffd}'],
    [
      'is cut to 2,000 characters, even through a pair',
      new Error('😀'.repeat(2_000)),
      `Error: ${'😀'.repeat(996)}\u{fffd}`,
    ],
  ])('%s', (_, error, expected) => {
    expect(storableError(error)).toBe(expected);
  });
});
