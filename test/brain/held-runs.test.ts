// Which runs count as held by an environment, what is read of them, and when a recheck is due; GitHub's lists of jobs come over a
// socket.

import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import { evaluateSubject } from '../../src/gate/evaluate-head.ts';
import { withHeldRuns } from '../../src/gate/held-runs.ts';
import type { CiJobFact } from '../../src/model/facts.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
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
import { testOctokit } from '../support/github-octokit.ts';
import { NEIGHBOUR, tellNeighbour } from '../support/neighbour.ts';

const NOW = Date.parse(minute(30));
const POLICY = 'dod: { coverage_min: 0.8 }\nevidence: { coverage_min: { artifact: coverage } }\n';
const QUEUED = { status: 'queued', conclusion: null, started_at: null, completed_at: null } as const;
const RUNNING = { status: 'running', conclusion: null, completed_at: null } as const;
const PASSED = { status: 'succeeded', conclusion: 'success' } as const;

/** As GitHub lists a job. */
type Listed = readonly [status: string, completed_at: string | null];
const ENDED: Listed = ['completed', minute(4)];
const WAITS: Listed = ['waiting', null];

describe.each(testBackends)('runs that an environment holds (%s)', (backend) => {
  let brain: TestBrain;
  let server: Server;
  let listed: Map<string, readonly Listed[]>;
  const asked: string[] = [];
  let baseUrl = '';

  beforeAll(async () => {
    brain = await openTestBrain(backend);
    server = createServer(({ url }, response) => {
      const run = /\/runs\/(\d+)\/jobs/.exec(url ?? '')?.[1] ?? '';
      asked.push(run);
      const jobs = (listed.get(run) ?? []).map(([status, completed_at]) => ({ status, completed_at }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ total_count: jobs.length, jobs }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    baseUrl = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await brain.close();
  });
  beforeEach(async () => {
    listed = new Map([['7001', [ENDED, WAITS]]]);
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });
  afterEach(() => asked.splice(0));

  /** A run that goes on, and its jobs. */
  const run = (run_id: string, jobs: readonly Partial<CiJobFact>[], workflow = 'ci') =>
    tell(brain, {
      ci_events: [
        runFact({
          run_id,
          workflow_path: `.github/workflows/${workflow}.yml`,
          status: 'running',
          conclusion: null,
        }),
      ],
      ci_jobs: jobs.map((job, index) => {
        const job_id = Number(run_id) * 10 + index;
        return jobFact({ run_id, job_id, name: `job ${job_id}`, html_url: `https://github.com/job/${job_id}`, ...job });
      }),
    });
  const ask = async (policy = POLICY) => {
    const place = { repository_id: REPOSITORY, pull_request_number: 1, sha: HEAD };
    const subject = gateSubject.parse(await brain.call('read_gate_subject', place));
    const parsed = parsePolicy(policy);
    if (!('policy' in parsed)) throw new Error('a broken policy');
    const verdict = evaluateSubject(subject, parsed.policy, { change: null, now: new Date(NOW).toISOString() });
    const found = await withHeldRuns(subject, verdict, { brain, octokit: await testOctokit(baseUrl), now: NOW });
    return {
      held: found.subject.runs.filter(({ is_held }) => is_held).map(({ run_id }) => run_id),
      until: found.until,
    };
  };
  const queued = () =>
    brain.sql(
      "select e.run_id, j.status from codered.follow_ups j join codered.ci_events e on e.id::text = j.input->>'ci_event_id' where j.kind = 'artifacts' order by 1",
    );
  const finish = () => brain.script("update codered.follow_ups set status = 'completed' where kind = 'artifacts'");

  test('are read first, and marked once what they made is read', async () => {
    await run('7001', [PASSED, QUEUED]);
    expect(await ask()).toEqual({ held: [], until: null });
    expect(await ask()).toEqual({ held: [], until: null });
    expect(await queued()).toEqual([{ run_id: '7001', status: 'queued' }]);
    await finish();
    expect(await ask()).toEqual({ held: ['7001'], until: null });
    // One more that waits has left nothing.
    await run('7001', [PASSED, QUEUED, QUEUED]);
    expect(await ask()).toEqual({ held: ['7001'], until: null });
    expect(asked).toEqual(['7001', '7001', '7001', '7001']);
  });

  test('are read again when another of their jobs has ended', async () => {
    await run('7001', [PASSED, QUEUED]);
    await ask();
    await finish();
    await run('7001', [PASSED, QUEUED, { ...PASSED, source_updated_at: minute(9) }]);
    expect(await ask()).toEqual({ held: [], until: null });
    expect(await queued()).toHaveLength(2);
  });

  test('are read again when the last of their jobs is told anew', async () => {
    await run('7001', [PASSED, { ...PASSED, source_updated_at: minute(5) }, QUEUED]);
    await ask();
    await finish();
    await run('7001', [PASSED, { ...PASSED, source_updated_at: minute(9) }, QUEUED]);
    expect(await ask()).toEqual({ held: [], until: null });
  });

  test.each<[string, readonly Partial<CiJobFact>[]]>([
    ['a job of it runs', [PASSED, QUEUED, RUNNING]],
    ['none of its jobs has ended', [QUEUED, QUEUED]],
    ['none of its jobs waits', [PASSED, PASSED]],
  ])('are not asked for where %s', async (_, jobs) => {
    await run('7001', jobs);
    expect(await ask()).toEqual({ held: [], until: null });
    expect(asked).toEqual([]);
  });

  test.each([
    ['nothing rests on what runs make', 'dod: { lint_pass: true }\nevidence: { lint_pass: { job: lint } }\n'],
    ['the verdict is there', 'dod: { lint_pass: true }\n'],
  ])('are not asked for where %s', async (_, policy) => {
    await run('7001', [{ ...PASSED, status: 'failed', conclusion: 'failure', name: 'lint' }, QUEUED]);
    expect(await ask(policy)).toEqual({ held: [], until: null });
    expect(asked).toEqual([]);
  });

  test('are told by their own jobs, whatever goes on in another workflow', async () => {
    await run('7001', [PASSED, QUEUED]);
    await run('7002', [RUNNING, PASSED], 'lint');
    await ask();
    await finish();
    await run('7002', [RUNNING, PASSED, { ...PASSED, source_updated_at: minute(9) }], 'lint');
    expect(await ask()).toEqual({ held: ['7001'], until: null });
    expect(asked).toEqual(['7001', '7001']);
  });

  test('are held each by itself', async () => {
    listed.set('7002', [ENDED, ['in_progress', null]]);
    await run('7001', [PASSED, QUEUED]);
    await run('7002', [PASSED, QUEUED], 'lint');
    await ask();
    await finish();
    expect(await ask()).toEqual({ held: ['7001'], until: null });
    expect(await queued()).toEqual([{ run_id: '7001', status: 'completed' }]);
  });

  test.each([59_999, 60_000])('wait a minute for jobs that need one which ended %i ms ago', async (ago) => {
    const ended = NOW - ago;
    listed.set('7001', [['completed', new Date(ended).toISOString()], WAITS]);
    await run('7001', [PASSED, QUEUED]);
    const isQuiet = ago === 60_000;
    expect(await ask()).toEqual({ held: [], until: isQuiet ? null : new Date(ended + 60_000).toISOString() });
    expect(await queued()).toHaveLength(isQuiet ? 1 : 0);
  });

  test('come up at the first of their minutes', async () => {
    const ends = [NOW - 10_000, NOW - 50_000];
    for (const [index, at] of ends.entries()) {
      listed.set(`700${index + 1}`, [['completed', new Date(at).toISOString()], WAITS]);
      await run(`700${index + 1}`, [PASSED, QUEUED], `ci-${index}`);
    }
    expect((await ask()).until).toBe(new Date(NOW + 10_000).toISOString());
  });

  test('cost five requests at the most', async () => {
    for (let index = 1; index <= 6; index += 1) {
      listed.set(`700${index}`, [ENDED, WAITS]);
      await run(`700${index}`, [PASSED, QUEUED], `ci-${index}`);
    }
    await ask();
    expect(asked).toHaveLength(5);
  });

  test('of another repository, or over, are never read here', async () => {
    await run('7001', [PASSED, QUEUED]);
    await tellNeighbour(brain);
    await brain.script(`update codered.ci_events set status = 'running' where repository_id = ${NEIGHBOUR}`);
    const events = await brain.sql('select id from codered.ci_events order by repository_id');
    const ids = events.map(({ id }) => id ?? '');
    const told = await brain.call('queue_held_evidence', { repository_id: REPOSITORY, ci_event_ids: ids });
    expect(told).toEqual({ queued: 1, read: [] });
    expect(await queued()).toEqual([{ run_id: '7001', status: 'queued' }]);
    await brain.script(`update codered.ci_events set status = 'failed' where repository_id = ${REPOSITORY}`);
    await finish();
    const over = await brain.call('queue_held_evidence', { repository_id: REPOSITORY, ci_event_ids: ids });
    expect(over).toEqual({ queued: 0, read: [] });
  });
});
