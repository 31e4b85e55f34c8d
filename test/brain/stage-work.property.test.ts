// Stages under any mixture of claims, lapses, pauses and ends: one worker at a time, and a run is complete when all of it passed.

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rejected } from '../../src/model/errors.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { asRow, makeOrg, type OrgScene, textOf } from '../support/run-scene.ts';
import { runs } from '../support/runs.ts';

interface Packet {
  readonly work_id: string;
  readonly claim: number;
  readonly run_id: string;
}

const step = fc.record({
  what: fc.constantFrom(
    'claim',
    'claim',
    'claim',
    'complete',
    'complete',
    'complete',
    'miss',
    'fail',
    'keep',
    'lapse',
    'pause',
    'resume',
  ),
  which: fc.nat({ max: 20 }),
});

describe.each(testBackends)('stages, whatever is asked of them (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let spec = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    ours = await makeOrg(brain);
    const stages = [
      { id: 'A', order: 1, outputs: ['out'], max_attempts: 2 },
      { id: 'B', order: 1, max_attempts: 1 },
      { id: 'C', order: 2, outputs: ['out'] },
    ];
    const slug = randomUUID();
    await brain.sql("insert into codered.workflow_templates (slug, name, type) values ($1, 'T', 't')", [slug]);
    const [row] = await brain.sql(
      `insert into codered.specs (template_id, version, stages, visibility, published_at)
       select id, 'v1', $2::jsonb, 'system', now() from codered.workflow_templates where slug = $1 returning id`,
      [slug, JSON.stringify(stages)],
    );
    spec = row?.id ?? '';
  });
  afterAll(() => brain?.close());

  const invariants = async (run: string) => {
    const gates = await brain.sql(
      'select gate_id, gate_order, attempt_number, status from codered.gate_executions where run_id = $1 order by gate_id, attempt_number',
      [run],
    );
    const newest = new Map(gates.map((gate) => [gate.gate_id, gate]));
    const open = gates.filter(({ status }) => status === 'pending' || status === 'running');
    expect(open.every((gate) => newest.get(gate.gate_id) === gate)).toBe(true);
    const isPast = (gate: (typeof gates)[number] | undefined) =>
      gate?.status === 'passed' || gate?.status === 'warning';
    if (newest.get('C')?.status !== 'pending') expect(['A', 'B'].every((id) => isPast(newest.get(id)))).toBe(true);
    const [row] = await brain.sql('select status from codered.runs where id = $1', [run]);
    const isComplete = [...newest.values()].every(isPast);
    if (row?.status !== 'paused') expect(row?.status === 'completed').toBe(isComplete);
  };

  it('hold each stage for one claim, in its place, and complete the run with the last', async () => {
    const done = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 24 }), async (steps) => {
        const run = textOf(asRow(await ours.asMember('start_workflow_run', { spec_id: spec, intent: {} })), 'id');
        const held: Packet[] = [];
        for (const { what, which } of steps) {
          const packet = held[which % Math.max(held.length, 1)];
          const named = { stage_id: packet?.work_id, claim: packet?.claim };
          const given = { artifacts: [{ file_path: what === 'miss' ? 'other' : 'out', content: String(which) }] };
          const doing = {
            claim: async () => {
              const more = (await ours.asMember('claim_stages', { worker: 'w' })) as unknown as Packet[];
              for (const { work_id, claim } of more)
                expect(held.some((before) => before.work_id === work_id && before.claim === claim)).toBe(false);
              held.push(...more);
            },
            complete: () => ours.asMember('complete_stage', { ...named, result: given, usage: null }),
            miss: () => ours.asMember('complete_stage', { ...named, result: given, usage: null }),
            fail: () => ours.asMember('fail_stage', { ...named, error: 'x' }),
            keep: () => ours.asMember('keep_stage', named),
            lapse: () =>
              brain.sql(
                "update codered.gate_executions set locked_until = now() - interval '1 s' where id = $1 and status = 'running'",
                [packet?.work_id ?? null],
              ),
            pause: () => ours.asMember('pause_run', { run_id: run, reason: 'x' }),
            resume: () => ours.asMember('resume_run', { run_id: run }),
          }[what];
          if (packet === undefined && !['claim', 'pause', 'resume'].includes(what)) continue;
          const code = await Promise.resolve(doing()).then(
            () => null,
            (thrown) => (thrown instanceof Rejected ? thrown.code : Promise.reject(thrown)),
          );
          expect([null, 'CR003', 'CR005']).toContain(code);
          done.set(`${what} ${code}`, (done.get(`${what} ${code}`) ?? 0) + 1);
        }
        await invariants(run);
        await brain.sql(
          "update codered.runs set status = 'cancelled' where id = $1 and status not in ('completed', 'cancelled')",
          [run],
        );
      }),
      runs(12),
    );
    // Both ways of each were there.
    for (const both of ['complete null', 'fail null', 'claim null', 'resume null', 'resume CR003'])
      expect(done.has(both), both).toBe(true);
  });
});
