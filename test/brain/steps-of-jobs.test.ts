// The steps that the gate is told of: those of the jobs that count, without what the runner puts around them.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collect, gateCommit } from '../../src/gate/collect/collect.ts';
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

describe.each(testBackends)('the steps of jobs (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  const url = (job: number) => `https://github.com/octo-org/web-shop/actions/runs/7001/job/${job}`;
  const attempt = (run_attempt: number, names: readonly string[]) =>
    tell(brain, {
      ci_events: [runFact({ run_attempt, ...PASSED, source_updated_at: minute(10 * run_attempt) })],
      ci_jobs: names.map((name, index) => {
        const job_id = run_attempt * 10 + index;
        const found = ['Set up job', `Run npm run ${name}`, 'Post Run actions/checkout@v4', 'Complete job'];
        const steps = found.map((step, place) => ({
          number: place + 1,
          name: step,
          status: 'completed',
          conclusion: place === 1 && run_attempt === 2 ? 'skipped' : 'success',
        }));
        return jobFact({
          run_attempt,
          job_id,
          name,
          ...PASSED,
          steps,
          html_url: url(job_id),
          source_updated_at: minute(10 * run_attempt),
        });
      }),
    });
  const read = async (sha = HEAD, pull_request_number = 1) =>
    gateCommit.parse(await brain.call('read_gate_commit', { repository_id: REPOSITORY, pull_request_number, sha }));

  it('are told of each job in its newest attempt', async () => {
    await attempt(1, ['lint', 'unit']);
    await attempt(2, ['lint']);
    expect((await read())?.jobs).toEqual([
      { url: url(11), steps: [{ name: 'Run npm run unit', conclusion: 'success' }] },
      { url: url(20), steps: [{ name: 'Run npm run lint', conclusion: 'skipped' }] },
    ]);
  });

  it('stand beside their signals', async () => {
    await attempt(1, ['lint']);
    const subject = await read();
    if (subject === null) throw new Error('no subject');
    expect(collect(subject, null).signals).toMatchObject([
      { name: 'lint', steps: [{ name: 'Run npm run lint', conclusion: 'success' }] },
    ]);
  });

  it('are none of another commit, and nothing of an unknown pull request', async () => {
    await attempt(1, ['lint']);
    expect((await read('b'.repeat(40)))?.jobs).toEqual([]);
    expect(await read(HEAD, 99)).toBeNull();
  });

  it('are for the service alone', async () => {
    const { error } = await brain
      .clientFor({ role: 'authenticated', sub: '00000000-0000-4000-8000-000000000001' })
      .rpc('read_gate_commit', { repository_id: REPOSITORY, pull_request_number: 1, sha: HEAD });
    expect(error?.code).toBe('42501');
  });
});
