// A success in the outbox against what comes in meanwhile: when it is handed out, when it counts as overtaken, what becomes of it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { forgetEverything, HEAD, minute, pullRequestFact, REPOSITORY, runFact, tell } from '../support/fact-rows.ts';

const WORKER = 'w';
const TARGET = `${HEAD}:CodeRed`;

describe.each(testBackends)('a success in the outbox (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()], ci_events: [runFact({ status: 'succeeded' })] });
    await look();
  });

  /** Does the report that is due, if any: claims and completes it. */
  async function look(): Promise<number> {
    const jobs = await brain.call('claim_follow_ups', { worker: WORKER, batch: 10, lease_seconds: 60 });
    for (const { id } of jobs) await brain.call('complete_job', { id, worker: WORKER });
    return jobs.length;
  }
  const version = () => brain.call('read_evidence_version', { repository_id: REPOSITORY, sha: HEAD });
  const request = (conclusion: string | null, evidence_version?: string) =>
    brain.call('request_publication', {
      repository_id: REPOSITORY,
      kind: 'check_run',
      target: TARGET,
      desired: { head_sha: HEAD, conclusion },
      desired_hash: String(conclusion),
      evidence_version,
    });
  const claim = () => brain.call('claim_publications', { worker: WORKER, batch: 10, lease_seconds: 60, spacing_ms: 0 });
  async function claimOne() {
    const [claimed] = await claim();
    if (claimed === undefined) throw new Error('nothing is handed out');
    return claimed;
  }
  const overtaken = (id: string) => brain.call('is_publication_overtaken', { id });
  const giveBack = (id: string, worker = WORKER) =>
    brain.call('yield_publication', { id, worker, error: 'more is known' });
  const rerun = () =>
    tell(brain, {
      ci_events: [runFact({ run_attempt: 2, status: 'running', source_updated_at: minute(9) })],
    });
  const rows = () =>
    brain.sql(
      `select generation, desired ->> 'conclusion' as conclusion, is_due, locked_by from codered.publications order by generation`,
    );

  it('is handed out when nothing was told since', async () => {
    await request('success', await version());
    expect(await overtaken((await claimOne()).id)).toBe(false);
  });

  it('is not handed out while a look at its commit is queued or under way, and everything else is', async () => {
    await request('success', await version());
    await brain.call('request_publication', {
      repository_id: REPOSITORY,
      kind: 'comment',
      target: '1',
      desired: { conclusion: 'success' },
      desired_hash: 'x',
    });
    await rerun();
    expect(await claim()).toMatchObject([{ kind: 'comment' }]);
    await brain.script(
      "update codered.publications set locked_until = null, published_hash = desired_hash where kind = 'comment'",
    );
    const jobs = await brain.call('claim_follow_ups', { worker: WORKER, batch: 10, lease_seconds: 60 });
    expect(await claim()).toEqual([]);
    for (const { id } of jobs) await brain.call('complete_job', { id, worker: WORKER });
    expect(await claim()).toMatchObject([{ kind: 'check_run' }]);
  });

  it.each(['failure', null])('does not hold a conclusion of %s back', async (conclusion) => {
    await request(conclusion, await version());
    await rerun();
    expect(await claim()).toMatchObject([{ desired: { conclusion } }]);
  });

  it('does not wait for a look at a deadline', async () => {
    await brain.call('queue_report', { repository_id: REPOSITORY, head_sha: HEAD, seconds: 3600 });
    await request('success', await version());
    expect(await overtaken((await claimOne()).id)).toBe(false);
  });

  it('is overtaken by what is told after it was handed out, also once a look at that was given up', async () => {
    await request('success', await version());
    const { id } = await claimOne();
    await rerun();
    expect(await overtaken(id)).toBe(true);
    await brain.script("update codered.follow_ups set status = 'failed' where status = 'queued'");
    expect(await overtaken(id)).toBe(true);
  });

  it('is not overtaken by what says the same again', async () => {
    await request('success', await version());
    const { id } = await claimOne();
    await tell(brain, { ci_events: [runFact({ status: 'succeeded' })] });
    await look();
    expect(await overtaken(id)).toBe(false);
  });

  it('is overtaken when it is gone', async () => {
    expect(await overtaken('00000000-0000-4000-8000-000000000000')).toBe(true);
  });

  it('that is given back has its commit looked at again, and is handed out once that found it true', async () => {
    await request('success', await version());
    const { id } = await claimOne();
    await rerun();
    await brain.script("update codered.follow_ups set status = 'failed' where status = 'queued'");
    await giveBack(id);
    expect(await claim()).toEqual([]);
    expect(await look()).toBe(1);
    await request('success', await version());
    const again = await claimOne();
    expect(again).toMatchObject({ id, generation: 1, attempts: 1 });
    expect(await overtaken(id)).toBe(false);
  });

  it('that is given back after a newer request takes that over, so that it does not wait for ever', async () => {
    await request('success', await version());
    const { id } = await claimOne();
    await rerun();
    await look();
    expect(await request(null, await version())).toEqual({ changed: true, generation: 2 });
    expect(await overtaken(id)).toBe(true);
    await giveBack(id);
    expect(await rows()).toEqual([{ generation: '1', conclusion: null, is_due: 't', locked_by: null }]);
    expect(await look()).toBe(0);
    expect(await claim()).toMatchObject([{ id, desired: { conclusion: null } }]);
  });

  it('is given back only by who holds it', async () => {
    await request('success', await version());
    const { id } = await claimOne();
    await giveBack(id, 'somebody else');
    expect(await rows()).toMatchObject([{ locked_by: WORKER }]);
    expect(await look()).toBe(0);
  });

  it('that was worked out from less than is known queues another look, one that knows all does not', async () => {
    const before = await version();
    await rerun();
    await look();
    await request('success', await version());
    expect(await look()).toBe(0);
    await request(null, before);
    expect(await look()).toBe(1);
  });

  it('is still handed out for a worker that tells of no version', async () => {
    await request('success');
    expect(await overtaken((await claimOne()).id)).toBe(false);
  });
});
