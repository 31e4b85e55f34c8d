// What every delivery goes through finds its rows by key, however empty the tables were when the plans were made.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import { deliveryArguments } from '../../src/inbox/delivery-row.ts';
import { normalise, normalisers } from '../../src/normalise/normalise.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { examplesOf } from '../support/example-payload.ts';

const APP_ID = 29_310;

const facts = examplesOf()
  .filter(({ event }) => Object.hasOwn(normalisers, event))
  .flatMap(({ event, payload }) => {
    const normalised = normalise({ event, payload }, { appId: APP_ID });
    return normalised.kind === 'facts' ? [JSON.stringify(normalised.facts)] : [];
  });

const delivery = (guid: string) => ({
  app_id: APP_ID,
  guid,
  event: 'push',
  action: null,
  installation_id: 1,
  repository_id: 10,
  payload: '{}',
});

describe.each(testBackends)('the plans that are kept, %s', (kind) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(kind);
  });
  afterAll(() => brain?.close());

  it('of receiving read no whole inbox, and tell the new from the known', async () => {
    const { answers, scanned } = await brain.session(async (session) => {
      await session.script('begin');
      await receive(session, ['done', 'dead', 'pending']);
      await session.query(`update codered.webhook_deliveries set status = guid where guid in ('done', 'dead')`);
      const scans = await scansOf(session);
      const outcomes = await receive(session, ['done', 'dead', 'pending', 'new', 'new']);
      return { answers: outcomes, scanned: added(scans, await scansOf(session)) };
    });
    expect(answers).toEqual(['dead requeued', 'done known', 'new stored', 'pending requeued']);
    expect(scanned).toEqual([]);
  });

  it('of recording read no whole table, whatever the delivery says', async () => {
    expect(facts.length).toBeGreaterThan(50);
    const scanned = await brain.session(async (session) => {
      await session.script('begin');
      const scans = await scansOf(session);
      for (const text of facts) await session.query('select codered.record_facts($1::json)', [text]);
      return added(scans, await scansOf(session));
    });
    expect(scanned).toEqual([]);
  });
});

async function receive(session: SqlSession, guids: readonly string[]): Promise<string[]> {
  const { heads, payloads } = deliveryArguments(guids.map(delivery));
  const rows = await session.query('select * from codered.receive_deliveries($1::json, $2)', [
    JSON.stringify(heads),
    payloads,
  ]);
  return rows.map(({ guid, outcome }) => `${guid} ${outcome}`).toSorted();
}

/** How often each table was read from end to end in this transaction. */
async function scansOf(session: SqlSession): Promise<Map<string, number>> {
  const rows = await session.query(
    `select relname as name, seq_scan as scans from pg_stat_xact_user_tables where schemaname = 'codered' and seq_scan > 0`,
  );
  return new Map(rows.map(({ name, scans }) => [name ?? '', Number(scans)]));
}

const added = (before: Map<string, number>, after: Map<string, number>): string[] =>
  [...after].flatMap(([table, scans]) => (scans > (before.get(table) ?? 0) ? [table] : []));
