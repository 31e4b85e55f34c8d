// Which attempt of a run an artifact is of, and when every job that may have made it has run again since.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';

const PASSED = { status: 'succeeded', conclusion: 'success' } as const;
const CONTENT = '{"reports":[]}';

describe.each(testBackends)('the age of evidence (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
    // Two jobs beside each other, and one that comes after them.
    await attempt(1, 10, [
      { name: 'test (20)', from: 11, to: 15 },
      { name: 'test (22)', from: 11, to: 19 },
      { name: 'e2e', from: 21, to: 25 },
    ]);
  });

  interface Job {
    readonly name: string;
    /** null: it never started. */
    readonly from: number | null;
    readonly to: number;
    readonly conclusion?: 'success' | 'skipped' | 'cancelled';
  }
  const STATUS = { success: 'succeeded', skipped: 'succeeded', cancelled: 'canceled' } as const;
  const attempt = (run_attempt: number, at: number, jobs: readonly Job[]) =>
    tell(brain, {
      ci_events: [runFact({ run_attempt, ...PASSED, start_time: minute(at), source_updated_at: minute(at + 30) })],
      ci_jobs: jobs.map(({ name, from, to, conclusion = 'success' }, index) =>
        jobFact({
          run_attempt,
          job_id: run_attempt * 1000 + index,
          name,
          status: STATUS[conclusion],
          conclusion,
          started_at: from === null ? null : minute(from),
          completed_at: minute(to),
          source_updated_at: minute(to),
        }),
      ),
    });
  const eventOf = async (run_attempt: number) => {
    const [row] = await brain.sql('select id from codered.ci_events where run_attempt = $1', [String(run_attempt)]);
    return row?.id ?? '';
  };
  /** As GitHub lists it after that attempt. */
  const read = async (run_attempt: number, artifacts: readonly { id: number; name: string; made: number | null }[]) =>
    brain.call('record_evidence', {
      repository_id: REPOSITORY,
      ci_event_id: await eventOf(run_attempt),
      artifacts: artifacts.map(({ id, name, made }) => ({
        github_artifact_id: id,
        kind: 'other',
        name,
        url: null,
        ref: null,
        content: CONTENT,
        summary: '',
        made_at: made === null ? null : minute(made),
      })),
    });
  const upload = async (run_attempt: number, name: string, at: number, content = CONTENT) => {
    await brain.call('record_uploaded_evidence', {
      repository_id: REPOSITORY,
      run_id: '7001',
      run_attempt,
      artifact: { github_artifact_id: null, kind: 'other', name, url: null, ref: randomUUID(), content, summary: '' },
    });
    await brain.sql('update codered.artifacts set created_at = $1 where file_name = $2 and ci_event_id = $3::uuid', [
      minute(at),
      name,
      await eventOf(run_attempt),
    ]);
  };
  const found = async () => {
    const answer = await brain.call('read_gate_subject', {
      repository_id: REPOSITORY,
      pull_request_number: 1,
      sha: HEAD,
    });
    const { reports }: GateSubject = gateSubject.parse(answer);
    return reports.map(({ artifact, attempt: made, is_stale }) => [artifact, made, is_stale ? 'stale' : 'counts']);
  };

  it('is nothing while the run ran once', async () => {
    await read(1, [{ id: 1, name: 'coverage-20', made: 14 }]);
    expect(await found()).toEqual([['coverage-20', 1, 'counts']]);
  });

  it('is no other system’s that has a check of the run’s number on another commit', async () => {
    await upload(1, 'sent', 14);
    const sha = 'e'.repeat(40);
    await tell(brain, {
      ci_events: [runFact({ provider: 'github-checks', commit_sha: sha, actor: 'circleci', workflow_path: null })],
    });
    const asked = { repository_id: REPOSITORY, pull_request_number: 1, sha };
    expect(await brain.call('read_gate_subject', asked)).toMatchObject({ reports: [] });
    expect(await found()).toEqual([['sent', 1, 'counts']]);
  });

  const rerunOfAll: Job[] = [
    { name: 'test (20)', from: 41, to: 45 },
    { name: 'test (22)', from: 41, to: 49 },
    { name: 'e2e', from: 51, to: 52 },
  ];

  it('tells what all jobs of a re-run left unmade from what they made anew', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [
      { id: 1, name: 'coverage-20', made: 14 },
      { id: 2, name: 'coverage-22', made: 48 },
    ]);
    expect(await found()).toEqual([
      ['coverage-20', 1, 'stale'],
      ['coverage-22', 2, 'counts'],
    ]);
  });

  it('lets carry over what a job made that did not run again', async () => {
    await attempt(2, 40, [{ name: 'e2e', from: 41, to: 42 }]);
    await read(2, [
      { id: 1, name: 'coverage-20', made: 14 },
      { id: 2, name: 'e2e-report', made: 24 },
    ]);
    expect(await found()).toEqual([
      ['coverage-20', 1, 'counts'],
      ['e2e-report', 1, 'stale'],
    ]);
  });

  it('lets count what one of several jobs beside each other may have made, if one of them did not run again', async () => {
    await attempt(2, 40, [{ name: 'test (22)', from: 41, to: 42 }]);
    await read(2, [
      { id: 1, name: 'coverage-a', made: 14 },
      { id: 2, name: 'coverage-b', made: 18 },
    ]);
    // Only test (22) was running in the 18th minute.
    expect(await found()).toEqual([
      ['coverage-a', 1, 'counts'],
      ['coverage-b', 1, 'stale'],
    ]);
  });

  it('is unknown, and counts, of what GitHub does not tell the time of', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [{ id: 1, name: 'coverage', made: null }]);
    expect(await found()).toEqual([['coverage', 2, 'counts']]);
  });

  it('is stale when no job is known that may have made it', async () => {
    await brain.script('delete from codered.ci_jobs');
    await attempt(2, 40, []);
    await read(2, [{ id: 1, name: 'coverage', made: 14 }]);
    expect(await found()).toEqual([['coverage', 1, 'stale']]);
  });

  it('lets an upload carry over like an artifact, and the one of the newest attempt take the place of its name', async () => {
    await upload(1, 'e2e-report', 24);
    await upload(1, 'coverage', 14);
    await upload(1, 'lint', 18);
    await attempt(2, 40, [
      { name: 'test (20)', from: 41, to: 45 },
      { name: 'test (22)', from: 41, to: 49 },
    ]);
    await upload(2, 'coverage', 44);
    expect(await found()).toEqual([
      ['coverage', 2, 'counts'],
      ['e2e-report', 1, 'counts'],
      ['lint', 1, 'stale'],
    ]);
  });

  describe('when a matrix was skipped before it expanded', () => {
    const artifacts = [
      { id: 1, name: 'coverage-20', made: 14 },
      { id: 2, name: 'coverage-22', made: 18 },
      { id: 3, name: 'e2e-report', made: 24 },
    ];
    it.each([
      ['test', 'skipped'],
      ['test', 'cancelled'],
      [`test (\${{ matrix.v }})`, 'skipped'],
      [`\${{ matrix.kind }} (\${{ matrix.v }})`, 'skipped'],
    ] as const)('is stale for each of its jobs: %s was %s', async (name, conclusion) => {
      await attempt(2, 40, [{ name, from: 41, to: 41, conclusion }]);
      await read(2, artifacts);
      expect(await found()).toEqual([
        ['coverage-20', 1, 'stale'],
        ['coverage-22', 1, 'stale'],
        ['e2e-report', 1, 'counts'],
      ]);
    });

    it.each([
      ['test', 'success'],
      ['tes', 'skipped'],
      ['t%', 'skipped'],
      ['test _20_', 'skipped'],
      ['test \\(20)', 'skipped'],
      ['test (2.)', 'skipped'],
      [`test (3\${{ matrix.v }})`, 'skipped'],
    ] as const)('counts for each job that it does not stand for: %s was %s', async (name, conclusion) => {
      await attempt(2, 40, [{ name, from: 41, to: 41, conclusion }]);
      await read(2, artifacts);
      expect((await found()).map(([, , age]) => age)).toEqual(['counts', 'counts', 'counts']);
    });

    it('is stale for the jobs of a workflow that was to be called', async () => {
      await brain.script("update codered.ci_jobs set name = 'call / ' || name");
      await attempt(2, 40, [{ name: 'call', from: 41, to: 41, conclusion: 'skipped' }]);
      await read(2, artifacts);
      expect((await found()).map(([, , age]) => age)).toEqual(['stale', 'stale', 'stale']);
    });

    it('is told before an expression that backtracks would be, whatever its name is', async () => {
      await brain.script("update codered.ci_jobs set name = name || ' ' || repeat('ab', 60)");
      await attempt(2, 40, [{ name: `\${{ m }}a`.repeat(25), from: 41, to: 41, conclusion: 'skipped' }]);
      await read(2, artifacts);
      expect(await found()).toHaveLength(3);
    });
  });

  describe('when names change with the attempt', () => {
    const named = (number: number, from: number, ...others: Job[]): Job[] => [
      { name: `unit (attempt ${number})`, from, to: from + 4 },
      ...others,
    ];
    const lint = (from: number): Job => ({ name: 'lint', from, to: from + 1 });
    beforeEach(() => brain.script('delete from codered.ci_jobs'));
    const artifacts = [{ id: 1, name: 'coverage', made: 14 }];

    it('is stale once all jobs ran again, also after a re-run of some', async () => {
      await attempt(1, 10, named(1, 11, lint(11)));
      await attempt(2, 40, named(2, 41, lint(41)));
      await read(2, artifacts);
      expect(await found()).toEqual([['coverage', 1, 'stale']]);
      await attempt(3, 70, [lint(71)]);
      await read(3, artifacts);
      expect(await found()).toEqual([['coverage', 1, 'stale']]);
    });

    it('carries over while fewer new names came than jobs are left', async () => {
      await attempt(1, 10, named(1, 11, lint(11)));
      await attempt(2, 40, named(2, 41));
      await attempt(3, 70, named(3, 71));
      await read(3, artifacts);
      expect(await found()).toEqual([['coverage', 1, 'counts']]);
    });

    it('does not take a job that ran before, or a matrix that expands at last, for a new name', async () => {
      const skipped: Job = { name: 'test', from: 13, to: 13, conclusion: 'skipped' };
      await attempt(1, 10, [lint(13), { name: 'setup', from: 11, to: 11 }, { name: 'e2e', from: 11, to: 12 }, skipped]);
      await attempt(2, 40, [
        { name: 'setup', from: 41, to: 41 },
        { name: 'test (20)', from: 42, to: 44 },
        { name: 'test (22)', from: 42, to: 44 },
      ]);
      await attempt(3, 70, [{ name: 'e2e', from: 71, to: 72 }]);
      await read(3, [...artifacts, { id: 2, name: 'junit', made: 43 }]);
      expect(await found()).toEqual([
        ['coverage', 1, 'counts'],
        ['junit', 2, 'counts'],
      ]);
    });
  });

  it('is no work of a job that was skipped, or never started', async () => {
    await brain.script('delete from codered.ci_jobs');
    await attempt(1, 10, [
      { name: 'test', from: 11, to: 15 },
      { name: 'docs', from: 11, to: 15, conclusion: 'skipped' },
      { name: 'e2e', from: null, to: 15, conclusion: 'cancelled' },
      // Cancelled while it waited for a runner.
      { name: 'lint', from: 11, to: 15, conclusion: 'cancelled' },
    ]);
    await attempt(2, 40, [{ name: 'test', from: 41, to: 45 }]);
    await read(2, [
      { id: 1, name: 'a', made: 14 },
      { id: 2, name: 'b', made: 30 },
    ]);
    expect(await found()).toEqual([
      ['a', 1, 'stale'],
      ['b', 1, 'stale'],
    ]);
  });

  it('is told by the starts of its jobs where nothing else tells when an attempt started', async () => {
    await attempt(2, 40, rerunOfAll);
    await brain.script('update codered.ci_events set start_time = null');
    await read(2, [
      { id: 1, name: 'a', made: 14 },
      { id: 2, name: 'b', made: 44 },
    ]);
    expect(await found()).toEqual([
      ['a', 1, 'stale'],
      ['b', 2, 'counts'],
    ]);
  });

  it('is of the oldest attempt that is known when it was made before every start that is known', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [{ id: 1, name: 'a', made: 9 }]);
    expect(await found()).toEqual([['a', 1, 'stale']]);
    await brain.script(
      'update codered.ci_events set start_time = null where run_attempt = 1; delete from codered.ci_jobs where job_id < 2000',
    );
    await read(2, [{ id: 1, name: 'a', made: 14 }]);
    expect(await found()).toEqual([['a', 1, 'stale']]);
  });

  it('does not take an upload for the artifact whose number it is called by', async () => {
    await read(1, [{ id: 777, name: 'coverage', made: 14 }]);
    await upload(1, '777', 14);
    expect(await found()).toEqual([
      ['777', 1, 'counts'],
      ['coverage', 1, 'counts'],
    ]);
  });

  it('is worked out once a run, however many artifacts there are', async () => {
    const jobs = (from: number) => Array.from({ length: 256 }, (_, n) => ({ name: `job ${n}`, from, to: from + 9 }));
    for (const [n, from] of [11, 41, 71].entries()) await attempt(n + 1, from, jobs(from));
    await read(
      3,
      Array.from({ length: 300 }, (_, n) => ({ id: n + 1, name: `report-${n}`, made: 15 })),
    );
    const calls = await brain.session(async (session) => {
      await session.script(`begin; set local track_functions = 'all';
        select codered.read_gate_subject(${REPOSITORY}, 1, '${HEAD}')`);
      const rows = await session.query(
        "select funcname, calls from pg_stat_xact_user_functions where funcname in ('jobs_of_run', 'list_artifact_ages') order by 1",
      );
      await session.script('rollback');
      return rows;
    });
    // The signals ask for its jobs, too.
    expect(calls).toEqual([
      { funcname: 'jobs_of_run', calls: '2' },
      { funcname: 'list_artifact_ages', calls: '1' },
    ]);
    expect(new Set((await found()).map(([, made, age]) => `${made} ${age}`))).toEqual(new Set(['1 stale']));
  });

  it('is not asked for where reading the artifacts was given up: what was read may be the better half', async () => {
    await read(1, [{ id: 1, name: 'coverage-20', made: 14 }]);
    await upload(1, 'e2e-report', 24);
    await brain.sql(
      `insert into codered.follow_ups (project_id, kind, input, dedupe_key, status)
       select project_id, 'artifacts', '{}', 'artifacts:' || id, 'failed' from codered.ci_events`,
    );
    expect(await found()).toEqual([['e2e-report', 1, 'counts']]);
  });

  it('survives a worker that does not tell when an artifact was made', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [{ id: 1, name: 'coverage', made: 14 }]);
    await read(2, [{ id: 1, name: 'coverage', made: null }]);
    expect(await found()).toEqual([['coverage', 1, 'stale']]);
  });
});
