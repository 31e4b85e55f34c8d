// Membership is asked once per statement, however many rows there are: seen in the plan, and in Postgres' count of calls.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain } from '../../support/brain.ts';
import { become, becomeOwner, ID, idOf, inRolledBack, numberOf, PEOPLE, seedTwoOrgs } from './two-orgs.ts';

const ROWS = 3000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** How often each of our functions was called, counted over the connection. */
async function callsIn(session: SqlSession): Promise<Readonly<Record<string, number>>> {
  const rows = await session.query(
    `select funcname as name, calls from pg_stat_xact_user_functions where schemaname = 'codered'`,
  );
  return Object.fromEntries(rows.map(({ name, calls }) => [name ?? '', Number(calls)]));
}

describe('the plan of a member’s query (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    await seedTwoOrgs(brain);
    for (const letter of ['a', 'b'] as const) {
      const project = idOf(letter, ID.project);
      await brain.script(`
        insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
        select '${project}', ${numberOf(letter, ID.repository)}, 'github-actions', 'CI', 'more-' || n, repeat('${letter}', 40), 'succeeded', 'push'
        from generate_series(1, ${ROWS}) n;
        update codered.ci_events set commit_sha = repeat('e', 40), pull_request_numbers = '{3,2}' where run_id = 'more-7';
        update codered.ci_events set pull_request_numbers = '{2}' where run_id = 'more-8';
        insert into codered.pull_requests (repository_id, number, title, html_url, head_sha, head_ref, head_repository_id, base_ref,
          base_sha, state, draft, author, opened_at, source_updated_at)
        select repository_id, 4, title, html_url, head_sha, head_ref, head_repository_id, base_ref, base_sha, 'open', draft, author, opened_at,
          source_updated_at
        from codered.pull_requests where repository_id = ${numberOf(letter, ID.repository)} and number = 1;
        insert into codered.errors (project_id, source, ci_event_id, message, fingerprint)
        select e.project_id, 'ci', e.id, e.run_id, 'x' from codered.ci_events e where e.project_id = '${project}' and e.run_id like 'more-%';
        insert into codered.tasks (project_id, title) select '${project}', 'more ' || n from generate_series(1, ${ROWS}) n;`);
    }
    for (const month of ['2000-01', '2000-02', '2000-03']) {
      const table = `codered.events_test_${month.replace('-', '_')}`;
      await brain.script(`
        create table ${table} partition of codered.events for values from ('${month}-01') to ('${month}-28');
        insert into codered.events (project_id, event_type, created_at) values ('${idOf('a', ID.project)}', 'note.old', '${month}-02')`);
    }
    await brain.script('analyze codered.ci_events, codered.tasks, codered.events, codered.errors');
  });
  afterAll(() => brain.close());

  /** What a member of A reads, the plan of it, and how often each of our helpers was called. */
  const planOf = (query: string) =>
    inRolledBack(brain, async (session) => {
      await session.script(`set local track_functions = 'all'`);
      const before = await callsIn(session);
      await become(session, PEOPLE.a.member);
      const [row] = await session.query(`explain (analyze, format json) ${query}`);
      await becomeOwner(session);
      const after = await callsIn(session);
      const calls = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]);
      const [{ Plan: plan }] = JSON.parse(row?.['QUERY PLAN'] ?? '[]') as [{ Plan: Plan }];
      return { nodes: nodesOf(plan), calls: Object.fromEntries(calls.filter(([, count]) => count !== 0)) };
    });

  it.each([
    ['ci_events', ['my_repositories']],
    ['tasks', ['my_projects']],
    ['events', ['my_projects', 'my_repositories']],
  ])('of %s asks %o once for all rows', async (table, helpers) => {
    const { nodes, calls } = await planOf(`select * from codered.${table}`);
    const scanned = await brain.sql(`select count(*) as rows from codered.${table}`);
    expect(Number(scanned[0]?.rows)).toBeGreaterThan(2 * ROWS);
    const asked = nodes.filter((node) => node['Node Type'] === 'ProjectSet');
    expect(asked.map((node) => node['Actual Loops'])).toEqual(helpers.map(() => 1));
    const sub = nodes.filter((node) => /^(SubPlan|InitPlan)$/.test(node['Parent Relationship'] ?? ''));
    expect(sub.length).toBeGreaterThan(0);
    expect(sub.filter((node) => node['Actual Loops'] > 1)).toEqual([]);
    expect(calls).toEqual(Object.fromEntries(helpers.map((helper) => [helper, 1])));
  });

  it('would show a helper that is called for every row', async () => {
    const calls = await inRolledBack(brain, async (session) => {
      await session.script(`
        set local track_functions = 'all';
        drop policy tasks_read on codered.tasks;
        create policy tasks_read on codered.tasks for select to authenticated using (codered.is_operator() or title = 'more 1')`);
      await become(session, PEOPLE.a.member);
      await session.query('explain (analyze) select * from codered.tasks');
      await becomeOwner(session);
      return callsIn(session);
    });
    expect(calls.is_operator).toBeGreaterThan(ROWS);
  });

  it('finds the rows of one project by an index, and not by asking every row', async () => {
    const { nodes } = await planOf(
      `select * from codered.ci_events where project_id = '${idOf('a', ID.personalProject)}' order by start_time desc limit 20`,
    );
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
  });

  /** What a member of A gets from an operation, and how many rows of failures and of runs that read. */
  const asked = (name: string, args: object) =>
    inRolledBack(brain, async (session) => {
      const given = JSON.stringify({ project_id: idOf('a', ID.project), ...args });
      const read = async () => {
        const [row] = await session.query(`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n
          from pg_stat_xact_user_tables where schemaname = 'codered' and relname in ('errors', 'ci_events')`);
        return Number(row?.n);
      };
      // As often as it takes until Postgres keeps a plan for all arguments, if it ever does.
      for (let call = 0; call < 8; call += 1) {
        await become(session, PEOPLE.a.member);
        await session.query('select codered.call_operation($1, $2::jsonb)', [name, given]);
        await becomeOwner(session);
      }
      const before = await read();
      await become(session, PEOPLE.a.member);
      const [row] = await session.query('select codered.call_operation($1, $2::jsonb)::text as answer', [name, given]);
      await becomeOwner(session);
      const answer = JSON.parse(row?.answer ?? '[]') as readonly { readonly message: string }[];
      return { answer, rows: (await read()) - before };
    });

  it.each([
    [{ pull_request: 2 }, ['more-7', 'more-8']],
    [{ pull_request: 3 }, ['more-7']],
    [{ pull_request: 4 }, []],
    [{ commit_sha: 'e'.repeat(40) }, ['more-7']],
    [{ commit_sha: 'e'.repeat(40), pull_request: 2 }, ['more-7']],
    [{ commit_sha: 'e'.repeat(40), pull_request: 4 }, []],
  ])('of failures of %o reads few', async (which, messages) => {
    const { answer, rows } = await asked('list_failures', which);
    expect(answer.map(({ message }) => message).sort()).toEqual(messages);
    expect(rows).toBeLessThan(100);
  });
});
