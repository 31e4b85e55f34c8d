// What steps, annotations and times say of a failure, and what they can't be trusted with.

import { describe, expect, test } from 'vitest';
import { runnerLostIn } from '../../src/diagnose/runner-lost.ts';
import { baseOfRun } from '../../src/verdicts/judging/base-of-run.ts';
import { followsOf } from '../../src/verdicts/judging/follows.ts';
import type { GatheredRun, JobEnd } from '../../src/verdicts/judging/gathered.ts';
import { brokenStep } from '../../src/verdicts/judging/service-steps.ts';

describe('a step', () => {
  const SETUP = [1, 'Set up job', 'completed', 'success'] as const;
  const failed = (number: number, name: string) => [number, name, 'completed', 'failure'] as const;
  const told = (steps: readonly (readonly [number, string, string, string | null])[], isTrusted: boolean) => {
    const { step, own_code_ran } = brokenStep(
      steps.map((one) => [...one]),
      isTrusted,
    );
    return [step.is_service, step.ended, own_code_ran];
  };
  test.each([
    ['the runner’s own, which is the first', [failed(1, 'Set up job')], false, [true, true, false]],
    ['of that name further down is the repository’s', [SETUP, failed(2, 'Set up job')], true, [false, true, true]],
    [
      'named as a checkout, where workflows are as they were',
      [SETUP, failed(2, 'Run actions/checkout@v4')],
      true,
      [true, true, false],
    ],
    [
      'named as a checkout, where the change may have named it',
      [SETUP, failed(2, 'Run actions/checkout@v4')],
      false,
      [null, true, null],
    ],
    ['named as somebody else’s checkout', [SETUP, failed(2, 'Run mallory/checkout@v4')], true, [false, true, true]],
    [
      'of a setup, after code of the repository',
      [SETUP, [2, 'Run make', 'completed', 'success'], failed(3, 'Run actions/setup-node@v4')],
      true,
      [true, true, true],
    ],
    [
      'after one that was skipped',
      [SETUP, [2, 'Run make', 'completed', 'skipped'], failed(3, 'Run actions/cache/restore@v4')],
      true,
      [true, true, false],
    ],
    ['that never ended', [SETUP, [2, 'Run make', 'in_progress', null]], true, [false, false, true]],
    ['of a job without any', [], true, [null, null, false]],
  ] as const)('%s', (_, steps, isTrusted, expected) => {
    expect(told(steps, isTrusted)).toEqual(expected);
  });
});

describe('a lost runner', () => {
  const words = 'The self-hosted runner: mac-1 lost communication with the server. Verify it.';
  const note = (message: string, path = '.github') => ({ message, path, annotation_level: 'failure' });
  test('is told by GitHub’s annotation where no step failed', () => {
    expect(runnerLostIn([note(words)], [{ conclusion: 'success' }, { conclusion: null }])).toBe(words);
    expect(
      runnerLostIn(
        [note('The hosted runner encountered an error while running your job. (Error Type: Disconnect).')],
        [],
      ),
    ).toMatch(/^The hosted/);
  });
  test('is not told by what a failed step may have printed, nor by words in a file or in between', () => {
    expect(runnerLostIn([note(words)], [{ conclusion: 'failure' }])).toBeNull();
    expect(runnerLostIn([note(words, 'src/a.ts')], [])).toBeNull();
    expect(runnerLostIn([note(`I say: ${words}`)], [])).toBeNull();
    expect(runnerLostIn([{ ...note(words), annotation_level: 'warning' }], [])).toBeNull();
  });
});

const RUN: GatheredRun = {
  ...{
    run_id: '50',
    run_number: 50,
    provider: 'github-actions',
    workflow_path: 'ci.yml',
    event: 'pull_request',
    branch: 'b',
  },
  ...{
    head_repository_id: 1,
    started_at: '2026-11-01T10:00:00Z',
    html_url: null,
    pull_request_number: 1,
    author: 'a',
    base_ref: 'main',
  },
  ...{ base_since: null, head: null, tested_sha: 'h', superseded_by: null, passes: [] },
};
const commit = (place: number) => ({
  sha: `c${place}`,
  place,
  at: `2026-11-01T0${Math.min(9, Math.floor(place / 10))}:00:00Z`,
  pushed_at: null,
});

describe('the base of a run', () => {
  const commits = [70, 60, 40, 30, 20].map(commit);
  const of = (run: Partial<GatheredRun>, pushes: { sha: string | null; at: string }[] = []) =>
    baseOfRun({ ...RUN, ...run }, { main: { commits, pushes } });

  test('for a pull request is the tip of the base when it began, with what lies around it', () => {
    const { base, around } = of({});
    expect(base).toEqual({ kind: 'merge_parent', sha: 'c40' });
    expect(around.map(({ sha, before_base }) => [sha, before_base])).toEqual([
      ['c70', false],
      ['c60', false],
      ['c30', true],
      ['c20', true],
    ]);
  });
  test('is what was pushed since, and not known when a push of several commits does not say it', () => {
    expect(of({}, [{ sha: 'tip', at: '2026-11-01T09:59:00Z' }]).base?.sha).toBe('tip');
    expect(of({}, [{ sha: null, at: '2026-11-01T09:59:00Z' }]).base).toBeNull();
    expect(of({}, [{ sha: 'later', at: '2026-11-01T10:01:00Z' }]).base?.sha).toBe('c40');
  });
  test('is not known before the base branch was the one it is now, for other events, or without the merge base', () => {
    expect(of({ base_since: '2026-11-01T11:00:00Z' }).base).toBeNull();
    expect(of({ event: 'pull_request_target' }).base).toBeNull();
    expect(of({ event: 'push' }).base).toBeNull();
    expect(of({ run_number: 10 }).base).toBeNull();
  });
  test('on the head itself is the merge base', () => {
    const head = {
      merge_parent_sha: null,
      merge_base_sha: 'c30',
      changed_files: null,
      sources_asked_at: null,
      merge_commit_sha: null,
      state: 'open',
    };
    const { base, around } = of({ event: 'push', head });
    expect([base, around[0]?.sha, around.at(-1)?.sha]).toEqual([{ kind: 'merge_base', sha: 'c30' }, 'c70', 'c20']);
  });
});

describe('a cancelled job', () => {
  const end = (name: string, conclusion: string, completed_at: string): JobEnd => ({
    ...{
      ci_event_id: '1',
      name,
      conclusion,
      completed_at,
      is_over: true,
      fingerprint: null,
      failed_step: null,
      html_url: `https://x/${name}`,
    },
  });
  const at = '2026-11-01T10:05:00Z';
  const job = { conclusion: 'cancelled', name: 'test (22)', at };
  test('follows the part of its matrix that failed before, not one that failed later or of another job', () => {
    expect(followsOf(job, RUN, [end('test (20)', 'failure', at)])).toMatchObject({
      kind: 'sibling',
      job_name: 'test (20)',
    });
    expect(
      followsOf(job, RUN, [end('test (20)', 'failure', '2026-11-01T10:09:00Z'), end('lint (1)', 'failure', at)]),
    ).toBeNull();
    expect(followsOf({ ...job, conclusion: 'failure' }, RUN, [end('test (20)', 'failure', at)])).toBeNull();
  });
  test('follows the run that took its place, if that began before', () => {
    expect(followsOf(job, { superseded_by: { at: '2026-11-01T10:04:58Z', url: 'u' } }, [])).toMatchObject({
      kind: 'superseded',
      run_url: 'u',
    });
    expect(followsOf(job, { superseded_by: { at: '2026-11-01T11:00:00Z', url: 'u' } }, [])).toBeNull();
  });
});
