// What `codered serve` does for retention by itself.

import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDailyRetention } from '../../src/server/daily-retention.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';

describe('daily retention', () => {
  let brain: TestBrain;
  let lines: { msg: string; deliveries?: number; follow_ups?: number; excerpts?: number; partitions?: string[] }[];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  beforeEach(async () => {
    brain = await openTestBrain(ruleBackend);
    lines = [];
  });
  afterEach(() => brain.close());

  const deliver = (rows: number) =>
    brain.sql(
      `insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
       select 1, 'g' || n, 'push', '{}', case when n % 2 = 0 then 'done' else 'dead' end, now() - interval '31 days'
       from generate_series(1, $1::integer) as n`,
      [String(rows)],
    );
  const left = async () => (await brain.sql('select count(*) from codered.webhook_deliveries'))[0]?.count;

  it('makes the months to come before it is started, and prunes rows but never a month', async () => {
    const [month] = await brain.sql('select codered.event_month_table(max(m)) as name from codered.event_months() m');
    await brain.script(`drop table codered.${month?.name}`);
    await brain.script(
      `insert into codered.events (event_type, created_at) values ('note.old', now() - interval '5 years')`,
    );
    await deliver(10);
    await brain.script(`
      insert into codered.follow_ups (kind, status, dedupe_key, completed_at)
      select 'report', 'completed', 'report ' || n, now() - n * interval '14 days' from generate_series(1, 4) as n`);
    const retention = await startDailyRetention({ brain, log, firstPruneMs: 1 });
    expect(lines[0]).toMatchObject({ partitions: expect.arrayContaining([month?.name]) });
    await expect.poll(left, { timeout: 120_000 }).toBe('5');
    await expect.poll(() => lines.length).toBe(2);
    expect(lines[1]).toMatchObject({
      deliveries: 5,
      follow_ups: 2,
      excerpts: 0,
      msg: 'deleted what the retention policies let go',
    });
    expect(await brain.sql(`select 1 as there from codered.events where event_type = 'note.old'`)).toHaveLength(1);
    await retention.stop();
  });

  it('is switched off by a policy that keeps for ever', async () => {
    await brain.script('update codered.retention_policies set keep = null');
    await deliver(4);
    const retention = await startDailyRetention({ brain, log, firstPruneMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await retention.stop();
    expect(await left()).toBe('4');
  });

  it('stops after the batch that is under way', async () => {
    await deliver(4_000);
    const retention = await startDailyRetention({ brain, log, firstPruneMs: 1 });
    await expect.poll(left, { interval: 5 }).not.toBe('4000');
    await retention.stop();
    const rows = Number(await left());
    expect(rows).toBeGreaterThan(2_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await left()).toBe(String(rows));
  });

  it('keeps CodeRed running when the database has no such functions yet', async () => {
    await brain.script('drop function codered.ensure_event_months');
    const retention = await startDailyRetention({ brain, log, firstPruneMs: 60_000 });
    await retention.stop();
    expect(lines.map(({ msg }) => msg)).toEqual(['retention could not be kept; it is tried again']);
  });
});
