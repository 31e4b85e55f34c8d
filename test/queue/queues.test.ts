import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/inbox/store.ts';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { deliveryQueue } from '../../src/queue/deliveries.ts';
import { followUpQueue } from '../../src/queue/follow-ups.ts';
import { keepLeases, type Leases } from '../../src/queue/leases.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
afterEach(() => brain.script('delete from codered.webhook_deliveries; delete from codered.follow_ups'));

const whileHeld: Leases['whileHeld'] = (_held, work) => work();
const parts = () => ({ brain, worker: 'test', leaseSeconds: 60, whileHeld, log: makeLogLines().log });

describe('the queue of deliveries', () => {
  async function store(payload = '{"a":1}'): Promise<string> {
    const guid = randomUUID();
    const ids = { action: null, installation_id: null, repository_id: null };
    await openStore(brain).save({ app_id: 1, guid, event: 'push', ...ids, payload }, 5_000);
    return guid;
  }

  async function standing() {
    const [row] = await brain.sql(
      `select status, attempts, last_error, available_at > now() + interval '2 seconds' as later from codered.webhook_deliveries`,
    );
    return row;
  }

  it('hands out a delivery with its payload parsed, and leaves alone what was processed', async () => {
    const guid = await store();
    const seen: unknown[] = [];
    const outcomes: string[] = [];
    const queue = deliveryQueue({
      ...parts(),
      process: async (delivery) => {
        seen.push(delivery);
        await brain.call('ignore_delivery', { app_id: 1, guid, reason: 'seen' });
      },
      observe: (outcome) => outcomes.push(outcome),
    });
    const claimed = await queue.claim(10);
    for (const delivery of claimed) await queue.handle(delivery);
    expect(seen).toEqual([
      { app_id: 1, guid, event: 'push', payload: { a: 1 }, attempts: 1, claim: expect.any(Number) },
    ]);
    expect(outcomes).toEqual(['processed']);
    expect(await standing()).toMatchObject({ status: 'ignored', last_error: 'seen' });
    expect(await queue.claim(10)).toEqual([]);
  });

  it.each([
    [
      'never again when it is rejected',
      new Rejected('workflow_run.id is missing'),
      'dead',
      'Rejected: workflow_run.id',
    ],
    ['after a pause when something passing failed', new Transient('deadlock'), 'failed', 'Transient: deadlock'],
    ['after a pause when we have a bug', new TypeError('x is undefined'), 'failed', 'TypeError: x is undefined'],
  ])('tries a delivery %s', async (_, error, status, reason) => {
    await store();
    const outcomes: string[] = [];
    const queue = deliveryQueue({
      ...parts(),
      process: () => Promise.reject(error),
      observe: (outcome) => outcomes.push(outcome),
    });
    for (const delivery of await queue.claim(1)) await queue.handle(delivery);
    expect(outcomes).toEqual([status]);
    expect(await standing()).toMatchObject({ status, attempts: '1', later: 't' });
    expect((await standing())?.last_error).toContain(reason);
    expect(await queue.claim(1)).toEqual([]);
  });

  it('does not hand out what another worker holds until its lease ends', async () => {
    const guid = await store();
    const rest = { process: async () => {}, observe: () => {} };
    const first = deliveryQueue({ ...parts(), leaseSeconds: 1, ...rest });
    const second = deliveryQueue({ ...parts(), worker: 'another', ...rest });
    expect(await first.claim(1)).toHaveLength(1);
    expect(await second.claim(1)).toEqual([]);
    await expect.poll(() => second.claim(1), { timeout: 120_000 }).toMatchObject([{ guid, attempts: 1 }]);
  });
});

describe('the queue of follow-up work', () => {
  async function add(attempts = 0): Promise<void> {
    await brain.sql(
      `insert into codered.follow_ups (kind, input, dedupe_key, attempts) values ('report', '{"head_sha":"abc"}', $1, $2)`,
      [randomUUID(), String(attempts)],
    );
  }

  async function workOnce(work: () => Promise<unknown>): Promise<string[]> {
    const outcomes: string[] = [];
    const observe = (type: string, outcome: string) => outcomes.push(`${type} ${outcome}`);
    const queue = followUpQueue({ ...parts(), work, observe });
    for (const job of await queue.claim(10)) await queue.handle(job);
    return outcomes;
  }

  async function standing() {
    const [row] = await brain.sql(
      `select status, error, result, round(extract(epoch from run_after - now())) as due_in from codered.follow_ups`,
    );
    return row;
  }

  it('keeps the result of work that was done', async () => {
    await add();
    expect(await workOnce(async () => ({ comments: 1 }))).toEqual(['report completed']);
    expect(await standing()).toMatchObject({ status: 'completed', error: null, result: '{"comments": 1}' });
  });

  it('keeps nothing of a result that is no JSON', async () => {
    await add();
    await workOnce(async () => undefined);
    expect(await standing()).toMatchObject({ status: 'completed', result: expect.toBeOneOf([null, 'null']) });
  });

  it('tries again after 5 s, 30 s, … up to a fifth earlier, and no earlier than was asked', async () => {
    await add();
    expect(await workOnce(() => Promise.reject(new Transient('no log yet')))).toEqual(['report retried']);
    expect(await standing()).toMatchObject({ status: 'queued', error: 'Transient: no log yet' });
    expect(Number((await standing())?.due_in)).toSatisfy((seconds: number) => seconds >= 3 && seconds <= 5);

    await brain.script('update codered.follow_ups set run_after = now(), attempts = 1');
    await workOnce(() => Promise.reject(new Transient('rate limit', { retryAfterMs: 90_000 })));
    expect(Number((await standing())?.due_in)).toSatisfy((seconds: number) => seconds >= 88 && seconds <= 90);
  });

  it('gives up at once when the work is rejected, and after the eighth try otherwise', async () => {
    await add();
    expect(await workOnce(() => Promise.reject(new Rejected('no such repository')))).toEqual(['report failed']);
    expect(await standing()).toMatchObject({ status: 'failed', error: 'Rejected: no such repository' });
    await brain.script('delete from codered.follow_ups');
    await add(7);
    expect(await workOnce(() => Promise.reject(new Transient('still no log')))).toEqual(['report failed']);
  });
});

describe('a lease', () => {
  it('is kept for as long as the work goes on, and not a moment longer', async () => {
    const { log } = makeLogLines();
    const leases = keepLeases({ brain, worker: 'test', leaseSeconds: 1, log });
    const work = Promise.withResolvers<void>();
    const id = randomUUID();
    await brain.sql("insert into codered.follow_ups (id, kind, input, dedupe_key) values ($1, 'report', '{}', $2)", [
      id,
      id,
    ]);
    const claim = (worker: string) => brain.call('claim_follow_ups', { worker, batch: 1, lease_seconds: 1 });
    const [claimed] = await claim('test');
    const held = leases.whileHeld({ queue: 'jobs', key: id, claim: claimed?.claim ?? 0 }, () => work.promise);
    const ends = async () => (await brain.sql('select locked_until from codered.follow_ups'))[0]?.locked_until;
    const first = await ends();
    await expect.poll(ends, { timeout: 120_000 }).not.toBe(first);
    work.resolve();
    await held;
    await expect.poll(() => claim('another'), { timeout: 120_000 }).toMatchObject([{ id, attempts: 1 }]);
    leases.stop();
  });
});
