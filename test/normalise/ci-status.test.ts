import { describe, expect, it } from 'vitest';
import { ciState, ciTrigger } from '../../src/normalise/fields/ci-status.ts';

describe('the state of a run or job', () => {
  it.each([
    ['queued', 'queued'],
    ['requested', 'queued'],
    ['waiting', 'queued'],
    ['pending', 'queued'],
    ['in_progress', 'running'],
    ['a word of next year', 'queued'],
    [null, 'queued'],
  ] as const)('is by its status, while that is %s: %s', (status, expected) => {
    expect(ciState(status, null)).toEqual({ status: expected, conclusion: null, finished: false });
    expect(ciState(status, 'failure')).toEqual({ status: expected, conclusion: null, finished: false });
  });

  it.each([
    ['success', 'succeeded'],
    ['neutral', 'succeeded'],
    ['skipped', 'succeeded'],
    ['failure', 'failed'],
    ['timed_out', 'failed'],
    ['startup_failure', 'failed'],
    ['cancelled', 'canceled'],
    ['stale', 'canceled'],
    ['a word of next year', 'failed'],
    [null, 'failed'],
  ] as const)('is by its conclusion, kept as it is, once completed: %s is %s', (conclusion, expected) => {
    expect(ciState('completed', conclusion)).toEqual({ status: expected, conclusion, finished: true });
  });

  it('waits, unfinished, when somebody has to act first', () => {
    expect(ciState('completed', 'action_required')).toEqual({
      status: 'queued',
      conclusion: 'action_required',
      finished: false,
    });
  });
});

describe('the trigger of a run', () => {
  it.each([
    ['push', 'push'],
    ['pull_request', 'pull_request'],
    ['pull_request_target', 'pull_request'],
    ['workflow_dispatch', 'manual'],
    ['repository_dispatch', 'manual'],
    ['schedule', 'schedule'],
    ['merge_group', 'merge_group'],
    ['release', 'other'],
    ['dynamic', 'other'],
    ['constructor', 'other'],
    [null, 'other'],
  ] as const)('is for the event %s: %s', (event, expected) => {
    expect(ciTrigger(event)).toBe(expected);
  });
});
