// Follow-up work in SQL: one job per key is queued, one runs, and what is put off gives way.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';

describe.each(testBackends)('follow-up work (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  afterEach(() => brain.script('delete from codered.follow_ups'));

  const queue = (dedupe_key: string, input: Json = { head_sha: 'abc' }, { type = 'report', delay = '0' } = {}) =>
    brain.sql('select codered.queue_follow_up(null, $1, $2::jsonb, $3, $4::interval)', [
      type,
      JSON.stringify(input),
      dedupe_key,
      delay,
    ]);
  const claim = (worker = 'w', batch = 10) => brain.call('claim_follow_ups', { worker, batch, lease_seconds: 60 });
  const claimOne = async (worker = 'w') => {
    const [job] = await claim(worker, 1);
    if (job === undefined) throw new Error('no work is due');
    return job;
  };
  const jobs = () => brain.sql('select * from codered.follow_ups order by created_at, id');
  const lapse = () =>
    brain.script("update codered.follow_ups set run_after = now(), locked_until = now() where status = 'running'");

  describe('queueing', () => {
    it('adds to an equal job that is queued already', async () => {
      await queue('k', { head_sha: 'abc' });
      await queue('k', { head_sha: 'abc', recheck: true });
      await queue('k', { head_sha: 'abc' });
      expect(await claim()).toMatchObject([{ input: { head_sha: 'abc', recheck: true }, attempts: 1 }]);
    });

    it('takes the earlier of two times', async () => {
      await queue('k', {}, { delay: '1 hour' });
      expect(await claim()).toEqual([]);
      await queue('k', {}, { delay: '2 hours' });
      expect(await claim()).toEqual([]);
      await queue('k');
      expect(await claim()).toHaveLength(1);
    });

    it('queues a second one beside the one that runs, and starts it when that is over', async () => {
      await queue('k', { n: 1 });
      const first = await claimOne();
      await queue('k', { n: 2 });
      await queue('k', { n: 3 });
      expect(await claim('other')).toEqual([]);
      await brain.call('complete_job', { id: first.id, worker: 'w' });
      expect(await claim('other')).toMatchObject([{ input: { n: 3 }, attempts: 1 }]);
    });

    it('leaves work that is not the app’s own to whoever does it', async () => {
      await brain.sql(`insert into codered.agent_jobs (agent_type) values ('pipeline')`);
      expect(await claim()).toEqual([]);
    });
  });

  describe('claiming', () => {
    it('hands out work again when its lease has lapsed', async () => {
      await queue('k');
      const first = await claimOne('first');
      expect(await claim('second')).toEqual([]);
      await lapse();
      expect(await claim('second')).toMatchObject([{ id: first.id, attempts: 1 }]);
    });

    it('gives up on work that twenty-one workers died of', async () => {
      await queue('k');
      for (let attempt = 0; attempt <= 20; attempt += 1) {
        expect(await claim()).toMatchObject([{ attempts: 1 }]);
        await lapse();
      }
      expect(await claim()).toEqual([]);
      expect((await jobs())[0]).toMatchObject({
        status: 'failed',
        error: 'Every worker that took it stopped before it was done.',
      });
    });

    it('goes on at once with what a gone process held, and leaves the jobs of agents alone', async () => {
      await queue('k');
      await brain.sql(
        `insert into codered.agent_jobs (agent_type, status, locked_by) values ('code', 'running', 'agent')`,
      );
      const { id } = await claimOne('gone');
      expect(await brain.call('release_leases', {})).toBe(1);
      expect(await claim('next')).toMatchObject([{ id }]);
      const renewed = { worker: 'next', lease_seconds: 600, guids: [], jobs: [id], publications: [] };
      expect(await brain.call('renew_leases', renewed)).toBe(1);
      expect(await brain.call('renew_leases', { ...renewed, worker: 'gone' })).toBe(0);
    });

    it('never hands out two of one key, not even when a lease has lapsed', async () => {
      await queue('k', { n: 1 });
      const first = await claimOne('first');
      await queue('k', { n: 2 });
      await lapse();
      expect(await claim('second')).toMatchObject([{ id: first.id, input: { n: 1 }, attempts: 1 }]);
      await brain.call('complete_job', { id: first.id, worker: 'second' });
      expect(await claim('second')).toMatchObject([{ input: { n: 2 } }]);
    });

    it('stamps when the work began and when it was over', async () => {
      await queue('k');
      const { id } = await claimOne();
      expect((await jobs())[0]).toMatchObject({ started_at: expect.any(String), completed_at: null });
      await brain.call('fail_job', { id, worker: 'w', error: 'no such repository' });
      expect((await jobs())[0]).toMatchObject({
        status: 'failed',
        error: 'no such repository',
        completed_at: expect.any(String),
        locked_by: null,
      });
    });
  });

  describe('finishing', () => {
    it('keeps the result', async () => {
      await queue('k');
      const { id } = await claimOne();
      await brain.call('complete_job', { id, worker: 'w', result: { judged: true } });
      expect((await jobs())[0]).toMatchObject({ status: 'completed', result: '{"judged": true}' });
    });

    it.each([
      ['complete_job', { result: {} }],
      ['fail_job', { error: 'x' }],
      ['retry_job', { error: 'x', delay_ms: 0 }],
    ] as const)('%s by a worker that has lost the job changes nothing', async (name, more) => {
      await queue('k');
      const { id } = await claimOne('first');
      await lapse();
      await claimOne('second');
      await brain.call(name, { id, worker: 'first', ...more } as never);
      expect((await jobs())[0]).toMatchObject({ status: 'running', locked_by: 'second', error: null, result: null });
    });
  });

  describe('putting off', () => {
    it('queues the work again after the pause, and keeps counting', async () => {
      await queue('k');
      const { id } = await claimOne();
      await brain.call('retry_job', { id, worker: 'w', error: 'no log yet', delay_ms: 60_000 });
      expect(await claim()).toEqual([]);
      const [job] = await brain.sql(
        'select status, error, round(extract(epoch from run_after - now())) as seconds from codered.follow_ups',
      );
      expect(job).toMatchObject({ status: 'queued', error: 'no log yet', seconds: '60' });
      await brain.script('update codered.follow_ups set run_after = now()');
      expect(await claim()).toMatchObject([{ id, attempts: 2 }]);
    });

    it('gives way to an equal job that is queued already', async () => {
      await queue('k', { n: 1 });
      const { id } = await claimOne();
      await queue('k', { n: 2 });
      await brain.call('retry_job', { id, worker: 'w', error: 'rate limit', delay_ms: 60_000 });
      expect(await claim()).toMatchObject([{ input: { n: 2 } }]);
      expect((await jobs())[0]).toMatchObject({
        status: 'completed',
        error: 'rate limit',
        result: '{"gave_way": true}',
      });
    });
  });

  it('gives every job to exactly one of many workers', async () => {
    await Promise.all(Array.from({ length: 60 }, () => queue(randomUUID())));
    const claims = await Promise.all(Array.from({ length: 12 }, (_, place) => claim(`worker ${place}`, 5)));
    const rest: string[] = [];
    for (let more = await claim(); more.length > 0; more = await claim()) rest.push(...more.map(({ id }) => id));
    const claimed = [...claims.flat().map(({ id }) => id), ...rest];
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed).size).toBe(60);
  });
});

describe('two connections to follow-up work (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
  });
  afterAll(() => brain.close());

  it('gives way even when the equal job is queued while the other is being put off', async () => {
    const report = `select codered.queue_follow_up(null, 'report', '{"n": 2}', 'k')`;
    await brain.sql(`select codered.queue_follow_up(null, 'report', '{"n": 1}', 'k')`);
    const [job] = await brain.call('claim_follow_ups', { worker: 'w', batch: 1, lease_seconds: 60 });
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      await session.query(report);
      const putOff = brain.call('retry_job', { id: job?.id ?? '', worker: 'w', error: 'x', delay_ms: 0 });
      await expect
        .poll(() =>
          brain.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
        )
        .toHaveLength(1);
      await session.script('commit');
      await putOff;
    });
    await other.close();
    expect(await brain.sql('select status, result from codered.follow_ups order by created_at')).toEqual([
      { status: 'completed', result: '{"gave_way": true}' },
      { status: 'queued', result: null },
    ]);
  });

  it('does not start a second one of a key while the first is being claimed', async () => {
    await brain.script('delete from codered.follow_ups');
    await brain.sql(`select codered.queue_follow_up(null, 'report', '{"n": 1}', 'k')`);
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      await session.query(`select * from codered.claim_follow_ups('other', 1, 60)`);
      const queued = brain.sql(`select codered.queue_follow_up(null, 'report', '{"n": 2}', 'k')`);
      expect(await brain.call('claim_follow_ups', { worker: 'w', batch: 5, lease_seconds: 60 })).toEqual([]);
      await session.script('commit');
      await queued;
    });
    await other.close();
    expect(await brain.call('claim_follow_ups', { worker: 'w', batch: 5, lease_seconds: 60 })).toEqual([]);
    expect(await brain.sql('select status from codered.follow_ups order by created_at')).toEqual([
      { status: 'running' },
      { status: 'queued' },
    ]);
  });
});
