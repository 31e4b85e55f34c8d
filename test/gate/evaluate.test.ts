// The judge: every state of every criterion, and the nine rules that stand above src/gate/evaluate.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import type { CriterionVerdict } from '../../src/gate/model/verdict.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import {
  artifact,
  commit,
  coverage,
  criterion,
  FAILED,
  file,
  job,
  NOW,
  RUNNING,
  run,
  tests,
} from './evidence-cases.ts';

const LATE = '2026-11-20T13:30:00.000Z';

function verdictFor(one: Criterion, model: EvidenceModel, now = NOW): CriterionVerdict {
  const [verdict] = evaluate(model, { criteria: [one], deadline_minutes: 60, now }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

const score = (performance: number) => ({ kind: 'lighthouse', scores: { performance } }) as const;
const lint = (errors: number) => ({ kind: 'findings', about: 'lint', errors }) as const;
const types = (errors: number) => ({ kind: 'findings', about: 'types', errors }) as const;

describe('a criterion', () => {
  it.each<[string, Criterion, Partial<EvidenceModel>, Partial<CriterionVerdict>]>([
    ['lint: the job passed', criterion('lint_pass'), { signals: [job('lint')] }, { state: 'pass' }],
    [
      'lint: the job failed',
      criterion('lint_pass'),
      { signals: [job('lint', FAILED)] },
      { state: 'fail', fail_codes: ['LINT_FAILED'] },
    ],
    ['lint: the job runs', criterion('lint_pass'), { signals: [job('lint', RUNNING)] }, { state: 'pending' }],
    ['lint: no job', criterion('lint_pass'), { signals: [job('unit')] }, { state: 'pending' }],
    [
      'lint: a green job and a report with errors',
      criterion('lint_pass'),
      { signals: [job('lint')], reports: [artifact('eslint', [lint(2)])] },
      { state: 'fail', reason: '2 errors found' },
    ],
    ['types: the job passed', criterion('type_check'), { signals: [job('typecheck')] }, { state: 'pass' }],
    [
      'types: a report with errors',
      criterion('type_check'),
      { reports: [artifact('tsc', [types(1)])] },
      { state: 'fail', fail_codes: ['TYPE_ERRORS'], reason: '1 error found' },
    ],
    [
      'types: a report without errors',
      criterion('type_check'),
      { reports: [artifact('tsc', [types(0)])] },
      { state: 'pass' },
    ],
    [
      'coverage: enough',
      criterion('coverage_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10))])] },
      { state: 'pass', measured: 0.8, reason: '8 of 10 lines' },
    ],
    [
      'coverage: too little by a hair',
      criterion('coverage_min'),
      { reports: [artifact('cov', [coverage(file('a', 7999, 10000, { bare: true }))])] },
      { state: 'fail', measured: 0.7999, fail_codes: ['COVERAGE_BELOW_MIN'] },
    ],
    [
      'coverage: no lines',
      criterion('coverage_min'),
      { reports: [artifact('cov', [coverage()])] },
      { state: 'error', measured: null, fail_codes: ['NOTHING_MEASURED'] },
    ],
    [
      'coverage: a green job is no figure',
      criterion('coverage_min'),
      { signals: [job('coverage')] },
      { state: 'pending' },
    ],
    [
      'coverage: of a path',
      criterion('coverage_min', { scope: { kind: 'path', glob: 'src/**', work: 1_000_000 } }),
      { reports: [artifact('cov', [coverage(file('src/a', 9, 10), file('lib/b', 0, 90))])] },
      { state: 'pass', measured: 0.9 },
    ],
    [
      'coverage: of a flag',
      criterion('coverage_min', { scope: { kind: 'flag', flag: 'unit' } }),
      {
        reports: [
          artifact('coverage-unit', [coverage(file('a', 9, 10))]),
          artifact('coverage-e2e', [coverage(file('a', 1, 10))]),
        ],
      },
      { state: 'pass', measured: 0.9 },
    ],
    [
      'coverage: two parts of one suite',
      criterion('coverage_min'),
      {
        reports: [
          artifact('c1', [coverage(file('a', 5, 10))]),
          artifact('c2', [
            coverage({ path: 'a', covered: 5, total: 10, lines: { run: [6, 7, 8, 9, 10], missed: [1, 2, 3, 4, 5] } }),
          ]),
        ],
      },
      { state: 'pass', measured: 1 },
    ],
    [
      'coverage: two that disagree',
      criterion('coverage_min'),
      {
        reports: [
          artifact('c1', [coverage(file('a', 9, 10, { bare: true }))]),
          artifact('c2', [coverage(file('a', 2, 10, { bare: true }))]),
        ],
      },
      { state: 'error', fail_codes: ['ARTIFACTS_DISAGREE'] },
    ],
    [
      'coverage: unreadable',
      criterion('coverage_min', { source: { artifact: 'cov' } }),
      { reports: [artifact('cov', [], { unreadable: 'it is cut off' })] },
      {
        state: 'error',
        fail_codes: ['ARTIFACT_UNREADABLE'],
        reason: 'artifact cov can’t be read: it is cut off'.replace('’', "'"),
      },
    ],
    [
      'coverage: an artifact without such a report',
      criterion('coverage_min', { source: { artifact: 'cov' } }),
      { reports: [artifact('cov', [tests(1)])] },
      { state: 'error', fail_codes: ['ARTIFACT_UNREADABLE'] },
    ],
    [
      'changed lines: enough',
      criterion('coverage_diff_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10))])], changed_lines: { a: [1, 2, 3, 4, 9] } },
      { state: 'pass', measured: 0.8 },
    ],
    [
      'changed lines: too little',
      criterion('coverage_diff_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10))])], changed_lines: { a: [8, 9] } },
      { state: 'fail', measured: 0.5 },
    ],
    [
      'changed lines: none that tests can run',
      criterion('coverage_diff_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10))])], changed_lines: { 'README.md': [1] } },
      { state: 'pass', measured: null },
    ],
    [
      'changed lines: a report without lines',
      criterion('coverage_diff_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10, { bare: true }))])], changed_lines: { a: [1] } },
      { state: 'error', fail_codes: ['NOTHING_MEASURED'] },
    ],
    [
      'changed lines: unknown',
      criterion('coverage_diff_min'),
      { reports: [artifact('cov', [coverage(file('a', 8, 10))])] },
      { state: 'error', fail_codes: ['EVIDENCE_MISSING'] },
    ],
    [
      'e2e: passed',
      criterion('e2e_pass'),
      { reports: [artifact('playwright-report', [tests(3)])] },
      { state: 'pass', reason: '3 passed' },
    ],
    [
      'e2e: one failed',
      criterion('e2e_pass'),
      { reports: [artifact('playwright-report', [tests(3, 1)])] },
      { state: 'fail', fail_codes: ['TESTS_FAILED'] },
    ],
    [
      'e2e: none ran',
      criterion('e2e_pass'),
      { reports: [artifact('playwright-report', [tests(0)])] },
      { state: 'fail', fail_codes: ['NO_TESTS_RUN'] },
    ],
    [
      'e2e: all skipped',
      criterion('e2e_pass'),
      { reports: [artifact('playwright-report', [tests(0, 0, 4)])] },
      { state: 'fail', fail_codes: ['NO_TESTS_RUN'], reason: 'all 4 tests were skipped' },
    ],
    [
      'e2e: passed, with what was tried again and what was left out',
      criterion('e2e_pass'),
      { reports: [artifact('e2e', [{ kind: 'tests', passed: 12, failed: 0, skipped: 2, is_e2e: true, flaky: 1 }])] },
      { state: 'pass', reason: '12 passed, 1 flaky, 2 skipped' },
    ],
    [
      'e2e: some were counted and not listed',
      criterion('e2e_pass'),
      { reports: [artifact('e2e', [{ kind: 'tests', passed: 4, failed: 6, skipped: 0, is_e2e: true, unshown: 5 }])] },
      {
        state: 'fail',
        reason: '6 failed (5 of them counted but not listed: the run may have broken off), 4 passed',
      },
    ],
    [
      'lint: nothing but warnings',
      criterion('lint_pass'),
      {
        reports: [
          artifact('lint', [
            { ...lint(0), warnings: 2 },
            { ...lint(0), warnings: 1 },
          ]),
        ],
      },
      { state: 'pass', reason: 'no error found, 3 warnings' },
    ],
    [
      'lighthouse: the median run of a page',
      criterion('lighthouse_min'),
      { reports: [artifact('lhci', [{ kind: 'lighthouse', scores: { performance: 90 }, runs: 3 }])] },
      { state: 'pass', reason: 'performance, the median of 3 runs' },
    ],
    [
      'lighthouse: the lowest page by its median run',
      criterion('lighthouse_min'),
      {
        reports: [
          artifact('lhci', [
            { kind: 'lighthouse', scores: { performance: 90 }, runs: 3 },
            { kind: 'lighthouse', scores: { performance: 20 }, runs: 3 },
          ]),
        ],
      },
      { state: 'fail', reason: 'performance, the lowest of 2 pages, each by its median run' },
    ],
    [
      'e2e: unit tests are none',
      criterion('e2e_pass'),
      { reports: [artifact('junit', [{ kind: 'tests', passed: 9, failed: 0, skipped: 0, is_e2e: false }])] },
      { state: 'pending' },
    ],
    [
      'Lighthouse: enough',
      criterion('lighthouse_min'),
      { reports: [artifact('lhci', [score(85)])] },
      { state: 'pass', measured: 85 },
    ],
    [
      'Lighthouse: the lowest page counts',
      criterion('lighthouse_min'),
      { reports: [artifact('lhci', [score(99), score(84)])] },
      { state: 'fail', measured: 84, fail_codes: ['LIGHTHOUSE_BELOW_MIN'] },
    ],
    [
      'Lighthouse: no such category',
      criterion('lighthouse_min', { scope: { kind: 'category', category: 'seo' } }),
      { reports: [artifact('lhci', [score(99)])] },
      { state: 'error', fail_codes: ['NOTHING_MEASURED'] },
    ],
  ])('%s', (_, one, fields, expected) => {
    expect(verdictFor(one, commit(fields))).toMatchObject(expected);
  });

  it.each([
    [{ job: 'check' }, job('check'), 'pass'],
    [{ job: 'check' }, job('check (node 24)', FAILED), 'fail'],
    [{ job: 'check' }, job('shared / check', FAILED), 'fail'],
    [{ job: 'check' }, job('check-all'), 'pending'],
    [{ job: 'check', workflow: 'ci.yml' }, job('check', { origin: 'evil.yml' }), 'pending'],
    [{ check: 'circle' }, job('circle', { kind: 'check', origin: 'circleci' }), 'pass'],
    [{ check: 'circle', app: 'circleci' }, job('circle', { kind: 'check', origin: 'evil' }), 'pending'],
    [{ status: 'ci/build' }, job('ci/build', { kind: 'status', origin: '' }), 'pass'],
    [{ status: 'ci/build' }, job('ci/build'), 'pending'],
  ] as const)('from %j with %o is %s', (source, signal, state) => {
    expect(verdictFor(criterion('lint_pass', { source }), commit({ signals: [signal] })).state).toBe(state);
  });
});

describe('rule by rule', () => {
  it('2: what may still change is pending, whatever it says now', () => {
    const reports = [artifact('cov', [coverage(file('a', 10, 10))])];
    expect(
      verdictFor(criterion('coverage_min'), commit({ reports, runs: [run({ attempt: 2, is_over: false })] })).state,
    ).toBe('pending');
  });

  it('3: pending tells since when and until when, and past that it is missing', () => {
    const pending = verdictFor(criterion('lint_pass'), commit());
    expect(pending.waits).toEqual({ since: '2026-11-20T12:06:00.000Z', until: '2026-11-20T13:06:00.000Z' });
    const late = verdictFor(criterion('lint_pass'), commit(), LATE);
    expect(late).toMatchObject({ state: 'missing', fail_codes: ['EVIDENCE_MISSING'], waits: null });
    expect(late.reason).toBe('not received within 60 minutes: a job or check named for a linter');
  });

  it.each(['skipped', 'neutral', 'cancelled', 'stale'] as const)(
    '4: %s is missing, unless the policy accepts it',
    (conclusion) => {
      const status = conclusion === 'cancelled' || conclusion === 'stale' ? 'canceled' : 'succeeded';
      const signals = [job('lint', { status, conclusion })];
      const source = { job: 'lint' };
      expect(verdictFor(criterion('lint_pass', { source }), commit({ signals }))).toMatchObject({
        state: 'missing',
        fail_codes: ['NO_VERDICT'],
      });
      const accepting = criterion('lint_pass', { source: { ...source, accept: [conclusion] } });
      expect(verdictFor(accepting, commit({ signals })).state).toBe('pass');
    },
  );

  it('5: of a matrix the worst counts', () => {
    const signals = [job('lint (a)'), job('lint (b)', FAILED), job('lint (c)', RUNNING)];
    const verdict = verdictFor(criterion('lint_pass', { source: { job: 'lint' } }), commit({ signals }));
    expect(verdict).toMatchObject({ state: 'fail', sources: [{ name: 'lint (b)' }] });
  });

  const WHY = 'this pull request comes from a fork and changes its workflow files';
  it.each([
    ['by name', null],
    ['named', { job: 'lint' }],
    ['named with its workflow', { job: 'lint', workflow: 'ci.yml' }],
  ])('6: what is not trusted is an error, found %s, whatever else there is', (_, source) => {
    const one = criterion('lint_pass', { source });
    const untrusted = job('lint', { distrust: WHY });
    for (const others of [[], [job('lint')], [job('lint', FAILED)], [job('lint', RUNNING)]]) {
      for (const signals of [
        [untrusted, ...others],
        [...others, untrusted],
        [...others, { ...untrusted, ...RUNNING }],
        [...others, { ...untrusted, ...FAILED }],
      ]) {
        expect(verdictFor(one, commit({ signals }))).toMatchObject({
          state: 'error',
          fail_codes: ['EVIDENCE_NOT_TRUSTED'],
          reason: `job lint does not count: ${WHY}; a maintainer has to look`,
          sources: [{ kind: 'job', name: 'lint' }],
        });
      }
    }
  });

  it('6: a report that is not trusted is an error beside one that is, and beside a green job', () => {
    const good = artifact('coverage-20', [coverage(file('a', 10, 10))]);
    const reports = [good, { ...good, artifact: 'coverage-22', distrust: WHY }];
    expect(verdictFor(criterion('coverage_min'), commit({ reports }))).toMatchObject({
      state: 'error',
      sources: [{ name: 'coverage-22' }],
    });
    const lints = [artifact('eslint', [lint(0)], { distrust: WHY })];
    expect(verdictFor(criterion('lint_pass'), commit({ signals: [job('lint')], reports: lints })).state).toBe('error');
  });

  it.each([
    ['coverage_min', 'coverage-node-20', coverage(file('a', 10, 10))],
    ['coverage_diff_min', 'lcov', coverage(file('a', 10, 10))],
    ['lighthouse_min', 'lighthouse', score(99)],
  ] as const)('5: of %s a part that can’t be read (%s) is not left out, found by name', (key, name, measured) => {
    const good = artifact('all', [measured]);
    const broken = artifact(name, [], { unreadable: 'the archive is damaged' });
    const model = commit({ reports: [good, broken], changed_lines: { a: [1] } });
    expect(verdictFor(criterion(key), model)).toMatchObject({ state: 'error', fail_codes: ['ARTIFACT_UNREADABLE'] });
    const another = { ...broken, artifact: 'site' };
    expect(verdictFor(criterion(key), { ...model, reports: [good, another] }).state).toBe('pass');
  });

  it('6: where GitHub Actions is not trusted, a criterion that may rest on it is an error though nothing of it is there', () => {
    const check = job('eslint', { kind: 'check', origin: 'lintbot' });
    const model = commit({ signals: [check], distrust_of_actions: WHY });
    expect(verdictFor(criterion('lint_pass'), model)).toMatchObject({
      state: 'error',
      reason: `nothing that GitHub Actions says counts: ${WHY}; a maintainer has to look`,
    });
    expect(verdictFor(criterion('coverage_min', { source: { artifact: 'coverage' } }), model).state).toBe('error');
    expect(verdictFor(criterion('lint_pass', { source: { job: 'lint' } }), model).state).toBe('error');
    expect(verdictFor(criterion('lint_pass', { source: { check: 'eslint' } }), model).state).toBe('pass');
    const given = { criterion: 'all', by: 'octocat', reason: 'looked', expires_at: null };
    expect(verdictFor(criterion('lint_pass'), { ...model, overrides: [given] }).state).toBe('overridden');
  });

  it('6: where a workflow is not trusted, a criterion that names it is an error though nothing of it is there; others are not', () => {
    const model = commit({
      signals: [job('lint')],
      reports: [artifact('coverage', [coverage(file('a', 10, 10))])],
      distrusted_workflows: [{ workflow: 'title.yml', why: WHY }],
    });
    const lints = (source: Criterion['source']) => verdictFor(criterion('lint_pass', { source }), model);
    for (const workflow of ['title.yml', '.github/workflows/title.yml'])
      for (const one of ['Lint PR title', 'lint'])
        expect(lints({ job: one, workflow })).toMatchObject({
          state: 'error',
          fail_codes: ['EVIDENCE_NOT_TRUSTED'],
          reason: `nothing that ${workflow} says counts: ${WHY}; a maintainer has to look`,
        });
    const covers = (source: Criterion['source']) => verdictFor(criterion('coverage_min', { source }), model).state;
    expect(covers({ artifact: 'coverage', workflow: 'title.yml' })).toBe('error');
    expect([covers(null), covers({ artifact: 'coverage' })]).toEqual(['pass', 'pass']);
    expect([lints(null).state, lints({ job: 'lint' }).state]).toEqual(['pass', 'pass']);
    expect(lints({ job: 'lint', workflow: 'ci.yml' }).state).toBe('pass');
  });

  it('7: what GitHub has not told the workflow of is waited for, whatever it says, and is missing past the deadline', () => {
    const signals = [job('lint'), job('lint', { origin: '', is_unknown: true })];
    for (const source of [null, { job: 'lint' }, { job: 'lint', workflow: 'ci.yml' }]) {
      const one = criterion('lint_pass', { source });
      expect(verdictFor(one, commit({ signals }))).toMatchObject({
        state: 'pending',
        reason: 'GitHub has not told yet which workflow job lint is of',
      });
      expect(verdictFor(one, commit({ signals }), LATE).state).toBe('missing');
    }
    const good = artifact('coverage', [coverage(file('a', 10, 10))]);
    const reports = [good, { ...good, workflow: '', is_unknown: true }];
    for (const source of [null, { artifact: 'coverage' }, { artifact: 'coverage', workflow: 'ci.yml' }])
      expect(verdictFor(criterion('coverage_min', { source }), commit({ reports })).state).toBe('pending');
  });

  describe('what ran for another event', () => {
    const title = job('Lint PR title', { origin: 'title.yml', foreign_event: 'pull_request_target' });

    it('counts for nothing by its name, green or red', () => {
      for (const signals of [[title], [{ ...title, ...FAILED }]]) {
        expect(verdictFor(criterion('lint_pass'), commit({ signals }))).toMatchObject({
          state: 'pending',
          reason:
            'waiting for a job or check named for a linter; job Lint PR title ran for pull_request_target, and counts only where the policy names its workflow',
        });
        expect(verdictFor(criterion('lint_pass'), commit({ signals }), LATE).state).toBe('missing');
      }
      expect(verdictFor(criterion('lint_pass'), commit({ signals: [title, job('lint', FAILED)] })).state).toBe('fail');
      expect(
        verdictFor(criterion('lint_pass'), commit({ signals: [{ ...title, ...FAILED }, job('lint')] })).state,
      ).toBe('pass');
    });

    it('is said in words of its own where nobody knows the event any more', () => {
      const signals = [job('lint', { foreign_event: 'unknown' })];
      expect(verdictFor(criterion('lint_pass'), commit({ signals }))).toMatchObject({
        state: 'pending',
        reason:
          'waiting for a job or check named for a linter; what set job lint’s run off was not kept before an upgrade; run it again',
      });
    });

    it('counts where the policy names its workflow, and not where it names the job alone', () => {
      const signals = [title];
      const verdict = (source: Criterion['source']) =>
        verdictFor(criterion('lint_pass', { source }), commit({ signals })).state;
      expect(verdict({ job: 'Lint PR title' })).toBe('pending');
      expect(verdict({ job: 'Lint PR title', workflow: 'ci.yml' })).toBe('pending');
      expect(verdict({ job: 'Lint PR title', workflow: 'title.yml' })).toBe('pass');
      expect(verdict({ job: 'Lint PR title', workflow: '.github/workflows/title.yml' })).toBe('pass');
    });

    it('is no measurement either', () => {
      const report = artifact('coverage', [coverage(file('a', 10, 10))], {
        workflow: 'title.yml',
        foreign_event: 'workflow_run',
      });
      const verdict = (source: Criterion['source']) =>
        verdictFor(criterion('coverage_min', { source }), commit({ reports: [report] })).state;
      expect(verdict(null)).toBe('pending');
      expect(verdict({ artifact: 'coverage' })).toBe('pending');
      expect(verdict({ artifact: 'coverage', workflow: 'title.yml' })).toBe('pass');
    });
  });

  it.each([
    ['by name', criterion('coverage_min', { source: { artifact: 'coverage' } })],
    ['because it is told', criterion('coverage_min')],
  ])('8: what ran again without being measured anew is missing, found %s, whatever else counts', (_, one) => {
    const stale = artifact('coverage-20', [coverage(file('a', 9, 10))], { is_stale: true });
    const reports = [stale, artifact('coverage-22', [coverage(file('a', 9, 10))], { attempt: 2 })];
    const runs = [run({ attempt: 2 })];
    const verdict = verdictFor(one, commit({ reports, runs }));
    expect(verdict).toMatchObject({ state: 'missing', fail_codes: ['EVIDENCE_STALE'] });
    expect(verdict.reason).toBe(
      'artifact coverage-20 is of attempt 1, and what made it has run again without making another',
    );
    const running = [run({ attempt: 2, is_over: false })];
    expect(verdictFor(one, commit({ reports, runs: running })).state).toBe('pending');
  });

  it('9: an override covers its criterion until it ends, and is told with name and reason', () => {
    const given = {
      criterion: 'lint_pass',
      by: 'octocat',
      reason: 'known bug of the linter',
      expires_at: '2026-11-21T00:00:00Z',
    };
    const model = commit({ signals: [job('lint', FAILED)], overrides: [given] });
    expect(verdictFor(criterion('lint_pass'), model)).toMatchObject({
      state: 'overridden',
      reason: 'octocat until 2026-11-21: known bug of the linter',
    });
    expect(verdictFor(criterion('lint_pass'), model, '2026-11-21T00:00:01Z').state).toBe('fail');
    expect(verdictFor(criterion('type_check'), model).state).toBe('pending');
  });
});

describe('the gate', () => {
  it('is pending while one criterion is, and passes only when every one passes or is overridden', () => {
    const criteria = [criterion('lint_pass'), criterion('type_check')];
    const verdict = (model: EvidenceModel) => evaluate(model, { criteria, deadline_minutes: 60, now: NOW }).state;
    expect(verdict(commit({ signals: [job('lint', FAILED)] }))).toBe('pending');
    expect(verdict(commit({ signals: [job('lint', FAILED), job('tsc')] }))).toBe('fail');
    expect(verdict(commit({ signals: [job('lint'), job('tsc')] }))).toBe('pass');
  });

  it('never passes with a criterion of which nothing says that it passed', () => {
    const signal = fc.record({
      name: fc.constantFrom('lint', 'tsc', 'unit', 'e2e', 'lint (a)'),
      status: fc.constantFrom('queued', 'running', 'succeeded', 'failed', 'canceled'),
      conclusion: fc.constantFrom(null, 'success', 'failure', 'skipped', 'neutral', 'cancelled', 'stale', 'timed_out'),
      distrust: fc.constantFrom(null, null, null, 'a fork changed it'),
      is_unknown: fc.constantFrom(false, false, false, true),
      foreign_event: fc.constantFrom(null, null, null, 'pull_request_target'),
    });
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 6 }), fc.constantFrom(NOW, LATE), (changes, now) => {
        const signals = changes.map(({ name, ...fields }) => job(name, fields as Partial<ReturnType<typeof job>>));
        const verdict = verdictFor(criterion('lint_pass'), commit({ signals }), now);
        if (verdict.state !== 'pass') return;
        const lints = signals.filter(({ name, foreign_event }) => name.startsWith('lint') && foreign_event === null);
        expect(lints.length).toBeGreaterThan(0);
        for (const one of lints)
          expect(one).toMatchObject({ status: 'succeeded', conclusion: 'success', distrust: null, is_unknown: false });
      }),
      { numRuns: 500 },
    );
  });
});
