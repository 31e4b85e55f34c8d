import { describe, expect, it } from 'vitest';
import { type Change, collect, type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import type { CriterionVerdict } from '../../src/gate/model/verdict.ts';
import { byItself } from '../../src/gate/trust-pull-request.ts';
import { recordOf } from '../../src/gate/verdict-record.ts';
import { criterion } from './evidence-cases.ts';

const WORKFLOW = '.github/workflows/ci.yml';
const found = {
  repository: { id: 9, owner: 'o', name: 'r', installation_id: 7, default_branch: 'main' },
  pull_request: { number: 1, base_ref: 'main', head_ref: 'x', head_sha: 'a', author: null, is_fork: false },
  version: 'v',
  merge_group: false,
  since: '2026-11-20T12:00:00+00:00',
  sprint: null,
  signals: [
    {
      kind: 'job',
      name: 'lint',
      origin: 'ci.yml',
      workflow_path: WORKFLOW,
      attempt: 1,
      status: 'succeeded',
      conclusion: 'success',
      url: null,
      at: '2026-11-20T12:05:00+00:00',
    },
    {
      kind: 'check',
      name: 'Sonar',
      origin: 'sonarcloud',
      workflow_path: null,
      attempt: 1,
      status: 'succeeded',
      conclusion: 'success',
      url: null,
      at: '-infinity',
    },
  ],
  runs: [
    {
      ci_event_id: 'e1',
      run_id: '1',
      workflow: 'ci.yml',
      workflow_path: WORKFLOW,
      attempt: 1,
      is_over: true,
      is_read: true,
      at: '2026-11-20T12:06:00+00:00',
    },
    {
      ci_event_id: 'e2',
      run_id: '2',
      workflow: 'ci.yml',
      workflow_path: WORKFLOW,
      attempt: 1,
      is_over: true,
      is_read: false,
      at: '2026-11-20T12:07:00+00:00',
    },
  ],
  reports: [
    {
      artifact: 'coverage',
      run_id: '1',
      workflow: 'ci.yml',
      workflow_path: WORKFLOW,
      attempt: 1,
      url: null,
      at: '2026-11-20T12:06:30+00:00',
      content: '{"refused":"it has expired"}',
      is_stale: false,
    },
    {
      artifact: null,
      run_id: '1',
      workflow: 'ci.yml',
      workflow_path: null,
      attempt: 1,
      url: null,
      at: null,
      content: null,
      is_stale: true,
    },
  ],
  overrides: [],
};
const subject = (fork = false): GateSubject =>
  gateSubject.parse({ ...found, pull_request: { ...found.pull_request, is_fork: fork } });
const change = (filename: string, more: Partial<Change['files'][number]> & { complete?: boolean } = {}): Change => {
  const { complete = true, ...fields } = more;
  const file = { filename, previous_filename: null, status: 'modified', additions: 1, patch: '@@ -1 +1,2 @@\n a\n+b' };
  return { files: [{ ...file, ...fields }], complete };
};

describe('what is gathered', () => {
  it('has times in one form, and a time that was never told as the oldest', () => {
    const { since, signals } = collect(subject(), null);
    expect([since, ...signals.map(({ at }) => at)]).toEqual([
      '2026-11-20T12:00:00.000Z',
      '2026-11-20T12:05:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ]);
  });

  it('takes a run whose artifacts are still to be read for one that is not over', () => {
    expect(collect(subject(), null).runs.map(({ is_over }) => is_over)).toEqual([true, false]);
  });

  it('says of a report why it could not be read, also of one whose content is gone', () => {
    expect(collect(subject(), null).reports.map(({ artifact, unreadable }) => [artifact, unreadable])).toEqual([
      ['coverage', 'it has expired'],
      ['', 'what is kept of it is damaged'],
    ]);
  });

  it('knows the changed lines only where GitHub lists all files, and of each only with its patch', () => {
    expect(collect(subject(), change('src/a.ts')).changed_lines).toEqual({ 'src/a.ts': [2] });
    expect(collect(subject(), change('src/a.ts', { complete: false })).changed_lines).toBeNull();
    expect(collect(subject(), change('src/a.ts', { patch: null })).changed_lines).toEqual({ 'src/a.ts': null });
    expect(collect(subject(), null).changed_lines).toBeNull();
  });
});

describe('trust', () => {
  const distrusted = (of: GateSubject, what: Change | null) => {
    const { signals, reports } = collect(of, what);
    return [...signals, ...reports].map(({ distrust }) => distrust !== null);
  };

  it('is given to what comes from the repository itself, whatever it changes', () => {
    expect(distrusted(subject(), change(WORKFLOW))).toEqual([false, false, false, false]);
  });

  it('is given to nothing of GitHub Actions where a fork changes, adds or renames a workflow file, and is to what other Apps say', () => {
    for (const what of [
      change(WORKFLOW),
      change('.github/workflows/another.yml', { status: 'added' }),
      change('b.yml', { previous_filename: WORKFLOW }),
    ]) {
      expect(distrusted(subject(true), what)).toEqual([true, false, true, true]);
      expect(collect(subject(true), what).distrust_of_actions).toContain('changes its workflow files');
    }
    expect(distrusted(subject(true), change('src/a.ts'))).toEqual([false, false, false, false]);
  });

  it('is given to nothing of GitHub Actions where a fork’s changes are not all known, and is to what other Apps say', () => {
    expect(distrusted(subject(true), null)).toEqual([true, false, true, true]);
    expect(distrusted(subject(true), change('src/a.ts', { complete: false }))).toEqual([true, false, true, true]);
  });

  it('is given to no run of before a fork’s pull request had its base', () => {
    const of = (event: string | null) => {
      const former = { ...found.runs[0], workflow: 'label.yml', event, is_former: true };
      const pull_request = { ...found.pull_request, is_fork: true };
      return collect(gateSubject.parse({ ...found, pull_request, runs: [...found.runs, former] }), change('src/a.ts'));
    };
    for (const event of ['pull_request', 'push', 'merge_group', 'unknown', null])
      expect(of(event)).toMatchObject({ distrust_of_actions: expect.any(String), distrusted_workflows: [] });
    for (const event of ['pull_request_target', 'issue_comment', 'an event of next year'])
      expect(of(event)).toMatchObject({ distrust_of_actions: null, distrusted_workflows: [{ workflow: 'label.yml' }] });
  });
});

describe('checks of Apps that a fork configures', () => {
  const status = { ...found.signals[1], kind: 'status', name: 'ci/circleci', origin: '', author: 'Circleci[bot]' };
  const of = (fork: boolean): GateSubject =>
    gateSubject.parse({
      ...found,
      signals: [
        { ...found.signals[1], origin: 'circleci' },
        status,
        { ...status, author: 'octocat' },
        found.signals[1],
      ],
      pull_request: { ...found.pull_request, is_fork: fork },
    });
  const distrusted = (fork: boolean, apps: readonly string[]) =>
    collect(of(fork), change('src/a.ts'), apps).signals.map(({ distrust }) => distrust !== null);

  it('are not trusted on a fork’s pull request where the owner lists them, nor are their statuses', () => {
    expect(distrusted(true, ['circleci'])).toEqual([true, true, false, false]);
    expect(distrusted(true, ['circle'])).toEqual([false, false, false, false]);
    expect(distrusted(true, [])).toEqual([false, false, false, false]);
  });

  it('are trusted on others', () => {
    expect(distrusted(false, ['circleci'])).toEqual([false, false, false, false]);
  });
});

describe('the workflow of a run', () => {
  const of = (fields: object) =>
    collect(gateSubject.parse({ ...found, signals: [{ ...found.signals[0], ...fields }] }), null).signals[0];

  it.each(['pull_request', 'push', 'merge_group'])('is one of the pull request’s own when it ran for %s', (event) => {
    expect(of({ event })).toMatchObject({ is_unknown: false, foreign_event: null });
  });

  it.each([
    'pull_request_target',
    'issue_comment',
    'workflow_run',
    'schedule',
    'workflow_dispatch',
    'repository_dispatch',
    'workflow_call',
    'pull_request_review',
    'dynamic',
    'unknown',
    'an event of next year',
    '',
  ])('is a foreign one when it ran for %j', (event) => {
    expect(of({ event })).toMatchObject({ is_unknown: false, foreign_event: event });
  });

  it('is not known before GitHub has told of the run', () => {
    expect(of({ workflow_path: null, event: null })).toMatchObject({ is_unknown: true });
    expect(of({ workflow_path: WORKFLOW, event: null })).toMatchObject({ is_unknown: true });
  });
});

describe('the record of a verdict', () => {
  const verdict = (fields: Partial<CriterionVerdict> = {}): CriterionVerdict => ({
    criterion: criterion('coverage_min'),
    state: 'pass',
    measured: 0.9,
    sources: [],
    reason: '9 of 10 lines',
    fail_codes: [],
    waits: null,
    ...fields,
  });
  const record = (...criteria: CriterionVerdict[]) =>
    recordOf({ state: 'pass', criteria }, byItself(subject()), 'a') as Record<string, unknown>;

  it('names what it rests on: the version, every run, and the run that moved last', () => {
    expect(record()).toMatchObject({
      repository_id: 9,
      pull_request_number: 1,
      commit_sha: 'a',
      sprint_id: null,
      version: 'v',
      ci_run_id: '2',
      ci_event_ids: ['e1', 'e2'],
      criteria: [],
    });
  });

  it('has one gate a criterion, in order, with the newest attempt of its sources', () => {
    const source = { kind: 'job', name: 'x', url: null } as const;
    const sources = [1, 3, 2].map((attempt) => ({ ...source, attempt }));
    const failed = verdict({
      criterion: criterion('lint_pass'),
      state: 'fail',
      measured: null,
      fail_codes: ['LINT_FAILED'],
      sources,
    });
    expect(record(verdict(), failed).criteria).toMatchObject([
      {
        gate_id: 'coverage_min',
        gate_name: 'coverage',
        gate_order: 1,
        status: 'passed',
        attempt_number: 1,
        fail_codes: [],
      },
      { gate_id: 'lint_pass', gate_order: 2, status: 'failed', attempt_number: 3, fail_codes: ['LINT_FAILED'] },
    ]);
  });

  it.each(['pending', 'missing', 'error', 'overridden'] as const)('%s is no pass, and stays what it is', (state) => {
    const results = [
      { type: 'coverage_min', threshold: 0.8, measured: 0.9, passed: false, reason: '9 of 10 lines', sources: [] },
    ];
    expect(record(verdict({ state })).criteria).toMatchObject([{ status: state, validation_results: results }]);
  });

  it('keeps what to do about what cannot be evaluated, for who asks later', () => {
    const missing = record(verdict({ state: 'missing', remedy: 'add a job' })).criteria;
    expect(missing).toMatchObject([{ validation_results: [{ remedy: 'add a job' }] }]);
    expect(JSON.stringify(record(verdict()).criteria)).not.toContain('remedy');
  });

  it('has names that fit, however long a flag is', () => {
    const flag = 'f'.repeat(600);
    const long = criterion('coverage_min', { id: `coverage_min.flags.${flag}`, scope: { kind: 'flag', flag } });
    const [gate] = record(verdict({ criterion: long })).criteria as { gate_id: string; gate_name: string }[];
    expect([gate?.gate_id.length, gate?.gate_name.length]).toEqual([200, 500]);
  });
});
