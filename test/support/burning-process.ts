// A working process whose pipeline does what a delivery's event says: burn processor time, eat memory, break. Started by
// test/server/isolated-pipeline.test.ts through the same `serveWork` as the real one.

import { setTimeout as wait } from 'node:timers/promises';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { serveWork } from '../../src/server/work-process/serve-work.ts';

serveWork(({ brain, log }) => ({
  process: async ({ event, guid }) => {
    if (event === 'burn') for (;;);
    if (event === 'match') /^(a+)+$/.test(`${'a'.repeat(60)}b`);
    if (event === 'starve') for (;;) await Promise.resolve();
    if (event === 'sort') for (const many = Array.from({ length: 5e6 }, Math.random); ; ) many.toSorted();
    if (event === 'eat') for (const eaten: unknown[] = []; ; ) eaten.push(new Array(1_000).fill(eaten.length));
    if (event === 'break') setImmediate(() => Promise.reject(new Error('broken on purpose')));
    if (event === 'break' || event === 'wait') await wait(600_000);
    if (event === 'long') for (const end = performance.now() + 2_000; performance.now() < end; await wait(1));
    if (event === 'transient') throw new Transient('later', { retryAfterMs: 90, cause: new Error('the network') });
    if (event === 'rejected') throw new Rejected('never', { code: '42' });
    if (event === 'log') log.warn({ guid, err: new TypeError('odd') }, 'something to say');
    if (event === 'brain') await brain.call('ignore_delivery', { app_id: 1, guid, reason: 'as asked' });
  },
  work: async () => ({ done: true }),
  publish: async () => 'completed' as const,
}));
