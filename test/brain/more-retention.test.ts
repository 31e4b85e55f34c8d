// Runs, artifacts, agents' runs and what gates were sent: kept for ever, until a policy gives them an age.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PRUNED_TABLES, pruneRows } from '../../src/brain/retention/retention.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, newSha, type OrgScene } from '../support/run-scene.ts';

describe.each(testBackends)('retention by age (%s)', (backend) => {
  let brain: TestBrain;
  let ours: OrgScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    ours = await makeOrg(brain);
    await brain.script(`
      update codered.retention_policies set keep = null where table_name in ('runs', 'artifacts', 'agent_runs', 'gate_executions');
      delete from codered.runs; delete from codered.agent_runs`);
  });

  const keep = (table: string, days: number) =>
    brain.sql(`update codered.retention_policies set keep = make_interval(days => $1::integer) where table_name = $2`, [
      String(days),
      table,
    ]);
  const prune = () => pruneRows(brain, { stop: new AbortController().signal, pauseMs: 0, batchRows: 2 });
  const count = async (table: string, where = 'true') =>
    Number((await brain.sql(`select count(*) from codered.${table} where ${where}`))[0]?.count);

  /** A finished run of so many days ago, with a gate, an artifact in its row and one in the store. */
  async function makeRun(days: number, commit_sha = newSha(), status = 'completed'): Promise<string> {
    const id = randomUUID();
    const path = `${ours.project}/runs/${id}`;
    await brain.objects?.put(path, Buffer.from('x'));
    const at = `now() - make_interval(days => ${days})`;
    const started = status === 'pending' ? 'null' : at;
    const ended = ['pending', 'running'].includes(status) ? 'null' : at;
    await brain.script(`
      insert into codered.runs (id, project_id, repository_id, commit_sha, status, created_at, started_at, finished_at)
      values ('${id}', '${ours.project}', ${ours.repository}, '${commit_sha}', '${status}', ${at}, ${started}, ${ended});
      insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, status, prompt_packet, raw_output, completed_at, created_at)
      values ('${id}', 'lint_pass', 'Lint', 1, 'passed', 'what was sent', 'what was answered', ${at}, ${at});
      insert into codered.artifacts (run_id, kind, file_name, content, created_at) values ('${id}', 'logs', 'a', 'x', ${at});
      insert into codered.artifacts (run_id, kind, file_name, storage_path, created_at) values ('${id}', 'logs', 'b', '${path}', ${at})`);
    return id;
  }

  it('keeps everything while no policy gives an age', async () => {
    const run = await makeRun(4_000);
    expect((await brain.call('prunable', {})).map(({ table_name }) => table_name)).toEqual([
      'errors',
      'events',
      'follow_ups',
      'test_days',
      'test_results',
      'webhook_deliveries',
    ]);
    expect(await prune()).toEqual(Object.fromEntries(PRUNED_TABLES.map((table) => [table, 0])));
    expect(await count('runs', `id = '${run}'`)).toBe(1);
  });

  it('takes runs that are over with gates, artifacts and their files, and leaves the others', async () => {
    await keep('runs', 30);
    const head = newSha();
    await brain.script(`
      insert into codered.pull_requests (repository_id, number, head_sha, head_ref, base_ref, base_sha, state, draft, title, html_url, opened_at, source_updated_at)
      values (${ours.repository}, 1, '${head}', 'b', 'main', '${newSha()}', 'open', false, 't', 'https://example.test', now(), now())`);
    const stay = [await makeRun(40, head), await makeRun(20), await makeRun(40, newSha(), 'running')];
    const go = [await makeRun(40), await makeRun(50), await makeRun(60), await makeRun(60, newSha(), 'pending')];
    const [due] = (await brain.call('prunable', {})).filter(({ table_name }) => table_name === 'runs');
    expect(due).toMatchObject({ due: 4, keep: '30 days' });
    const events = await count('events');
    expect(await prune()).toMatchObject({ runs: 4, artifacts: 0, gate_executions: 0 });
    expect(await count('runs')).toBe(3);
    expect(await count('gate_executions')).toBe(3);
    expect(await count('artifacts')).toBe(6);
    expect(await count('events')).toBe(events);
    const there = async (id: string) => (await brain.objects?.read(`${ours.project}/runs/${id}`)) !== null;
    expect(await Promise.all(stay.map(there))).toEqual([true, true, true]);
    expect(await Promise.all(go.map(there))).toEqual([false, false, false, false]);
    expect(await prune()).toMatchObject({ runs: 0 });
  });

  it('takes artifacts with their files and leaves their runs', async () => {
    await keep('artifacts', 30);
    const old = await makeRun(40);
    const young = await makeRun(20);
    expect(await prune()).toMatchObject({ artifacts: 2, runs: 0 });
    expect(await count('runs')).toBe(2);
    expect(await count('artifacts', `run_id = '${old}'`)).toBe(0);
    expect(await count('artifacts', `run_id = '${young}'`)).toBe(2);
    expect(await brain.objects?.read(`${ours.project}/runs/${old}`)).toBeNull();
    expect(await brain.objects?.read(`${ours.project}/runs/${young}`)).not.toBeNull();
  });

  it('empties what gates were sent and answered, and leaves their outcome', async () => {
    await keep('gate_executions', 30);
    await makeRun(40);
    await makeRun(20);
    expect(await prune()).toMatchObject({ gate_executions: 1 });
    expect(
      await brain.sql('select status, prompt_packet, raw_output from codered.gate_executions order by created_at'),
    ).toEqual([
      { status: 'passed', prompt_packet: null, raw_output: null },
      { status: 'passed', prompt_packet: 'what was sent', raw_output: 'what was answered' },
    ]);
  });

  it("takes agents' runs", async () => {
    await keep('agent_runs', 30);
    await brain.script(`
      insert into codered.agents (id, name, slug, role) values ('a0000000-0000-4000-8000-00000000000a', 'A', 'a', 'code') on conflict do nothing;
      insert into codered.agent_runs (project_id, agent_id, status, full_input, created_at)
      select '${ours.project}', 'a0000000-0000-4000-8000-00000000000a', 'succeeded', 'secret', now() - make_interval(days => d)
      from unnest(array[10, 40, 50, 60]) as d`);
    expect(await prune()).toMatchObject({ agent_runs: 3 });
    expect(await count('agent_runs')).toBe(1);
  });

  it('can be named for these and no other table', async () => {
    for (const table of ['user_overrides', 'runs; drop']) {
      await expect(
        brain.sql(`insert into codered.retention_policies (table_name) values ($1)`, [table]),
      ).rejects.toMatchObject({ code: 'CR002' });
    }
    await expect(brain.call('prune_agent_runs', { batch: 0 })).rejects.toMatchObject({ code: 'CR002' });
    await expect(brain.call('prune_gate_payloads', { batch: 0 })).rejects.toMatchObject({ code: 'CR002' });
  });
});
