import { expect, test } from 'vitest';
import type { PullRequestReport } from '../../src/model/pull-request.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { renderComment } from '../../src/report/comment.ts';
import { hashOf } from '../../src/report/publication-hash.ts';
import { failedJob, job, report } from './reports.ts';

const hashes = (input: PullRequestReport) =>
  [renderComment(input), renderCheckRun(input, { name: 'CodeRed' })].map((desired) => desired && hashOf(desired));
const red = { jobs: [failedJob('a')] };

test.each(['2027-01-01T00:00:00Z', '2026-11-20T13:58:01.5+00:00', null])(
  'the order stamp %j does not change it',
  (as_of) => {
    expect(hashes(report({ ...red, as_of }))).toEqual(hashes(report(red)));
  },
);

test('job times do not change it', () => {
  const jobs = [failedJob('a', { started_at: null, completed_at: '2027-01-01T00:00:00Z' })];
  expect(hashes(report({ jobs }))).toEqual(hashes(report(red)));
});

test.each<[string, PullRequestReport]>([
  ['another state', report({ jobs: [job('a')] })],
  ['another name', report({ jobs: [failedJob('b')] })],
  ['another commit', report({ ...red, pull_request: { ...report().pull_request, head_sha: 'b'.repeat(40) } })],
])('%s changes it', (_, input) => {
  const [comment, checkRun] = hashes(report(red));
  expect(hashes(input)[0]).not.toBe(comment);
  expect(hashes(input)[1]).not.toBe(checkRun);
});

test('every field that GitHub shows counts', () => {
  const run = renderCheckRun(report(red), { name: 'CodeRed' }) ?? expect.fail();
  const comment = renderComment(report(red));
  const annotation = {
    path: 'a',
    start_line: 1,
    end_line: 1,
    annotation_level: 'notice',
    title: 't',
    message: 'm',
  } as const;
  const variants = [
    comment,
    { ...comment, may_create: false },
    { ...comment, body: `${comment.body} ` },
    { ...comment, pull_request_number: 7 },
    run,
    { ...run, name: 'x' },
    { ...run, status: 'queued' as const },
    { ...run, conclusion: 'neutral' as const },
    { ...run, title: 'x' },
    { ...run, summary: 'x' },
    { ...run, annotations: [annotation] },
    { ...run, annotations: [{ ...annotation, message: 'n' }] },
  ];
  expect(new Set(variants.map(hashOf)).size).toBe(variants.length);
  expect(hashOf(run)).toMatch(/^[0-9a-f]{64}$/);
});

test('the order of the fields does not matter', () => {
  const { body, kind, ...rest } = renderComment(report(red));
  expect(hashOf({ body, ...rest, kind })).toBe(hashOf(renderComment(report(red))));
});
