import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Transient } from '../../src/model/errors.ts';
import { type Loop, type LoopOptions, startLoop } from '../../src/queue/loop.ts';
import { makeLogLines } from '../support/log-lines.ts';

const started: Loop[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop()));
});

/** A queue in memory and a worker over it that polls too rarely to matter, unless the options say otherwise. */
function start(options: Partial<LoopOptions<number>> = {}) {
  const waiting: number[] = [];
  const claims: number[] = [];
  const done: number[] = [];
  const { log, lines } = makeLogLines();
  const worker = startLoop<number>({
    name: 'test',
    claim: async (limit) => {
      claims.push(limit);
      return waiting.splice(0, limit);
    },
    handle: async (item) => {
      await wait(1);
      done.push(item);
    },
    concurrency: 4,
    pollMs: 60_000,
    stopMs: 1_000,
    log,
    ...options,
  });
  started.push(worker);
  return { worker, waiting, claims, done, lines };
}

describe('a worker', () => {
  it('works through a long queue without being woken again, never more at once than it may', async () => {
    let atOnce = 0;
    let most = 0;
    const { worker, waiting, done } = start({
      handle: async (item) => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await wait(item % 3);
        atOnce -= 1;
        done.push(item);
      },
    });
    waiting.push(...Array(50).keys());
    await worker.idle();
    expect(done.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect(most).toBe(4);
  });

  it.each([
    ['two', 2, 2],
    ['none', 0, 1],
    ['more than it ever may', 9, 4],
  ])(
    'works at %s at once while that is what it may for the time being, but always at one',
    async (_, now, expected) => {
      let atOnce = 0;
      let most = 0;
      const { worker, waiting, claims } = start({
        concurrencyNow: () => now,
        handle: async () => {
          atOnce += 1;
          most = Math.max(most, atOnce);
          await wait(1);
          atOnce -= 1;
        },
      });
      waiting.push(...Array(20).keys());
      await worker.idle();
      expect([waiting.length, most, Math.max(...claims)]).toEqual([0, expected, expected]);
    },
  );

  it('claims in batches rather than one by one', async () => {
    const { worker, waiting, claims } = start({ concurrency: 10 });
    waiting.push(...Array(100).keys());
    await worker.idle();
    expect(claims.length).toBeLessThan(40);
    expect(Math.max(...claims)).toBe(10);
  });

  it('claims at once when it is woken, and by itself after the poll time', async () => {
    const woken = start();
    await woken.worker.idle();
    woken.waiting.push(1);
    woken.worker.wake();
    await expect.poll(() => woken.done).toEqual([1]);

    const polling = start({ pollMs: 10 });
    await polling.worker.idle();
    polling.waiting.push(2);
    await expect.poll(() => polling.done).toEqual([2]);
  });

  it('does not lose a wake that comes while it claims', async () => {
    const gate = Promise.withResolvers<void>();
    let queue: number[] = [];
    const { worker, done } = start({
      claim: async () => {
        const taken = queue;
        queue = [];
        await gate.promise;
        return taken;
      },
    });
    await wait(5);
    queue = [1];
    worker.wake();
    gate.resolve();
    await expect.poll(() => done).toEqual([1]);
  });

  it('never claims twice at a time', async () => {
    let claiming = 0;
    let overlaps = 0;
    const { worker } = start({
      pollMs: 1,
      claim: async () => {
        claiming += 1;
        if (claiming > 1) overlaps += 1;
        await wait(3);
        claiming -= 1;
        return [];
      },
    });
    for (let wakes = 0; wakes < 20; wakes += 1) {
      worker.wake();
      await wait(1);
    }
    await worker.idle();
    expect(overlaps).toBe(0);
  });

  it('is idle only when a claim after the question came back empty and nothing runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { worker, waiting, done } = start({
      handle: async (item) => {
        await gate.promise;
        // What is worked on may leave more to do.
        if (item === 1) waiting.push(2);
        done.push(item);
      },
    });
    waiting.push(1);
    let idle = false;
    const asked = worker.idle().then(() => {
      idle = true;
    });
    await wait(20);
    expect(idle).toBe(false);
    gate.resolve();
    await asked;
    expect(done).toEqual([1, 2]);
  });

  it('goes on when an item throws, and says so', async () => {
    const { worker, waiting, done, lines } = start({
      handle: async (item) => {
        if (item === 1) throw new Error('not this one');
        done.push(item);
      },
    });
    waiting.push(1, 2);
    await worker.idle();
    expect(done).toEqual([2]);
    expect(lines).toMatchObject([{ level: 50, worker: 'test', err: { message: 'not this one' } }]);
  });

  it('waits out an outage of its queue with one line at its beginning and one at its end', async () => {
    let outage = true;
    let tries = 0;
    const { worker, done, lines } = start({
      claim: async () => {
        tries += 1;
        if (outage) throw new Transient('the database is gone');
        return done.length === 0 ? [1] : [];
      },
    });
    await expect.poll(() => tries).toBe(2);
    const idle = worker.idle();
    // Wakes do not make it ask more often.
    for (let wakes = 0; wakes < 10; wakes += 1) worker.wake();
    expect(tries).toBe(2);
    outage = false;
    await idle;
    expect(done).toEqual([1]);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [50, 'claiming fails; it is tried until it works'],
      [30, 'claiming works again'],
    ]);
  });

  it('stops claiming at once and waits for what runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { worker, waiting, done } = start({
      concurrency: 1,
      handle: async (item) => {
        await gate.promise;
        done.push(item);
      },
    });
    waiting.push(1, 2);
    worker.wake();
    await wait(10);
    const stopped = worker.stop();
    gate.resolve();
    await stopped;
    expect({ done, waiting }).toEqual({ done: [1], waiting: [2] });
  });

  it('stops in the end when what runs never ends, and says so', async () => {
    const { worker, waiting, lines } = start({ stopMs: 20, handle: () => new Promise(() => {}) });
    waiting.push(1);
    worker.wake();
    await wait(10);
    await worker.stop();
    expect(lines).toMatchObject([{ level: 40, running: 1 }]);
  });
});
