// What is told of the usual criteria where no Definition of Done asks for any.

import { describe, expect, it } from 'vitest';
import { type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import { informationOf } from '../../src/gate/information.ts';

const NOW = '2026-11-20T13:00:00.000Z';
const signal = (name: string, fields: object = {}) => ({
  kind: 'job',
  name,
  origin: 'ci.yml',
  workflow_path: '.github/workflows/ci.yml',
  attempt: 1,
  status: 'succeeded',
  conclusion: 'success',
  url: null,
  at: '2026-11-20T12:05:00+00:00',
  ...fields,
});
const lines = { covered: [1, 2, 3], uncovered: [4] };
const coverage = {
  kind: 'coverage',
  format: 'lcov',
  files: [{ path: 'src/shop.ts', covered: 3, total: 4, line_hits: lines }],
};
const report = (fields: object = {}) => ({
  artifact: 'coverage',
  run_id: '1',
  workflow: 'ci.yml',
  workflow_path: '.github/workflows/ci.yml',
  attempt: 1,
  url: null,
  at: '2026-11-20T12:06:00+00:00',
  content: JSON.stringify({ reports: [{ path: 'lcov.info', measurement: coverage }] }),
  is_stale: false,
  ...fields,
});
const run = {
  ci_event_id: 'e1',
  run_id: '1',
  workflow: 'ci.yml',
  workflow_path: '.github/workflows/ci.yml',
  attempt: 1,
  is_over: true,
  is_read: false,
  at: '2026-11-20T12:06:00+00:00',
};

function subject(fields: object = {}, isFork = false): GateSubject {
  return gateSubject.parse({
    repository: { id: 9, owner: 'o', name: 'r', installation_id: 7, default_branch: 'main' },
    pull_request: { number: 1, base_ref: 'main', head_ref: 'x', head_sha: 'a', author: null, is_fork: isFork },
    version: 'v',
    merge_group: false,
    since: '2026-11-20T12:00:00+00:00',
    sprint: null,
    signals: [],
    runs: [],
    reports: [],
    overrides: [],
    ...fields,
  });
}
const found = (fields: object, isFork = false) =>
  informationOf(subject(fields, isFork), NOW).map(({ id, state, measured, threshold }) => [
    id,
    state,
    measured,
    threshold,
  ]);

describe('without a Definition of Done', () => {
  it('the five usual criteria are told, measured or not, and none has a threshold', () => {
    const signals = [signal('lint'), signal('tsc', { status: 'failed', conclusion: 'failure' })];
    expect(found({ signals, runs: [run], reports: [report()] })).toEqual([
      ['lint_pass', 'pass', null, null],
      ['type_check', 'fail', null, null],
      ['coverage_min', 'pass', 0.75, null],
      ['e2e_pass', 'pending', null, null],
      ['lighthouse_min', 'pending', null, null],
    ]);
  });

  it('nothing is told while nothing is measured', () => {
    expect(found({ signals: [signal('build')], runs: [run] })).toEqual([]);
  });

  it('a fork is told of like any other, for nothing rests on it', () => {
    expect(found({ signals: [signal('lint')] }, true)[0]).toEqual(['lint_pass', 'pass', null, null]);
  });

  it('an override has nothing to override', () => {
    const overrides = [{ criterion: 'all', by: 'octocat', reason: 'because', expires_at: null }];
    const signals = [signal('lint', { status: 'failed', conclusion: 'failure' })];
    expect(found({ signals, overrides })[0]).toEqual(['lint_pass', 'fail', null, null]);
  });
});
