// Status events: a view over history in the shape that the control plane knows, inserted into and never changed.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  asRow,
  makeOrg,
  newSha,
  type OrgScene,
  refusalOf,
  refused,
  statementAs,
  textOf,
} from '../support/run-scene.ts';

const phases = [
  'SPEC_RECEIVED',
  'PLANNING',
  'BUILD',
  'TESTS_PASSED',
  'FAILED',
  'MERGED',
  'GATE_PASSED',
  'GATE_FAILED',
  'OVERRIDDEN',
  'DEPLOYED',
];

describe.each(testBackends)('status events (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let theirs: OrgScene;
  let run: string;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [ours, theirs] = [await makeOrg(brain), await makeOrg(brain)];
    const started = await brain.call('start_run', { run: { repository_id: ours.repository, commit_sha: newSha() } });
    run = textOf(asRow(started), 'id');
  });
  afterAll(() => brain?.close());

  const write = async (phase: string, metadata: unknown = {}, run_id = run) =>
    asRow(await brain.call('write_status_event', { run_id, phase, message: 'so it is', metadata: metadata as Json }));
  /** Runs a statement as the app's role, with no function in between. */
  const asService = (statement: string) => brain.script(`begin; set local role service_role; ${statement}; commit`);

  it.each(phases)('write %s as an event of the run’s project', async (phase) => {
    const written = await write(phase, { step: 1 });
    expect(written).toEqual({
      id: expect.any(Number),
      run_id: run,
      phase,
      message: 'so it is',
      metadata: { step: 1 },
      created_at: expect.any(String),
    });
    const [event] = await brain.sql(
      'select project_id, run_id, event_type, payload from codered.events where id = $1',
      [String(written.id)],
    );
    expect({ ...event, payload: JSON.parse(event?.payload ?? '') }).toEqual({
      project_id: ours.project,
      run_id: run,
      event_type: `status.${phase}`,
      payload: { message: 'so it is', metadata: { step: 1 } },
    });
    expect(
      await brain.sql('select phase, message from codered.status_events where id = $1', [String(written.id)]),
    ).toEqual([{ phase, message: 'so it is' }]);
  });

  it('give back what was inserted, with the id that it got', async () => {
    const [row] = await brain.sql(
      "insert into codered.status_events (run_id, phase, message) values ($1, 'MERGED', 'm') returning *",
      [run],
    );
    expect(row).toMatchObject({ id: expect.stringMatching(/^\d+$/), metadata: '{}', created_at: expect.any(String) });
    expect(await brain.sql('select * from codered.status_events where id = $1', [row?.id ?? ''])).toEqual([row]);
  });

  it('may tell of a time before there is a run', async () => {
    await asService(
      "insert into codered.status_events (phase, message, created_at) values ('SPEC_RECEIVED', 'early', '2026-01-02 03:04:05Z')",
    );
    const [row] = await brain.sql(
      "select run_id, extract(epoch from created_at)::bigint as at from codered.status_events where message = 'early'",
    );
    expect(row).toEqual({ run_id: null, at: String(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000) });
  });

  it.each([
    ['RELEASED', {}, 'status_events.phase', 'GATE_PASSED'],
    ['build', {}, 'status_events.phase', 'BUILD'],
    ['', {}, 'status_events.phase', 'BUILD'],
    ['BUILD', [], 'status_events.metadata', 'a JSON object'],
    ['BUILD', 'x', 'status_events.metadata', 'a JSON object'],
    ['BUILD', { x: 'y'.repeat(300_000) }, 'events.payload', '262144'],
  ])('refuse the phase %j with metadata of the wrong kind or size (%#)', async (phase, metadata, named, allowed) => {
    const before = await brain.sql('select count(*) from codered.events');
    expect(await refusalOf(write(phase, metadata))).toMatchObject(refused('CR002', named, allowed));
    expect(await brain.sql('select count(*) from codered.events')).toEqual(before);
  });

  it('refuse no phase at all, and a run that is not there', async () => {
    expect(
      await refusalOf(asService(`insert into codered.status_events (run_id, message) values ('${run}', 'x')`)),
    ).toMatchObject(refused('CR002', 'status_events.phase', 'null'));
    expect(await refusalOf(write('BUILD', {}, randomUUID()))).toMatchObject(refused('CR004', 'There is no run'));
  });

  it('can be changed and deleted by nobody', async () => {
    await write('BUILD');
    for (const statement of [
      "update codered.status_events set message = 'other'",
      `update codered.status_events set run_id = null where run_id = '${run}'`,
      'delete from codered.status_events',
    ]) {
      expect(await refusalOf(brain.sql(statement)), statement).toMatchObject({ code: 'CR001' });
      expect(await refusalOf(asService(statement)), statement).toMatchObject({ code: '42501' });
      expect(await refusalOf(statementAs(brain, ours.member, statement)), statement).toMatchObject({ code: '42501' });
    }
  });

  it('are read by the members of the organisation, written by none of them', async () => {
    const { id } = await write('DEPLOYED');
    const read = (who: OrgScene) =>
      statementAs(brain, who.member, `select phase from codered.status_events where id = ${id}`);
    expect(await read(ours)).toEqual([{ phase: 'DEPLOYED' }]);
    expect(await read(theirs)).toEqual([]);
    const insert = `insert into codered.status_events (run_id, phase) values ('${run}', 'DEPLOYED')`;
    expect(await refusalOf(statementAs(brain, ours.member, insert))).toMatchObject({ code: '42501' });
    expect(await refusalOf(ours.asMember('write_status_event', { run_id: run, phase: 'BUILD' }))).toMatchObject({
      code: '42501',
    });
  });

  it('leave the other events out', async () => {
    const [seen] = await brain.sql(
      "select count(*) filter (where e.event_type not like 'status.%') as others, count(s.id) filter (where e.event_type not like 'status.%') as shown from codered.events e left join codered.status_events s on s.id = e.id",
    );
    expect(Number(seen?.others)).toBeGreaterThan(0);
    expect(seen?.shown).toBe('0');
  });
});
