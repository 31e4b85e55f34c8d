import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Brain, openBrain } from '../../src/brain/client.ts';
import { listen } from '../../src/http/listen.ts';
import { type DeliveryRow, deliveryArguments, SAVE_OUTCOMES } from '../../src/inbox/delivery-row.ts';
import { makeReceive } from '../../src/inbox/receive.ts';
import { makeStore, openStore, type ReceiveDeliveries } from '../../src/inbox/store.ts';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { bothBackends, openTestBrain, type TestBrain } from '../support/brain.ts';
import { openProxy } from '../support/cuttable-proxy.ts';
import { deliver, webhookSecret } from '../support/delivery.ts';
import { makeLogLines } from '../support/log-lines.ts';

function row(changes: Partial<DeliveryRow> = {}): DeliveryRow {
  const ids = { action: null, installation_id: null, repository_id: null };
  return { app_id: 1, guid: randomUUID(), event: 'push', ...ids, payload: '{}', ...changes };
}

/** The SQL function with the sizes of the batches it was called with; each call first waits for `gate`. */
function counted(brain: Brain, gate: () => Promise<void> = async () => {}) {
  const batches: number[] = [];
  const receiveDeliveries: ReceiveDeliveries = async (rows) => {
    batches.push(rows.length);
    await gate();
    const answers = await brain.call('receive_deliveries', deliveryArguments(rows));
    return answers.map(({ guid, outcome }) => ({
      guid,
      outcome: SAVE_OUTCOMES.find((known) => known === outcome) ?? 'known',
    }));
  };
  return { batches, receiveDeliveries };
}

const limits = { lanes: 1, batchRows: 64, batchBytes: 1_000_000, callMs: 5_000 };

describe.each(bothBackends)('storing in the %s backend', (kind) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(kind);
  });
  afterAll(() => brain.close());

  const stored = async (guids: readonly string[]) => {
    const rows = await brain.sql('select guid from codered.webhook_deliveries where guid = any ($1::text[])', [
      `{${guids.join(',')}}`,
    ]);
    return rows.map(({ guid }) => guid);
  };

  it('is pressed for a second after a delivery had to wait for a call under way', async () => {
    const gate = Promise.withResolvers<void>();
    const { batches, receiveDeliveries } = counted(brain, () => gate.promise);
    let nowMs = 0;
    const store = makeStore({ ...limits, receiveDeliveries, now: () => nowMs });
    const first = store.save(row(), 5_000);
    await expect.poll(() => batches).toEqual([1]);
    expect(store.isPressed()).toBe(false);
    nowMs = 500;
    const second = store.save(row(), 5_000);
    expect(store.isPressed()).toBe(true);
    gate.resolve();
    await Promise.all([first, second]);
    nowMs = 1_499;
    expect(store.isPressed()).toBe(true);
    nowMs = 1_500;
    expect(store.isPressed()).toBe(false);
  });

  it('puts deliveries that come while a call is under way into one further call', async () => {
    const gate = Promise.withResolvers<void>();
    const { batches, receiveDeliveries } = counted(brain, () => gate.promise);
    const store = makeStore({ ...limits, receiveDeliveries });
    const first = store.save(row(), 5_000);
    await expect.poll(() => batches).toEqual([1]);
    const rows = Array.from({ length: 30 }, () => row());
    const later = rows.map((one) => store.save(one, 5_000));
    gate.resolve();
    expect(await Promise.all([first, ...later])).toEqual(Array(31).fill('stored'));
    expect(batches).toEqual([1, 30]);
    expect(await stored(rows.map(({ guid }) => guid))).toHaveLength(30);
  });

  it('makes as many calls at once as it has lanes, and no more', async () => {
    const gate = Promise.withResolvers<void>();
    const { batches, receiveDeliveries } = counted(brain, () => gate.promise);
    const store = makeStore({ ...limits, lanes: 2, receiveDeliveries });
    const saved: Promise<unknown>[] = [];
    for (const calls of [1, 2]) {
      saved.push(store.save(row(), 5_000));
      await expect.poll(() => batches).toHaveLength(calls);
    }
    for (let more = 0; more < 5; more += 1) saved.push(store.save(row(), 5_000));
    await wait(20);
    expect(batches).toEqual([1, 1]);
    gate.resolve();
    await Promise.all(saved);
    expect(batches).toEqual([1, 1, 5]);
  });

  it('keeps each batch within its rows and bytes', async () => {
    const { batches, receiveDeliveries } = counted(brain);
    const store = makeStore({ ...limits, batchRows: 4, batchBytes: 100, receiveDeliveries });
    const small = Array.from({ length: 6 }, () => row());
    const large = [1, 2, 3].map(() => row({ payload: JSON.stringify({ a: 'x'.repeat(60) }) }));
    await Promise.all([...small, ...large].map((one) => store.save(one, 5_000)));
    expect(batches).toEqual([4, 3, 1, 1]);
  });

  it('answers each of two deliveries of one guid that came together', async () => {
    const { batches, receiveDeliveries } = counted(brain);
    const store = makeStore({ ...limits, receiveDeliveries });
    const one = row();
    const outcomes = await Promise.all([store.save(one, 5_000), store.save(one, 5_000)]);
    expect(outcomes).toEqual(['stored', 'stored']);
    expect(batches).toEqual([2]);
    expect(await stored([one.guid])).toEqual([one.guid]);
  });

  it('stores all of a batch but the row that the database refuses', async () => {
    const store = openStore(brain);
    const good = [row(), row(), row()];
    const poison = row({ event: 'e'.repeat(101) });
    const saved = await Promise.allSettled([...good, poison, row()].map((one) => store.save(one, 5_000)));
    expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(saved[3]).toMatchObject({ reason: expect.any(Rejected) });
    expect(await stored(good.map(({ guid }) => guid))).toHaveLength(3);
  });
});

describe('a database that does not answer', () => {
  const never: ReceiveDeliveries = () => new Promise(() => {});

  it('makes the store give up in time, and not store later what was given up while it waited', async () => {
    let calls: string[][] = [];
    const hung = Promise.withResolvers<void>();
    const store = makeStore({
      ...limits,
      receiveDeliveries: async (rows) => {
        calls = [...calls, rows.map(({ guid }) => guid)];
        await hung.promise;
        return rows.map(({ guid }) => ({ guid, outcome: 'stored' }));
      },
    });
    const given = { status: 'rejected', reason: new Transient('The delivery was not stored within 200 ms') };
    const first = store.save(row({ guid: 'under-way' }), 200);
    const waited = Promise.allSettled([first, wait(20).then(() => store.save(row({ guid: 'waiting' }), 200))]);
    expect(await waited).toEqual([given, given]);
    hung.resolve();
    expect(await store.save(row({ guid: 'later' }), 1_000)).toBe('stored');
    expect(calls).toEqual([['under-way'], ['later']]);
  });

  it('does not hold up the next call for longer than a call may take', async () => {
    let calls = 0;
    const store = makeStore({
      ...limits,
      callMs: 30,
      receiveDeliveries: (rows) => {
        calls += 1;
        return calls === 1 ? never(rows) : Promise.resolve(rows.map(({ guid }) => ({ guid, outcome: 'stored' })));
      },
    });
    await expect(store.save(row(), 5_000)).rejects.toThrow('receive_deliveries has not answered for 30 ms');
    expect(await store.save(row(), 5_000)).toBe('stored');
  });
});

describe('the receiver before a Postgres', () => {
  it('says 503 while it is gone or hangs, and takes the same delivery once it is back', async () => {
    const database = await openTestBrain('postgres');
    const proxy = await openProxy(database.databaseUrl ?? '');
    const brain = await openBrain({ kind: 'postgres', url: proxy.url }, makeLogLines());
    const { log, lines } = makeLogLines();
    const quiet = { log, observe: () => {}, onStored: () => {}, saveMs: 700 };
    const receive = makeReceive({ appId: 1, secrets: [webhookSecret], store: openStore(brain), ...quiet });
    const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [receive], onError: () => {} });
    const delivery = { guid: randomUUID(), body: '{"zen":"Approachable is better than simple."}' };
    const attempt = async () => {
      const { status, headers } = await deliver(http.url, delivery);
      return [status, headers.get('retry-after')];
    };
    try {
      await proxy.cut();
      expect(await attempt()).toEqual([503, '10']);
      await proxy.mend();
      proxy.freeze();
      expect(await attempt()).toEqual([503, '10']);
      expect(await database.sql('select guid from codered.webhook_deliveries')).toEqual([]);
      await proxy.mend();
      await expect.poll(attempt, { timeout: 120_000 }).toEqual([202, null]);
      expect(await database.sql('select guid from codered.webhook_deliveries')).toEqual([{ guid: delivery.guid }]);
      expect(lines.filter(({ level }) => level >= 50).length).toBeGreaterThanOrEqual(2);
    } finally {
      await http.close(1_000);
      await brain.close();
      await proxy.close();
      await database.close();
    }
  });
});
