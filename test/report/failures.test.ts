import { describe, expect, test } from 'vitest';
import { groupFailures, nameOf } from '../../src/report/failures/failures.ts';
import { deployment, failedJob, job, peerConflict, report, typeError, unknownFailure } from './reports.ts';

const names = (jobs: Parameters<typeof report>[0]) =>
  groupFailures(report(jobs)).map((entry) => [entry.knowledge, ...entry.failed.map(nameOf)]);

describe('groupFailures', () => {
  test('jobs with one fingerprint are one entry, sorted as people sort', () => {
    expect(names({ jobs: [failedJob('node 10'), failedJob('node 8'), job('lint')] })).toEqual([
      ['known', 'node 8', 'node 10'],
    ]);
  });

  test('a deployment that failed with a job is told with it', () => {
    const failed = deployment('production', { status: 'failed', failure: peerConflict() });
    expect(names({ jobs: [failedJob('deploy')], deployments: [failed] })).toEqual([['known', 'deploy', 'production']]);
  });

  test('what is known comes first, graver before lighter, then by pattern and name', () => {
    const of = (fingerprint: string, severity: 'critical' | 'warning') =>
      peerConflict({ fingerprint, pattern: { ...pattern, severity } });
    expect(
      names({
        jobs: [
          failedJob('reading', { failure: null, log_state: 'none' }),
          failedJob('unknown', { failure: unknownFailure() }),
          failedJob('light', { failure: of('1', 'warning') }),
          failedJob('typed', { failure: typeError() }),
          failedJob('grave', { failure: of('2', 'critical') }),
          failedJob('peer'),
          failedJob('lost', { failure: null, log_state: 'missing' }),
          failedJob('other', { failure: null, log_state: 'none', provider: 'github-checks' }),
        ],
      }),
    ).toEqual([
      ['known', 'grave'],
      ['known', 'peer'],
      ['known', 'typed'],
      ['known', 'light'],
      ['unknown', 'unknown'],
      ['no-log', 'lost'],
      ['elsewhere', 'other'],
      ['reading', 'reading'],
    ]);
  });

  test('jobs whose logs are being read are one entry; those without a log stand alone', () => {
    const reading = { failure: null, log_state: 'none' } as const;
    const lost = { failure: null, log_state: 'expired' } as const;
    expect(
      names({ jobs: [failedJob('a', reading), failedJob('b', reading), failedJob('c', lost), failedJob('d', lost)] }),
    ).toEqual([
      ['no-log', 'c'],
      ['no-log', 'd'],
      ['reading', 'a', 'b'],
    ]);
  });

  test('a missing log is said even where a message is known, unless a pattern knows it', () => {
    const failure = unknownFailure({ excerpt: null });
    expect(names({ jobs: [failedJob('a', { failure, log_state: 'missing' })] })).toEqual([['no-log', 'a']]);
    expect(names({ jobs: [failedJob('a', { log_state: 'missing' })] })).toEqual([['known', 'a']]);
  });

  test.each([
    ['the first that has an excerpt', 'npm error', 'b'],
    ['or else the first', null, 'a'],
  ])('the evidence shown is %s', (_, excerpt, expected) => {
    const without = peerConflict({ excerpt: null });
    const jobs = [failedJob('a', { failure: without }), failedJob('b', { failure: peerConflict({ excerpt }) })];
    const [entry] = groupFailures(report({ jobs }));
    expect(entry && nameOf(entry.shown)).toBe(expected);
  });
});

const pattern = peerConflict().pattern ?? expect.fail('the example failure has a pattern');
