// Which runs count for a commit when several events, branches and forks had some on it, and what is known of one.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import type { CiEventFact } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends, testBrain } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { tellNeighbour } from '../support/neighbour.ts';
import { readOldMigrations } from '../support/old-migrations.ts';

const passed = { status: 'succeeded', conclusion: 'success' } as const;
const failed = { status: 'failed', conclusion: 'failure' } as const;
const FORK = 4711;

/** What a job alone tells of its run. */
const stub = {
  workflow_path: null,
  trigger: 'other',
  status: 'queued',
  conclusion: null,
  head_repository_id: null,
  source_updated_at: null,
} as const;

describe.each(testBackends)('the runs on a commit (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  let jobs = 0;
  /** A run with one job "lint" that ended as the run. */
  const ran = (given: Partial<CiEventFact>, ends: object = passed) => {
    const event = runFact({ ...passed, ...ends, ...given });
    const { run_id, run_attempt } = event;
    const job = jobFact({ ...passed, ...ends, run_id, run_attempt, job_id: ++jobs, name: 'lint' });
    return tell(brain, { ci_events: [event], ci_jobs: [job] });
  };
  const subject = async (): Promise<GateSubject> =>
    gateSubject.parse(
      await brain.call('read_gate_subject', { repository_id: REPOSITORY, pull_request_number: 1, sha: HEAD }),
    );
  const signals = async () =>
    (await subject()).signals.map(({ event, status, workflow_path }) => [event, status, workflow_path]).toSorted();
  const CI = '.github/workflows/ci.yml';

  it('a newer run for another event hides none', async () => {
    await ran({ run_id: '1' }, failed);
    await ran({ run_id: '2', event: 'pull_request_target' });
    await ran({ run_id: '3', trigger: 'manual', event: 'workflow_dispatch' });
    expect(await signals()).toEqual([
      ['pull_request', 'failed', CI],
      ['pull_request_target', 'succeeded', CI],
      ['workflow_dispatch', 'succeeded', CI],
    ]);
  });

  it('a run for the pull request alone takes the place of one for the push', async () => {
    await ran({ run_id: '1', trigger: 'push' }, failed);
    await ran({ run_id: '2', event: 'pull_request_target' });
    expect(await signals()).toEqual([
      ['pull_request_target', 'succeeded', CI],
      ['push', 'failed', CI],
    ]);
    await ran({ run_id: '3' });
    expect((await signals()).map(([event]) => event)).toEqual(['pull_request', 'pull_request_target']);
  });

  it.each(['pull_request', 'pull_request_target'])(
    'a newer run (%s) of another branch or fork hides none, and counts as little',
    async (event) => {
      const others = [{ branch: 'same-commit' }, { head_repository_id: FORK }, { head_repository_id: null }];
      for (const [index, other] of others.entries()) await ran({ run_id: `${index + 2}`, event, ...other });
      expect(await subject()).toMatchObject({ signals: [], runs: [], reports: [] });
      await ran({ run_id: '1', event }, failed);
      expect((await signals()).map(([, status]) => status)).toEqual(['failed']);
      await ran({ run_id: '6', event });
      expect((await signals()).map(([, status]) => status)).toEqual(['succeeded']);
    },
  );

  it('two pull requests of one commit each have their own runs, and those for the push', async () => {
    await tell(brain, { pull_requests: [pullRequestFact({ number: 2, head_ref: 'second' })] });
    await ran({ run_id: '1', trigger: 'push', workflow_path: '.github/workflows/push.yml' });
    await ran({ run_id: '2' });
    await ran({ run_id: '3', branch: 'second' }, failed);
    expect((await signals()).map(([event, status]) => [event, status])).toEqual([
      ['pull_request', 'succeeded'],
      ['push', 'succeeded'],
    ]);
    const second = await brain.call('read_gate_subject', {
      repository_id: REPOSITORY,
      pull_request_number: 2,
      sha: HEAD,
    });
    expect(gateSubject.parse(second).runs.map(({ run_id }) => run_id)).toEqual(['1', '3']);
  });

  it('a stranger’s run takes the place of no run for the push', async () => {
    await ran({ run_id: '1', trigger: 'push' }, failed);
    await ran({ run_id: '2', branch: 'evil', head_repository_id: FORK });
    await ran({ run_id: '3', head_repository_id: FORK });
    await ran({ run_id: '4', head_repository_id: null });
    expect(await signals()).toEqual([['push', 'failed', CI]]);
  });

  it('the event is told as GitHub says it, for jobs, runs and reports', async () => {
    await ran({ event: 'pull_request_target' });
    const { signals: given, runs } = await subject();
    expect([given[0]?.event, runs[0]?.event]).toEqual(['pull_request_target', 'pull_request_target']);
  });

  it('a run that only its job tells of has neither workflow nor event, until GitHub tells of it', async () => {
    await ran(stub, passed);
    await tell(brain, { ci_events: [runFact(stub)] });
    expect(await signals()).toEqual([[null, 'succeeded', null]]);
    expect((await subject()).runs).toMatchObject([{ event: null, workflow_path: null, workflow: '' }]);
    await tell(brain, { ci_events: [runFact({ ...passed, event: 'issue_comment', trigger: 'other' })] });
    expect(await signals()).toEqual([['issue_comment', 'succeeded', CI]]);
  });

  it('another attempt of the same run says what it is', async () => {
    await ran({ event: 'pull_request_target', trigger: 'pull_request' });
    const again = { ...stub, run_attempt: 2 };
    const job = jobFact({ ...passed, run_attempt: 2, job_id: ++jobs, name: 'lint' });
    await tell(brain, { ci_events: [runFact(again)], ci_jobs: [job] });
    expect(await signals()).toEqual([['pull_request_target', 'succeeded', CI]]);
  });

  it('a late stub takes nothing back', async () => {
    await ran({ event: 'pull_request_target' });
    await tell(brain, { ci_events: [runFact(stub)] });
    expect(await signals()).toEqual([['pull_request_target', 'succeeded', CI]]);
  });

  it('whose a check or status is, is told', async () => {
    const other = { workflow_path: null, trigger: 'other', ...passed } as const;
    await tell(brain, {
      ci_events: [
        runFact({ ...other, provider: 'github-checks', run_id: '1', workflow_name: 'lint', actor: 'circleci' }),
        runFact({ ...other, provider: 'github-status', run_id: `${HEAD}:ci`, workflow_name: 'ci', actor: 'hubot' }),
      ],
    });
    expect((await subject()).signals.map(({ author }) => author)).toEqual(['circleci', 'hubot']);
  });

  it('whether a run began before the pull request had its base is told of each, until a newer one of its workflow did after', async () => {
    const former = async () => (await subject()).runs.map(({ is_former }) => is_former);
    await ran({ run_id: '1', start_time: minute(3) });
    expect(await former()).toEqual([false]);
    await tell(brain, { pull_requests: [pullRequestFact({ title: 'Another', source_updated_at: minute(4) })] });
    expect(await former()).toEqual([false]);
    await tell(brain, { pull_requests: [pullRequestFact({ base_ref: 'next', source_updated_at: minute(5) })] });
    expect(await former()).toEqual([true]);
    await ran({ run_id: '1', run_attempt: 2, start_time: minute(6), source_updated_at: minute(6) });
    expect(await former()).toEqual([true]);
    const label = { workflow_path: '.github/workflows/label.yml', event: 'pull_request_target' };
    await ran({ run_id: '2', start_time: minute(3), ...label });
    await ran({ run_id: '3', start_time: minute(8) });
    expect((await subject()).runs.map(({ workflow, is_former }) => [workflow, is_former])).toEqual([
      ['label.yml', true],
      ['ci.yml', false],
    ]);
    await ran({ run_id: '4', start_time: minute(9), ...label });
    expect(await former()).toEqual([false, false]);
    // What is told late of before takes nothing back.
    await tell(brain, { pull_requests: [pullRequestFact({ source_updated_at: minute(2) })] });
    expect(await former()).toEqual([false, false]);
    expect((await subject()).pull_request.base_ref).toBe('next');
  });

  it('a run of which nobody knows what set it off says it when it runs again, and only by what GitHub told since', async () => {
    await ran({ run_id: '1', event: 'unknown' });
    expect(await signals()).toEqual([['unknown', 'succeeded', CI]]);
    // Kept before events were, by nobody who would have told.
    await ran({ run_id: '1', run_attempt: 2, source_updated_at: minute(6) });
    expect(await signals()).toEqual([['unknown', 'succeeded', CI]]);
    const again = { run_id: '1', run_attempt: 3, source_updated_at: minute(7) };
    const job = jobFact({ ...passed, run_id: '1', run_attempt: 3, job_id: ++jobs, name: 'lint' });
    const facts = asJson({ ci_events: [runFact({ ...passed, ...again })], ci_jobs: [job] });
    await brain.call('record_facts', { facts, app_id: 1, guid: 'told since' });
    expect(await signals()).toEqual([['pull_request', 'succeeded', CI]]);
    await ran({ run_id: '1', run_attempt: 4, event: 'pull_request_target', source_updated_at: minute(8) });
    expect(await signals()).toEqual([['pull_request_target', 'succeeded', CI]]);
  });

  it('a run that GitHub made within two minutes of that may be one of before', async () => {
    const former = async () => (await subject()).runs.map(({ is_former }) => is_former);
    await tell(brain, {
      pull_requests: [pullRequestFact({ base_ref: 'next', source_updated_at: minute(5), based_at: minute(5) })],
    });
    await ran({ run_id: '1', start_time: minute(5) });
    expect(await former()).toEqual([true]);
    await ran({ run_id: '2', start_time: minute(6) });
    expect(await former()).toEqual([true]);
    await ran({ run_id: '3', start_time: minute(7) });
    expect(await former()).toEqual([false]);
  });

  it('a run of the same number in another repository says nothing of when this one began', async () => {
    await tellNeighbour(brain);
    await tell(brain, {
      pull_requests: [pullRequestFact({ base_ref: 'next', source_updated_at: minute(5), based_at: minute(5) })],
    });
    await ran({ run_id: '7001', start_time: minute(8) });
    expect((await subject()).runs.map(({ is_former }) => is_former)).toEqual([false]);
  });

  const opened = pullRequestFact({ number: 9, base_ref: 'old', source_updated_at: minute(1) });
  const moved = pullRequestFact({ number: 9, source_updated_at: minute(5), based_at: minute(5) });
  const later = pullRequestFact({ number: 9, title: 'Another', source_updated_at: minute(8) });
  it.each([
    [[moved]],
    [[opened, moved, later]],
    [[moved, opened, later]],
    [[moved, later, opened]],
    [[later, moved]],
    [[opened, moved, opened, moved]],
  ])('since when it has its base is told by the event that changed it, whatever comes when (%#)', async (order) => {
    for (const fact of order) await tell(brain, { pull_requests: [fact] });
    const [row] = await brain.sql('select based_at from codered.pull_requests where number = 9');
    const at = Date.parse(String(row?.based_at));
    // What is known by then may be later than that, never earlier.
    expect(at).toBeGreaterThanOrEqual(Date.parse(minute(5)));
    expect(at).toBeLessThanOrEqual(Date.parse(minute(8)));
  });

  it('where that event is lost, by what stands once one of before is told', async () => {
    const based = async () => {
      const [row] = await brain.sql('select based_at from codered.pull_requests where number = 9');
      return row?.based_at == null ? null : new Date(String(row.based_at)).toISOString();
    };
    await tell(brain, { pull_requests: [later] });
    expect(await based()).toBeNull();
    await tell(brain, { pull_requests: [opened] });
    expect(await based()).toBe(minute(8));
    // Told again, it says nothing new.
    await tell(brain, { pull_requests: [{ ...later, source_updated_at: minute(20) }] });
    await tell(brain, { pull_requests: [opened] });
    expect(await based()).toBe(minute(8));
  });

  it('a fork’s other pull requests of the same branch into another one are told, open or closed', async () => {
    const twins = async () => (await subject()).pull_request.twins;
    const fork = { head_repository_id: FORK, source_updated_at: minute(2) };
    await tell(brain, { pull_requests: [pullRequestFact({ number: 2, base_ref: 'old' })] });
    expect(await twins()).toEqual([2]);
    await tell(brain, { pull_requests: [pullRequestFact(fork)] });
    expect(await twins()).toEqual([]);
    await tell(brain, {
      pull_requests: [
        pullRequestFact({ ...fork, number: 3, base_ref: 'old', state: 'closed' }),
        pullRequestFact({ ...fork, number: 4, base_ref: 'old', head_sha: 'b'.repeat(40) }),
        pullRequestFact({ ...fork, number: 5, base_ref: 'old', head_ref: 'another' }),
        pullRequestFact({ ...fork, number: 6, base_ref: 'main' }),
        pullRequestFact({ ...fork, number: 7, base_ref: 'old', head_repository_id: FORK + 1 }),
      ],
    });
    expect(await twins()).toEqual([3]);
    // It had its run while it was to go into the other one.
    await tell(brain, { pull_requests: [pullRequestFact({ ...fork, number: 3, source_updated_at: minute(4) })] });
    expect(await twins()).toEqual([3]);
  });
});

describe('runs of before the event was kept', () => {
  it('have it from their deliveries, and are of an unknown one where those are gone', async () => {
    const backend = await openEmbedded({ directory: null });
    const brain = testBrain(backend, null);
    try {
      await migrateBackend(backend, await readOldMigrations('20261129040300'));
      const deliver = async (guid: string, given: Partial<CiEventFact>, event: string) => {
        const row = {
          app_id: 1,
          guid,
          event: 'workflow_run',
          action: null,
          installation_id: null,
          repository_id: null,
        };
        await brain.call('receive_deliveries', {
          heads: [row],
          payloads: JSON.stringify({ workflow_run: { event } }),
        });
        const facts = { repositories: [repositoryFact()], ci_events: [runFact({ ...passed, ...given })] };
        await brain.call('record_facts', { app_id: 1, guid, facts: asJson(facts) });
      };
      await brain.call('record_facts', {
        facts: asJson({ repositories: [repositoryFact()], pull_requests: [pullRequestFact()] }),
      });
      await deliver('a', { run_id: '1' }, 'pull_request');
      await deliver('b', { run_id: '2' }, 'pull_request_target');
      await deliver('c', { run_id: '3' }, 'pull_request');
      await deliver('d', { run_id: '4', trigger: 'push' }, 'push');
      await brain.script("delete from codered.webhook_deliveries where guid = 'c'");
      await migrateBackend(backend, await readOldMigrations());
      expect(await brain.sql('select run_id, event from codered.ci_events order by run_id')).toEqual([
        { run_id: '1', event: null },
        { run_id: '2', event: 'pull_request_target' },
        { run_id: '3', event: 'unknown' },
        { run_id: '4', event: null },
      ]);
    } finally {
      await brain.close();
    }
  });
});
