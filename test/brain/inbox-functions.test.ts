// The inbox in SQL: what is stored once, claimed by one, put off, given up and replayed.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { deliveryArguments } from '../../src/inbox/delivery-row.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';

const APP_ID = 1;

describe.each(testBackends)('the inbox (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  afterEach(() => brain.script('delete from codered.webhook_deliveries'));

  const row = (
    guid: string,
    more: { app_id?: number; payload?: string; action?: string; installation_id?: number | null } = {},
  ) => ({
    app_id: APP_ID,
    guid,
    event: 'push',
    action: null,
    installation_id: null,
    repository_id: null,
    payload: '{"a":1}',
    ...more,
  });
  const receive = (...deliveries: ReturnType<typeof row>[]) =>
    brain.call('receive_deliveries', deliveryArguments(deliveries));
  const claim = (batch = 10, { worker = 'w', lease_seconds = 60 } = {}) =>
    brain.call('claim_deliveries', { worker, batch, lease_seconds });
  const fail = (guid: string, dead = false, delay_ms?: number) =>
    brain.call('fail_delivery', {
      ...{ app_id: APP_ID, guid, error: 'it broke', dead },
      ...(delay_ms === undefined ? {} : { delay_ms }),
    });
  const done = (guid: string) => brain.call('record_facts', { app_id: APP_ID, guid, facts: {} });
  const standing = async (guid: string) => {
    const [found] = await brain.sql('select * from codered.webhook_deliveries where guid = $1', [guid]);
    return found;
  };
  const makeDue = () => brain.script('update codered.webhook_deliveries set available_at = now()');

  describe('receiving', () => {
    it('stores what is new, queues again what is not done, and leaves alone what is', async () => {
      expect(await receive(row('new'))).toEqual([{ guid: 'new', outcome: 'stored' }]);
      expect(await receive(row('new'))).toEqual([{ guid: 'new', outcome: 'requeued' }]);
      await claim();
      expect(await receive(row('new'))).toEqual([{ guid: 'new', outcome: 'requeued' }]);
      expect(await standing('new')).toMatchObject({ status: 'processing', locked_by: 'w' });
      await done('new');
      expect(await receive(row('new'))).toEqual([{ guid: 'new', outcome: 'known' }]);
      expect(await standing('new')).toMatchObject({ status: 'done', processed_at: expect.any(String) });
    });

    it.each([
      ['failed', false],
      ['dead', true],
    ])('queues a %s delivery again at once, with all its tries', async (status, dead) => {
      await receive(row('broken'));
      await claim();
      await fail('broken', dead);
      expect(await standing('broken')).toMatchObject({ status });
      expect(await receive(row('broken'))).toEqual([{ guid: 'broken', outcome: 'requeued' }]);
      expect(await claim()).toMatchObject([{ guid: 'broken', attempts: 1 }]);
    });

    it('leaves alone what was ignored', async () => {
      await receive(row('star'));
      await claim();
      await brain.call('ignore_delivery', { app_id: APP_ID, guid: 'star', reason: 'nothing of it is kept' });
      expect(await receive(row('star'))).toEqual([{ guid: 'star', outcome: 'known' }]);
      expect(await standing('star')).toMatchObject({ status: 'ignored', last_error: 'nothing of it is kept' });
    });

    it('takes a batch whole, with one guid twice in it', async () => {
      const outcomes = await receive(row('b'), row('a'), row('b'));
      expect(outcomes.toSorted((x, y) => x.guid.localeCompare(y.guid))).toEqual([
        { guid: 'a', outcome: 'stored' },
        { guid: 'b', outcome: 'stored' },
      ]);
      expect(await claim()).toHaveLength(2);
    });

    it('keeps the same guid of two Apps apart', async () => {
      await receive(row('shared'), row('shared', { app_id: 2 }));
      const claimed = await claim();
      expect(claimed.map(({ app_id }) => app_id).toSorted()).toEqual([1, 2]);
    });

    it('stores none of a batch when one of its payloads is no JSON', async () => {
      await expect(receive(row('good'), row('bad', { payload: '{"a":' }))).rejects.toThrow('22P02');
      expect(await claim()).toEqual([]);
    });

    it.each([
      ['NUL', '{"message":"a\\u0000b"}', 'a\0b'],
      ['a lone surrogate', '{"message":"a\\ud800b"}', 'a\ud800b'],
      ['another alphabet', '{"message":"日本語 🚒"}', '日本語 🚒'],
    ])('keeps a payload with %s as it came', async (_, payload, message) => {
      await receive(row('odd', { payload }));
      expect(await claim()).toMatchObject([{ payload: { message } }]);
      expect((await standing('odd'))?.payload).toBe(payload);
    });

    it('keeps the big numbers and the double keys of a payload', async () => {
      const payload = '{"id":12345678901234567890,"a":1,"a":2}';
      await receive(row('big', { payload }));
      expect((await standing('big'))?.payload).toBe(payload);
    });
  });

  describe('claiming', () => {
    it('hands out the oldest first and no more than was asked for', async () => {
      for (const guid of ['1', '2', '3']) await receive(row(guid));
      expect((await claim(2)).map(({ guid }) => guid)).toEqual(['1', '2']);
      expect((await claim(2)).map(({ guid }) => guid)).toEqual(['3']);
      expect(await claim(2)).toEqual([]);
    });

    it('hands a delivery out again when its lease has lapsed, which is not one more try', async () => {
      await receive(row('slow'));
      expect(await claim(10, { worker: 'first' })).toMatchObject([{ attempts: 1 }]);
      await makeDue();
      expect(await claim(10, { worker: 'second' })).toMatchObject([{ attempts: 1 }]);
      expect(await standing('slow')).toMatchObject({ locked_by: 'second', status: 'processing', interruptions: '1' });
    });

    it('gives up on a delivery that twenty-one workers died of', async () => {
      await receive(row('deadly'));
      for (let attempt = 0; attempt <= 20; attempt += 1) {
        expect(await claim()).toMatchObject([{ attempts: 1 }]);
        await makeDue();
      }
      expect(await claim()).toEqual([]);
      expect(await standing('deadly')).toMatchObject({
        status: 'dead',
        last_error: 'Every worker that took it stopped before it was done.',
      });
    });

    it('begins to count anew when it is sent again', async () => {
      await receive(row('slow'));
      await claim();
      await makeDue();
      await claim();
      await fail('slow', true);
      await receive(row('slow'));
      await claim();
      expect(await standing('slow')).toMatchObject({ attempts: '1', interruptions: '0' });
    });
  });

  describe('turns', () => {
    const of = (installation_id: number | null, ...guids: string[]) =>
      guids.map((guid) => row(guid, { installation_id }));
    const guidsOf = async (batch: number) => (await claim(batch)).map(({ guid }) => guid).toSorted();

    it('of installations come one after the other, however many deliveries one has', async () => {
      await receive(...of(7, ...Array.from({ length: 40 }, (_, n) => `flood-${n}`)));
      await receive(...of(9, 'one', 'two'), ...of(null, 'ping'));
      const claimed = [...(await claim(3)), ...(await claim(3))].map(({ guid }) => guid);
      expect(claimed).toEqual(expect.arrayContaining(['one', 'two', 'ping']));
    });

    it('leave no room free that somebody could use', async () => {
      await receive(...of(7, '7a', '7b', '7c', '7d', '7e', '7f'), ...of(9, '9a'));
      expect(await claim(6)).toHaveLength(6);
      expect(await claim(6)).toHaveLength(1);
    });

    it('go on behind the one that was served last', async () => {
      for (const installation of [3, 5, 8]) await receive(...of(installation, `${installation}a`, `${installation}b`));
      const first = [...(await guidsOf(1)), ...(await guidsOf(1)), ...(await guidsOf(1))];
      expect(new Set(first.map((guid) => guid[0])).size).toBe(3);
    });

    it('pass over an installation whose deliveries are not due', async () => {
      await receive(...of(3, 'late'), ...of(5, 'due'));
      await brain.script(
        `update codered.webhook_deliveries set available_at = now() + interval '1 hour' where guid = 'late'`,
      );
      expect(await guidsOf(5)).toEqual(['due']);
    });
  });

  describe('a lease', () => {
    it('is renewed for what its holder names and holds, and for nothing else', async () => {
      for (const guid of ['mine', 'left', 'theirs']) await receive(row(guid));
      await claim(2, { worker: 'me', lease_seconds: 1 });
      await claim(1, { worker: 'you', lease_seconds: 1 });
      const renewed = { worker: 'me', lease_seconds: 600, guids: ['mine', 'theirs'], jobs: [], publications: [] };
      expect(await brain.call('renew_leases', renewed)).toBe(1);
      const rows = await brain.sql(
        `select guid from codered.webhook_deliveries where locked_until > now() + interval '1 minute' and available_at = locked_until`,
      );
      expect(rows).toEqual([{ guid: 'mine' }]);
    });

    it('of a process that is gone is given up by the next one that has the database to itself', async () => {
      await receive(row('held'));
      await claim(10, { worker: 'gone', lease_seconds: 600 });
      expect(await claim()).toEqual([]);
      expect(await brain.call('release_leases', {})).toBe(1);
      expect(await claim()).toMatchObject([{ guid: 'held', attempts: 1 }]);
    });

    it('that has ended lets its former holder put nothing off', async () => {
      await receive(row('slow'));
      await claim(10, { worker: 'first' });
      await makeDue();
      await claim(10, { worker: 'second' });
      const error = { app_id: APP_ID, guid: 'slow', error: 'too late', dead: true };
      await brain.call('fail_delivery', { ...error, worker: 'first' });
      expect(await standing('slow')).toMatchObject({ status: 'processing', locked_by: 'second' });
      await brain.call('fail_delivery', { ...error, worker: 'second' });
      expect(await standing('slow')).toMatchObject({ status: 'dead' });
    });
  });

  describe('failing', () => {
    it('pauses as long as is asked for, a minute unless it is said, and is dead after the eighth try', async () => {
      await receive(row('flaky'));
      for (const seconds of [5, 30, 120, 600, 3_600, 3_600, null]) {
        await claim();
        const [before] = await brain.sql('select now() as at');
        expect(await fail('flaky', false, seconds === null ? undefined : seconds * 1_000)).toMatchObject({
          status: 'failed',
        });
        const [due] = await brain.sql(
          `select extract(epoch from available_at - $1::timestamptz) as from_before, extract(epoch from available_at - now()) as from_now
          from codered.webhook_deliveries`,
          [before?.at ?? null],
        );
        expect(Number(due?.from_before)).toBeGreaterThanOrEqual(seconds ?? 60);
        expect(Number(due?.from_now)).toBeLessThanOrEqual(seconds ?? 60);
        // The first is over in seconds, which a busy machine may take to ask.
        if (seconds !== 5) expect(await claim()).toEqual([]);
        await makeDue();
      }
      await claim();
      expect(await fail('flaky')).toMatchObject({ status: 'dead' });
      await makeDue();
      expect(await claim()).toEqual([]);
      expect(await standing('flaky')).toMatchObject({ status: 'dead', attempts: '8', last_error: 'it broke' });
    });

    it('is dead at once when nothing can help', async () => {
      await receive(row('malformed'));
      await claim();
      expect(await fail('malformed', true)).toMatchObject({ status: 'dead' });
    });

    it('does not take back what another worker has finished', async () => {
      await receive(row('late'));
      await claim();
      await done('late');
      expect(await fail('late')).toBeNull();
      await brain.call('ignore_delivery', { app_id: APP_ID, guid: 'late', reason: 'no' });
      expect(await standing('late')).toMatchObject({ status: 'done', last_error: null });
    });
  });

  describe('replaying', () => {
    it('queues the failed and dead ones again, with all their tries', async () => {
      await receive(row('dead'), row('failed'), row('done'));
      await claim();
      await fail('dead', true);
      await fail('failed');
      await done('done');
      expect(await brain.call('replay_deliveries', { statuses: ['failed'] })).toBe(1);
      expect(await brain.call('replay_deliveries', { statuses: ['dead', 'done'] })).toBe(1);
      expect((await claim()).map(({ guid, attempts }) => [guid, attempts]).toSorted()).toEqual([
        ['dead', 1],
        ['failed', 1],
      ]);
    });

    it('queues again whatever is named by its guid', async () => {
      await receive(row('done'), row('other'));
      await claim();
      await done('done');
      expect(await brain.call('replay_deliveries', { guids: ['done', 'unknown'] })).toBe(1);
      expect(await claim()).toMatchObject([{ guid: 'done', attempts: 1 }]);
    });
  });

  it('tells how long the queue is and how old', async () => {
    expect(await brain.call('inbox_status', {})).toMatchObject({ pending: 0, dead: 0, oldest_pending_seconds: null });
    await receive(row('1'), row('2'), row('3'), row('4'));
    await claim(3);
    await fail('1');
    await fail('2', true);
    await brain.script("update codered.webhook_deliveries set received_at = now() - interval '1 minute'");
    const status = await brain.call('inbox_status', {});
    expect(status).toMatchObject({ pending: 1, processing: 1, failed: 1, dead: 1 });
    expect(Math.round((status as { oldest_pending_seconds: number }).oldest_pending_seconds)).toBe(60);
  });

  it('lists the newest that were given up, with the reason', async () => {
    await receive(row('1'), row('2'), row('3'), row('4'));
    await claim();
    for (const guid of ['1', '2', '3']) await fail(guid, true);
    await fail('4');
    await brain.script("update codered.webhook_deliveries set received_at = now() - interval '1 h' where guid = '2'");
    expect(await brain.call('dead_deliveries', { batch: 2 })).toEqual([
      { event: 'push', guid: '1', last_error: 'it broke' },
      { event: 'push', guid: '3', last_error: 'it broke' },
    ]);
    expect(await brain.call('dead_deliveries', { batch: 5 })).toHaveLength(3);
  });

  it('gives every delivery to exactly one of many workers', async () => {
    const guids = Array.from({ length: 120 }, () => randomUUID());
    await receive(...guids.map((guid) => row(guid)));
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, place) => claim(10, { worker: `worker ${place}` })),
    );
    const rest: string[] = [];
    for (let more = await claim(); more.length > 0; more = await claim()) rest.push(...more.map(({ guid }) => guid));
    const claimed = [...claims.flat().map(({ guid }) => guid), ...rest];
    expect(claimed).toHaveLength(120);
    expect(new Set(claimed)).toEqual(new Set(guids));
  });
});

describe('two connections to the inbox (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
  });
  afterAll(() => brain.close());

  it('skips what another worker is claiming at this moment instead of waiting for it', async () => {
    const deliveries = ['1', '2', '3'].map((guid) => ({
      app_id: APP_ID,
      guid,
      event: 'push',
      action: null,
      installation_id: null,
      repository_id: null,
      payload: '{}',
    }));
    await brain.call('receive_deliveries', deliveryArguments(deliveries));
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    const claimed = await other.session(async (session) => {
      await session.script('begin');
      const mine = await session.query(`select guid from codered.claim_deliveries('other', 2, 60)`);
      const theirs = await brain.call('claim_deliveries', { worker: 'w', batch: 10, lease_seconds: 60 });
      await session.script('rollback');
      return { mine: mine.map(({ guid }) => guid), theirs: theirs.map(({ guid }) => guid) };
    });
    await other.close();
    expect(claimed).toEqual({ mine: ['1', '2'], theirs: ['3'] });
    const again = await brain.call('claim_deliveries', { worker: 'w', batch: 10, lease_seconds: 60 });
    expect(again.map(({ guid, attempts }) => [guid, attempts])).toEqual([
      ['1', 1],
      ['2', 1],
    ]);
  });
});
