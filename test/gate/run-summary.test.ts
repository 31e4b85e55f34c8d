// What was measured on a commit, in document 001's shape.

import { describe, expect, it } from 'vitest';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import { evaluateSubject } from '../../src/gate/evaluate-head.ts';
import { runSummary } from '../../src/gate/run-summary.ts';
import { policySchema } from '../../src/policy/schema/policy.ts';

const NOW = '2026-11-30T12:00:00.000Z';
const tests = (format: string, given: object = {}) => ({
  ...{ kind: 'tests', format, passed: 3, failed: 0, skipped: 0, errored: 0, flaky: 0, duration_ms: null },
  ...{ cases: [], cases_omitted: 0, remarks: [], ...given },
});
const coverage = (covered: number, total: number) => ({
  ...{ kind: 'coverage', format: 'lcov', counted: 'lines', totals: {}, remarks: [] },
  files: [{ path: 'a.ts', covered, total, line_hits: null }],
});
const lighthouse = (score: number | null) => ({
  ...{ kind: 'lighthouse', format: 'lighthouse', remarks: [], lowest: [] },
  pages: [{ url: 'https://example.test', runs: 1, scores: [{ category: 'performance', score }] }],
});
const summary = {
  ...{ kind: 'summary', format: 'summary', status: 'PASSED', lighthouse_score: 92, artifacts: [], duration_ms: null },
  tests: [
    { suite: 'python', passed: 3, failed: 0, coverage_ratio: 0.85 },
    { suite: 'e2e', passed: 2, failed: 0, coverage_ratio: null },
  ],
  remarks: [],
};

const names = { whole: ['a', 'b', 'c'], own: ['a', 'b', 'c'] };

function summaryOf(
  artifacts: Readonly<Record<string, readonly object[]>>,
  { dod = {}, report = {}, run = {}, pull_request = {} }: Record<string, object> = {},
) {
  const ofRun = { run_id: '1', workflow: 'ci.yml', workflow_path: '.github/workflows/ci.yml', attempt: 1, at: NOW };
  const subject = gateSubject.parse({
    repository: { id: 1, owner: 'o', name: 'r', installation_id: 1, default_branch: 'main' },
    pull_request: {
      ...{ number: 1, base_ref: 'main', head_ref: 'b', head_sha: 'a', author: 'x', is_fork: false, ...pull_request },
    },
    ...{ version: 'v', merge_group: false, since: NOW, sprint: null, signals: [], overrides: [] },
    runs: [{ ...ofRun, ci_event_id: 'e', event: 'pull_request', is_over: true, is_read: true, ...run }],
    reports: Object.entries(artifacts).map(([artifact, measurements]) => ({
      ...{ ...ofRun, event: 'pull_request', artifact, url: null, is_stale: false },
      content: JSON.stringify({ reports: measurements.map((measurement) => ({ path: 'p', measurement })) }),
      ...report,
    })),
  });
  const circumstances = { change: null, now: NOW };
  return runSummary(subject, evaluateSubject(subject, policySchema.parse({ dod }), circumstances), circumstances);
}

describe('the summary of a run', () => {
  it('has each key from what was measured', () => {
    const reports = {
      junit: [tests('junit', { failed: 1, errored: 1, skipped: 2 })],
      // Both tell of the same tests.
      'playwright-report': [tests('playwright', { names }), tests('junit', { names })],
      coverage: [coverage(85, 100)],
      lighthouse: [lighthouse(92)],
    };
    const wanted = {
      tests: {
        unit: { passed: 3, failed: 2, skipped: 2, coverage: 0.85 },
        e2e: { passed: 3, failed: 0, skipped: 0, coverage: null },
      },
      lighthouse: { score: 92 },
      artifacts: ['coverage', 'junit', 'lighthouse', 'playwright-report'],
    };
    expect(summaryOf(reports)).toEqual(wanted);
    expect(summaryOf(reports, { dod: { coverage_min: 0.8, lighthouse_min: 90, e2e_pass: true } })).toEqual(wanted);
  });

  it('is null where nothing was measured, never zero', () => {
    expect(summaryOf({})).toEqual({ tests: null, lighthouse: null, artifacts: [] });
    expect(summaryOf({}, { run: { is_read: false } })).toEqual({ tests: null, lighthouse: null, artifacts: null });
    expect(summaryOf({ coverage: [coverage(1, 2)] }).tests).toEqual({
      unit: { passed: null, failed: null, skipped: null, coverage: 0.5 },
    });
    expect(summaryOf({ coverage: [coverage(0, 0)] }).tests).toBeNull();
  });

  it('adds up the artifacts of a suite', () => {
    const { tests: suites } = summaryOf({
      'e2e-1': [tests('playwright')],
      'e2e-2': [tests('playwright', { failed: 1 })],
    });
    expect(suites).toEqual({ e2e: { passed: 6, failed: 1, skipped: 0, coverage: null } });
  });

  it('keeps the suites that a summary of that shape names', () => {
    expect(summaryOf({ summary: [summary] })).toEqual({
      tests: {
        python: { passed: 3, failed: 0, skipped: null, coverage: 0.85 },
        e2e: { passed: 2, failed: 0, skipped: null, coverage: null },
      },
      lighthouse: { score: 92 },
      artifacts: ['summary'],
    });
  });

  it.each<[string, Record<string, object>]>([
    ['stale', { report: { is_stale: true } }],
    ['of a workflow that is not the pull request’s own', { report: { event: 'schedule' } }],
    ['of a workflow that GitHub has not told', { report: { workflow_path: null } }],
    ['of a fork whose files nobody knows', { pull_request: { is_fork: true } }],
  ])('leaves out what is %s', (_, given) => {
    expect(summaryOf({ junit: [tests('junit')], coverage: [coverage(1, 2)] }, given)).toMatchObject({ tests: null });
  });

  it('holds nothing that Postgres can not keep', () => {
    const [suite] = summary.tests;
    const odd = { ...summary, tests: [{ ...suite, suite: 'a\u0000b\ud800' }] };
    expect(Object.keys(summaryOf({ summary: [odd] }).tests ?? {})).toEqual(['a b\ufffd']);
  });
});
