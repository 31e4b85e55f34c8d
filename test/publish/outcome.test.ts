import { describe, expect, it } from 'vitest';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { outcomeOfError, outcomeOfMovedHead } from '../../src/publish/outcome.ts';

describe('outcomeOfError', () => {
  it.each([
    { attempts: 1, delay_ms: 5_000 },
    { attempts: 2, delay_ms: 30_000 },
    { attempts: 3, delay_ms: 120_000 },
    { attempts: 4, delay_ms: 600_000 },
    { attempts: 5, delay_ms: 1_800_000 },
    { attempts: 6, delay_ms: 3_600_000 },
    { attempts: 7, delay_ms: 3_600_000 },
    { attempts: 500, delay_ms: 3_600_000 },
  ])('waits $delay_ms ms after failed try $attempts', ({ attempts, delay_ms }) => {
    const outcome = { kind: 'deferred', delay_ms, pause_installation_ms: 0, reason: 'no answer' };
    expect(outcomeOfError(new Transient('no answer'), attempts, 0)).toEqual(outcome);
  });

  it.each([
    { random: 0, delay_ms: 5_000 },
    { random: 1, delay_ms: 4_000 },
  ])('takes up to a fifth off the pause (random $random)', ({ random, delay_ms }) => {
    expect(outcomeOfError(new Transient('no answer'), 1, random)).toMatchObject({ delay_ms });
  });

  it.each([
    { name: 'as long as GitHub says', retryAfterMs: 120_000, delay_ms: 120_000, pause_installation_ms: 120_000 },
    { name: 'a minute at the least', retryAfterMs: 1_000, delay_ms: 5_000, pause_installation_ms: 60_000 },
  ])('holds the installation back $name', ({ retryAfterMs, delay_ms, pause_installation_ms }) => {
    expect(outcomeOfError(new Transient('limit', { retryAfterMs }), 1, 0)).toMatchObject({
      delay_ms,
      pause_installation_ms,
    });
  });

  it.each([
    { name: 'what GitHub rejects', error: new Rejected('locked', { code: 'locked' }) },
    { name: 'what people have to set right', error: new Misconfigured('no permission') },
    { name: 'a mistake of our own', error: new TypeError('x is not a function') },
  ])('parks $name with its message', ({ error }) => {
    expect(outcomeOfError(error, 1, 0.5)).toEqual({ kind: 'parked', reason: error.message });
  });
});

describe('outcomeOfMovedHead', () => {
  it.each([1, 5])('waits 30 seconds on try %i', (attempts) => {
    expect(outcomeOfMovedHead('abc', 'def', attempts)).toEqual({
      kind: 'deferred',
      delay_ms: 30_000,
      pause_installation_ms: 0,
      reason: 'not written: the comment tells of abc, but its head is def',
      isExpected: true,
    });
  });

  it('parks after five waits', () => {
    const reason = 'not written: the comment tells of abc, but there is no such pull request';
    expect(outcomeOfMovedHead('abc', null, 6)).toEqual({ kind: 'parked', reason });
  });
});
