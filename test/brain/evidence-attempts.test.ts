// Which attempt of a run an artifact is of, and when every job that may have made it has run again since.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GateSubject, gateSubject } from '../../src/gate/gather.ts';
import { openTestBrain, type TestBrain, testHomes } from '../support/brain.ts';
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

describe.each(testHomes)('the age of evidence (%s)', (home) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(home);
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
    readonly from: number;
    readonly to: number;
  }
  const attempt = (run_attempt: number, at: number, jobs: readonly Job[]) =>
    tell(brain, {
      ci_events: [runFact({ run_attempt, ...PASSED, start_time: minute(at), source_updated_at: minute(at + 30) })],
      ci_jobs: jobs.map(({ name, from, to }, index) =>
        jobFact({
          run_attempt,
          job_id: run_attempt * 100 + index,
          name,
          ...PASSED,
          started_at: minute(from),
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
  const told = async () => {
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
    expect(await told()).toEqual([['coverage-20', 1, 'counts']]);
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
    expect(await told()).toEqual([
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
    expect(await told()).toEqual([
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
    expect(await told()).toEqual([
      ['coverage-a', 1, 'counts'],
      ['coverage-b', 1, 'stale'],
    ]);
  });

  it('is unknown, and counts, of what GitHub does not tell the time of', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [{ id: 1, name: 'coverage', made: null }]);
    expect(await told()).toEqual([['coverage', 2, 'counts']]);
  });

  it('is stale when no job is known that may have made it', async () => {
    await brain.script('delete from codered.ci_jobs');
    await attempt(2, 40, []);
    await read(2, [{ id: 1, name: 'coverage', made: 14 }]);
    expect(await told()).toEqual([['coverage', 1, 'stale']]);
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
    expect(await told()).toEqual([
      ['coverage', 2, 'counts'],
      ['e2e-report', 1, 'counts'],
      ['lint', 1, 'stale'],
    ]);
  });

  it('survives a worker that does not tell when an artifact was made', async () => {
    await attempt(2, 40, rerunOfAll);
    await read(2, [{ id: 1, name: 'coverage', made: 14 }]);
    await read(2, [{ id: 1, name: 'coverage', made: null }]);
    expect(await told()).toEqual([['coverage', 1, 'stale']]);
  });
});
