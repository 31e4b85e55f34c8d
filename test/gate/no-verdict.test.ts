// A skipped job is accepted only where nothing of its run failed; a job that passed without its work says nothing.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { Signal } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { commit, criterion, FAILED, job, NOW, RUNNING } from './evidence-cases.ts';

const SKIPPED = { status: 'canceled', conclusion: 'skipped' } as const;
const CANCELLED = { status: 'canceled', conclusion: 'cancelled' } as const;

function verdictFor(signals: readonly Signal[], one: Criterion) {
  const [verdict] = evaluate(commit({ signals }), { criteria: [one], deadline_minutes: 60, now: NOW }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

const accepting = criterion('lint_pass', { source: { job: 'lint', accept: ['skipped'] } });

describe('a skip that the policy accepts', () => {
  it('passes where all else of its run went well, and says so', () => {
    for (const others of [[], [job('build')], [job('docs', SKIPPED)], [job('build', { conclusion: 'neutral' })]])
      expect(verdictFor([job('lint', SKIPPED), ...others], accepting)).toMatchObject({
        state: 'pass',
        reason: 'job lint was skipped (accepted)',
      });
  });

  it.each([
    ['failed', FAILED],
    ['failed', { status: 'failed', conclusion: 'timed_out' }],
    ['failed', { status: 'failed', conclusion: 'action_required' }],
    ['failed', { status: 'failed', conclusion: 'startup_failure' }],
    ['was cancelled', CANCELLED],
    ['was cancelled', { status: 'canceled', conclusion: 'stale' }],
  ] as const)('is none where a job of its run %s (%o)', (said, end) => {
    for (const signals of [
      [job('lint', SKIPPED), job('build', end)],
      [job('build', end), job('ok'), job('lint', SKIPPED)],
    ])
      expect(verdictFor(signals, accepting)).toMatchObject({
        state: 'missing',
        reason: `job lint was skipped, and job build of its run ${said}: skipped is accepted only where nothing did`,
        fail_codes: ['NO_VERDICT'],
      });
  });

  it('waits for the rest of its run', () => {
    for (const status of ['queued', 'running'] as const)
      expect(verdictFor([job('lint', SKIPPED), job('build', { ...RUNNING, status })], accepting).state).toBe('pending');
  });

  it('has nothing to do with other workflows, other events, and what is no job', () => {
    for (const other of [
      job('build', { ...FAILED, origin: 'other.yml' }),
      job('build', { ...FAILED, foreign_event: 'schedule' }),
      job('build', { ...FAILED, kind: 'check', origin: 'ci.yml' }),
    ])
      expect(verdictFor([job('lint', SKIPPED), other], accepting).state).toBe('pass');
  });

  it('of a check of another system counts as it is told', () => {
    const one = criterion('lint_pass', { source: { check: 'lint', accept: ['skipped', 'neutral'] } });
    expect(verdictFor([job('lint', { ...SKIPPED, kind: 'check' }), job('build', FAILED)], one).state).toBe('pass');
  });

  it('of a cancelled one holds where only others were cancelled, not where one failed', () => {
    const one = criterion('lint_pass', { source: { job: 'lint', accept: ['cancelled'] } });
    expect(verdictFor([job('lint', CANCELLED), job('build', CANCELLED)], one).state).toBe('pass');
    expect(verdictFor([job('lint', CANCELLED), job('build', FAILED)], one).state).toBe('missing');
  });
});

describe('a job that is found by its name', () => {
  const steps = (...found: [string, string][]) => found.map(([name, conclusion]) => ({ name, conclusion }));

  it('says nothing where the step that does the work was skipped', () => {
    const lint = job('lint', { steps: steps(['Run actions/checkout@v4', 'success'], ['Run npm run lint', 'skipped']) });
    expect(verdictFor([lint], criterion('lint_pass'))).toMatchObject({
      state: 'missing',
      reason: 'job lint passed, but its step Run npm run lint was skipped',
      fail_codes: ['NO_VERDICT'],
    });
    expect(verdictFor([lint], criterion('lint_pass', { source: { job: 'lint' } })).state).toBe('pass');
  });

  it.each([
    'Should lint?',
    'Should we lint',
    'Decide whether to lint',
    'Lint needed',
    'Is lint enabled',
    'Run echo lint',
    'Start lint',
    'eslint version',
  ])('says nothing where only a step "%s" ran', (name) => {
    const lint = job('lint', { steps: steps([name, 'success'], ['Run npm run lint', 'skipped']) });
    expect(verdictFor([lint], criterion('lint_pass'))).toMatchObject({
      state: 'missing',
      reason: 'job lint passed, but its step Run npm run lint was skipped',
    });
  });

  it('counts where one such step ran, where none is known, and where the skipped ones only tell of it', () => {
    for (const found of [
      steps(['Run eslint --fix', 'skipped'], ['Run npx eslint .', 'success']),
      steps(['Run make check', 'success']),
      steps(['Run npm run lint:no-cache -- --show', 'success'], ['Run eslint --fix', 'skipped']),
      steps(['Run make check', 'success'], ['Upload lint report', 'skipped']),
      [],
    ])
      expect(verdictFor([job('lint', { steps: found })], criterion('lint_pass')).state).toBe('pass');
    const failed = job('lint', { ...FAILED, steps: steps(['Run npm run lint', 'skipped'], ['npm ci', 'failure']) });
    expect(verdictFor([failed], criterion('lint_pass')).state).toBe('fail');
  });

  it('is no evidence where its steps check a title and nothing else', () => {
    for (const step of [
      'Ensure PR Title is Semantic',
      'Run amannn/action-semantic-pull-request@v5',
      'Run wagoid/commitlint-github-action@v6',
    ])
      expect(verdictFor([job('Lint', { steps: steps([step, 'success']) })], criterion('lint_pass')).state).toBe(
        'pending',
      );
    const both = job('Lint', { steps: steps(['Check title', 'success'], ['Run npm run lint', 'success']) });
    expect(verdictFor([both], criterion('lint_pass')).state).toBe('pass');
  });

  it('is not found by a step alone: a step that may fail is told as one that passed', () => {
    const build = job('build', { steps: steps(['Run npm run lint', 'success'], ['Run npm run build', 'success']) });
    expect(verdictFor([build], criterion('lint_pass'))).toMatchObject({ state: 'pending' });
  });
});

describe('a job that the policy names', () => {
  const named = (wanted: string) => criterion('lint_pass', { source: { job: wanted } });

  it.each([
    'lint',
    'lint / eslint',
    'ci / lint / eslint (20)',
    'ci / lint (20) / eslint',
    'lint (a / b)',
    'ci / lint',
    'ci / lint (20)',
  ])('lint is found as %s', (name) => {
    expect(verdictFor([job(name)], named('lint')).state).toBe('pass');
    expect(verdictFor([job(name), job('lint / other', FAILED)], named('lint')).state).toBe('fail');
  });

  it('is found with its callers, and not as a part of another’s name', () => {
    expect(verdictFor([job('ci / lint / eslint (20)')], named('lint / eslint')).state).toBe('pass');
    expect(verdictFor([job('ci / lint / eslint (20)')], named('ci / eslint')).state).toBe('pending');
    for (const other of ['lint-all / eslint', 'pre lint', 'eslint / lints', 'build (a / lint)', 'lintish (20)'])
      expect(verdictFor([job(other)], named('lint')).state).toBe('pending');
  });

  it('counts as a whole: the worst of a called workflow’s jobs', () => {
    const signals = [job('lint / eslint'), job('lint / prettier', RUNNING), job('ci / lint / stylelint')];
    expect(verdictFor(signals, named('lint')).state).toBe('pending');
    expect(verdictFor([...signals, job('lint / knip', SKIPPED)], named('lint')).state).toBe('missing');
  });
});
