// Whatever is asked of runs, in whatever order: totals, results, the sprint and the history stay what they have to be.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlError } from '../../src/brain/backends/sql-backend.ts';
import { Rejected } from '../../src/model/errors.ts';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { asRow, makeOrg, newSha, type OrgScene, textOf } from '../support/run-scene.ts';
import { runs } from '../support/runs.ts';

const dod = { coverage_min: 0.8, lint_pass: true };
const criteria = ['coverage_min', 'lint_pass'];
const stageIds = ['A', 'B', 'C'];
// B and C do not wait for each other, but for A.
const stages = stageIds.map((id, index) => ({ id, order: Math.min(index, 1), max_attempts: 2 }));
const outcomes = ['passed', 'failed', 'skipped', 'warning', 'missing', 'error', 'overridden'] as const;

/** One thing that is asked of one of the runs; `evaluate` is of a commit, `next` of whichever gate comes next. */
type Step =
  | { do: 'evaluate'; commit: number }
  | { do: 'start' | 'finish'; run: number; gate: number; status: string }
  | { do: 'next'; run: number; status: string }
  | { do: 'pause' | 'resume' | 'cancel' | 'forget'; run: number }
  | { do: 'end'; run: number; result: string }
  | { do: 'set'; run: number; status: string };

const run = fc.nat(3);
const status = fc.constantFrom(...outcomes);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('evaluate' as const), commit: fc.nat(1) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('next' as const), run, status }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'finish' as const), run, gate: fc.nat(2), status }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), run }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'forget' as const), run }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('end' as const), run, result: fc.constantFrom('PASSED', 'FAILED') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('set' as const),
        run,
        status: fc.constantFrom('pending', 'running', 'completed', 'failed', 'cancelled'),
      }),
    },
  ),
  { minLength: 5, maxLength: 24 },
);

/** Goes through every status there is, so that the invariants are never looked at in vain. */
const grandTour: Step[] = [
  { do: 'evaluate', commit: 0 },
  { do: 'start', run: 0, gate: 0, status: 'passed' },
  { do: 'start', run: 0, gate: 1, status: 'passed' },
  { do: 'finish', run: 0, gate: 0, status: 'missing' },
  { do: 'end', run: 0, result: 'FAILED' },
  { do: 'evaluate', commit: 0 },
  { do: 'evaluate', commit: 1 },
  { do: 'end', run: 1, result: 'PASSED' },
  { do: 'next', run: 2, status: 'failed' },
  { do: 'next', run: 2, status: 'failed' },
  { do: 'resume', run: 2 },
  { do: 'next', run: 2, status: 'passed' },
  { do: 'next', run: 2, status: 'warning' },
  { do: 'next', run: 2, status: 'skipped' },
  { do: 'start', run: 3, gate: 0, status: 'passed' },
  { do: 'pause', run: 3 },
  { do: 'set', run: 3, status: 'completed' },
  { do: 'cancel', run: 3 },
];

const violations = `
  with r as (select * from codered.runs where id = any ($1::uuid[])),
  newest as (
    select g.* from codered.gate_executions g
    where g.run_id = any ($1::uuid[]) and not exists (
      select from codered.gate_executions l where l.run_id = g.run_id and l.gate_id = g.gate_id and l.attempt_number > g.attempt_number)
  ),
  moved as (
    select e.run_id, e.id, e.event_type, e.payload #>> '{changed,status,0}' as before,
      case when e.event_type = 'run.created' then e.payload ->> 'status' else e.payload #>> '{changed,status,1}' end as after,
      lag(case when e.event_type = 'run.created' then e.payload ->> 'status' else e.payload #>> '{changed,status,1}' end)
        over (partition by e.run_id order by e.id) as last_known
    from codered.events e
    where e.run_id = any ($1::uuid[]) and e.event_type in ('run.created', 'run.status_changed')
  )
  select 'total_gates' as broken from r where total_gates <> (select count(*) from newest n where n.run_id = r.id)
  union all
  select 'gates_passed' from r where gates_passed <>
    (select count(*) from newest n where n.run_id = r.id and n.status in ('passed', 'warning', 'skipped', 'overridden'))
  union all
  select 'gates_failed' from r where gates_failed <>
    (select count(*) from newest n where n.run_id = r.id and n.status in ('failed', 'missing', 'error'))
  union all
  select 'tokens or cost' from r where (total_tokens_in, total_tokens_out, total_cost_usd) <>
    (select coalesce(sum(g.tokens_in), 0), coalesce(sum(g.tokens_out), 0), coalesce(sum(g.cost_usd), 0)
     from codered.gate_executions g where g.run_id = r.id)
  union all
  select 'two running gates' from codered.gate_executions where run_id = any ($1::uuid[]) and status = 'running'
    group by run_id having count(*) > 1
  union all
  select 'a gate runs in a run that is over' from newest n join r on r.id = n.run_id
    where n.status = 'running' and r.status in ('completed', 'failed', 'cancelled') and not r.id = any ($3::uuid[])
  union all
  select 'two open attempts' from codered.gate_executions where run_id = any ($1::uuid[]) and status in ('pending', 'running')
    group by run_id, gate_id having count(*) > 1
  union all
  select 'result' from r where result is distinct from case status when 'completed' then 'PASSED' when 'failed' then 'FAILED' end
  union all
  select 'finished_at' from r where (finished_at is not null) <> (status in ('completed', 'failed', 'cancelled'))
  union all
  select 'completed with a gate open' from r where sprint_id is null and status = 'completed' and gates_passed <> total_gates
    and not r.id = any ($3::uuid[])
  union all
  select 'left running with nothing to do' from r where sprint_id is null and status = 'running' and gates_passed = total_gates
  union all
  select 'sprint is ' || s.state from codered.sprints s where s.id = $2::uuid and s.state <> coalesce((
    select case q.status when 'completed' then 'DONE' when 'failed' then 'FAILED' when 'cancelled' then 'FAILED' else 'RUNNING' end
    from codered.runs q where q.sprint_id = s.id order by q.created_at desc, q.id desc limit 1), s.state)
  union all
  select 'move from ' || coalesce(before, 'nothing') || ' to ' || after from moved
    where event_type = 'run.status_changed' and (before, after) not in (
      ('pending', 'running'), ('pending', 'cancelled'), ('running', 'paused'), ('running', 'completed'), ('running', 'failed'),
      ('running', 'cancelled'), ('paused', 'running'), ('paused', 'cancelled'))
    and not ((before, after) in (('completed', 'running'), ('failed', 'running'))
      and run_id in (select id from r where sprint_id is not null))
  union all
  select 'history has a gap' from moved where event_type = 'run.status_changed' and before is distinct from last_known
  union all
  select 'history ends elsewhere' from r where status is distinct from
    (select m.after from moved m where m.run_id = r.id order by m.id desc limit 1)`;

describe.each(testBackends)('runs, whatever is asked of them (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  let spec: string;
  const seen = new Set<string | null | undefined>();
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    ours = await makeOrg(brain);
    await brain.script(`insert into codered.models (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k)
      values ('priced', 'p', 'Priced', 'top', 0.01, 0.1)`);
    const [row] = await brain.sql(
      `insert into codered.specs (project_id, repo, branch, storage_path, stages, published_at)
       values ($1, 'a/b', 'main', 'w.yml', $2::jsonb, now()) returning id`,
      [ours.project, JSON.stringify(stages.map((stage) => ({ ...stage, model_id: 'priced' })))],
    );
    spec = row?.id ?? '';
  });
  afterAll(() => brain?.close());

  interface Scene {
    readonly sprint: string;
    readonly commits: readonly string[];
    /** Two of commits, two of workflows; null while there is none. */
    readonly runs: (string | null)[];
    /** Those whose status was set by hand, past the functions that look after their gates. */
    readonly byHand: Set<string>;
  }

  async function openScene(): Promise<Scene> {
    const label = newSha();
    const sprint = textOf(asRow(await brain.call('plan_sprint', { spec_id: spec, label, dod_json: dod })), 'id');
    const startOne = async () =>
      textOf(
        asRow(await brain.call('start_workflow_run', { spec_id: spec, intent: {}, project_id: ours.project })),
        'id',
      );
    return {
      sprint,
      commits: [newSha(), newSha()],
      runs: [null, null, await startOne(), await startOne()],
      byHand: new Set(),
    };
  }

  const finish = (run_id: string, gate_id: string, result: string) => {
    const outcome: Json = {
      status: result,
      tokens_in: 100,
      tokens_out: 7,
      fail_codes: result === 'failed' ? ['NO'] : [],
    };
    return brain.call('finish_gate', { run_id, gate_id, outcome });
  };

  async function take(step: Step, scene: Scene): Promise<unknown> {
    if (step.do === 'evaluate') {
      const commit_sha = scene.commits[step.commit] ?? '';
      const found = { sprint_id: scene.sprint, repository_id: ours.repository, commit_sha };
      scene.runs[step.commit] = textOf(asRow(await brain.call('start_run', { run: found })), 'id');
      return;
    }
    const run_id = scene.runs[step.run];
    if (!run_id) return;
    const gate_id = 'gate' in step ? ((step.run < 2 ? criteria : stageIds)[step.gate] ?? 'Z') : '';
    switch (step.do) {
      case 'start':
        return brain.call('start_gate', { run_id, gate_id });
      case 'finish':
        return finish(run_id, gate_id, step.status);
      case 'next': {
        const [next] = await brain.sql(
          "select gate_id, status from codered.gate_executions where run_id = $1 and status in ('pending', 'running') order by gate_order, gate_id limit 1",
          [run_id],
        );
        if (next?.status === 'pending') await brain.call('start_gate', { run_id, gate_id: next.gate_id ?? '' });
        return next && finish(run_id, next.gate_id ?? '', step.status);
      }
      case 'pause':
        return brain.call('pause_run', { run_id, reason: 'lunch' });
      case 'resume':
        return brain.call('resume_run', { run_id });
      case 'cancel':
        return brain.call('cancel_run', { run_id });
      case 'forget':
        await brain.sql('delete from codered.runs where id = $1', [run_id]);
        scene.runs[step.run] = null;
        return;
      case 'end':
        return brain.call('finish_run', { run_id, result: step.result });
      case 'set':
        scene.byHand.add(run_id);
        return brain.sql('update codered.runs set status = $2 where id = $1', [run_id, step.status]);
    }
  }

  it('keeps totals, results, sprint and history in step after every step', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (asked) => {
        const scene = await openScene();
        for (const step of asked) {
          expect(['done', 'CR003', 'CR004'], step.do).toContain(await outcomeOf(take(step, scene)));
          const ids = `{${scene.runs.filter((id) => id !== null).join()}}`;
          expect(await brain.sql(violations, [ids, scene.sprint, `{${[...scene.byHand].join()}}`]), step.do).toEqual(
            [],
          );
          for (const row of await brain.sql('select status from codered.runs where id = any ($1::uuid[])', [ids]))
            seen.add(row.status);
        }
      }),
      { ...runs(6, 25), examples: [[grandTour]] },
    );
    expect([...seen].sort()).toEqual(['cancelled', 'completed', 'failed', 'paused', 'pending', 'running']);
  });
});

async function outcomeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Rejected || error instanceof SqlError) return error.code;
    throw error;
  }
}
