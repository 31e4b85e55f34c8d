// The deliveries of a real life in any order, each up to three times, leave the same rows and the same comment.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Life, tellLife } from '../src/demo/life.ts';
import type { JobOutline, LifeOutline } from '../src/demo/life-outline.ts';
import { ACCOUNTS } from '../src/demo/retell.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';
import { APP, type Bench, openBench } from './support/pipeline.ts';

const FAILING_LOG = [
  '2026-11-20T13:02:10.1000000Z ##[group]Run npm ci',
  '2026-11-20T13:02:11.2000000Z npm error code ERESOLVE',
  '2026-11-20T13:02:11.3000000Z npm error ERESOLVE unable to resolve dependency tree',
  '2026-11-20T13:02:12.4000000Z ##[error]Process completed with exit code 1.',
].join('\n');

const failing = (name: string): JobOutline => ({
  name,
  conclusion: 'failure',
  steps: ['npm ci'],
  log: { kept: FAILING_LOG },
});
const passing = (name: string): JobOutline => ({ name, conclusion: 'success', steps: ['npm ci', 'npm test'] });

const OUTLINE: LifeOutline = {
  startAt: '2026-11-20T13:00:00Z',
  app: APP,
  moments: [
    { kind: 'install' },
    { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
    { kind: 'run', on: 1, jobs: [failing('test (20)'), failing('test (22)'), passing('test (24)')] },
    { kind: 'rerun', on: 1, jobs: [passing('test (20)'), failing('test (22)')] },
    { kind: 'open', pull: 2, title: 'From a fork', branch: 'patch-1', author: ACCOUNTS.hacktocat, fromFork: true },
    { kind: 'run', on: 2, jobs: [failing('test (20)')] },
    { kind: 'commit', pull: 1, message: 'Align the versions' },
    { kind: 'run', on: 1, jobs: [passing('test (20)'), passing('test (22)'), passing('test (24)')] },
    { kind: 'status', on: 2, context: 'ci/elsewhere', state: 'failure', description: 'The build broke' },
    { kind: 'other check', on: 2, name: 'Other CI', conclusion: 'failure', summary: 'Three tests failed' },
    { kind: 'merge', pull: 1 },
    { kind: 'deploy', environment: 'production', job: failing('deploy') },
    { kind: 'rename', name: 'web-store' },
  ],
};

/** Everything the brain knows, by natural keys: no ids of ours, no times of ours. */
const WHOLE_BRAIN = `
  select json_build_object(
    'orgs', (select json_agg(o.login order by o.login) from codered.orgs o),
    'installations', (select json_agg(json_build_array(i.id, i.account_login, i.permissions, i.source_updated_at) order by i.id) from codered.installations i),
    'repositories', (select json_agg(json_build_array(r.id, r.owner, r.name, r.default_branch, r.archived, r.deleted_at, r.source_updated_at, r.source_delivery) order by r.id) from codered.repositories r),
    'commits', (select json_agg(to_jsonb(c) - '{created_at,updated_at}'::text[] order by c.sha) from codered.commits c),
    'pull_requests', (select json_agg(to_jsonb(p) - '{created_at,updated_at}'::text[] order by p.number) from codered.pull_requests p),
    'ci_events', (select json_agg(to_jsonb(e) - '{id,project_id,created_at,updated_at}'::text[] order by e.run_id, e.run_attempt) from codered.ci_events e),
    'ci_jobs', (
      select json_agg((to_jsonb(j) - '{id,ci_event_id,created_at,updated_at}'::text[]) || jsonb_build_object('run', e.run_id, 'attempt', e.run_attempt) order by j.job_id)
      from codered.ci_jobs j join codered.ci_events e on e.id = j.ci_event_id),
    'deployments', (
      select json_agg((to_jsonb(d) - '{id,project_id,ci_event_id,created_at,updated_at}'::text[]) || jsonb_build_object('run', e.run_id) order by d.deployment_id)
      from codered.deployments d left join codered.ci_events e on e.id = d.ci_event_id),
    'deployment_statuses', (select json_agg(to_jsonb(s) - '{id,deployment_id}'::text[] order by s.status_id) from codered.deployment_statuses s),
    'errors', (
      select json_agg((to_jsonb(x) - '{id,project_id,ci_event_id,ci_job_id,deployment_id,first_seen_at,created_at,updated_at}'::text[])
        || jsonb_build_object('job', j.job_id, 'run', e.run_id, 'deployment', d.deployment_id,
          'matches', (select json_agg(json_build_array(b.name, m.line_number, m.line_text, m.captures, m.is_primary) order by b.name)
            from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id where m.error_id = x.id))
        order by x.fingerprint, j.job_id, e.run_id)
      from codered.errors x
      left join codered.ci_jobs j on j.id = x.ci_job_id
      left join codered.ci_events e on e.id = x.ci_event_id
      left join codered.deployments d on d.id = x.deployment_id),
    'comments', (select json_agg(json_build_array(p.target, p.desired) order by p.target) from codered.publications p where p.kind = 'comment'),
    'check_runs_of_heads', (
      select json_agg(json_build_array(p.target, p.desired - 'as_of') order by p.target)
      from codered.publications p
      join codered.pull_requests pr on p.target = pr.head_sha || ':CodeRed'
      where p.kind = 'check_run' and not exists (
        select 1 from codered.publications n where n.target = p.target and n.generation > p.generation)),
    'open_check_runs', (select json_agg(p.target) from codered.publications p where p.desired ->> 'status' <> 'completed')
  ) as brain`;

let brain: TestBrain;
let bench: Bench;
let life: Life;

beforeAll(async () => {
  brain = await openTestBrain('embedded');
  bench = await openBench(brain);
  life = tellLife(OUTLINE);
  life.prepare(bench.github.state);
  for (const { effect } of life.deliveries) effect(bench.github.state);
});

afterAll(async () => {
  await bench.close();
  await brain.close();
});

/** Plays the deliveries by their places and returns all that the brain knows then. Follow-ups are done after some of them too,
 * but for those that give lost webhooks time to arrive. */
async function play(places: readonly number[], drainAfter: ReadonlySet<number>): Promise<unknown> {
  for (const table of ['webhook_deliveries', 'agent_jobs', 'repositories', 'projects', 'installations', 'orgs']) {
    await brain.script(`delete from codered.${table}`);
  }
  for (const [index, place] of places.entries()) {
    const delivery = life.deliveries[place];
    if (delivery === undefined) throw new RangeError(`there is no delivery ${place}`);
    await bench.process(delivery);
    if (drainAfter.has(index)) await bench.drain('due');
  }
  await bench.drain('all');
  const [row] = await brain.sql(WHOLE_BRAIN);
  return JSON.parse(row?.brain ?? 'null');
}

test('a life told in any order, each delivery up to three times, leaves the same rows and the same comment', async () => {
  const inOrder = life.deliveries.map((_, place) => place);
  const told = await play(inOrder, new Set());
  expect(told).toMatchObject({
    comments: [
      ['1', { may_create: expect.any(Boolean) }],
      ['2', { may_create: true }],
    ],
  });

  const shuffled = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: inOrder.length, maxLength: inOrder.length })
    .map((times) => inOrder.flatMap((place) => Array.from({ length: times[place] ?? 1 }, () => place)))
    .chain((places) => fc.shuffledSubarray(places, { minLength: places.length, maxLength: places.length }));
  const drains = fc.uniqueArray(fc.nat({ max: inOrder.length }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(shuffled, drains, async (places, drainAfter) => {
      expect(await play(places, new Set(drainAfter))).toEqual(told);
    }),
    { numRuns: Number(process.env.ORDER_RUNS ?? 8), endOnFailure: true },
  );
  expect(bench.github.violations).toEqual([]);
}, 300_000);
