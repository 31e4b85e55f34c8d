// What nothing told of is asked for and comes to stand as if a webhook had told it; what GitHub does not say changes nothing.

import { Probot } from 'probot';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import { installationOctokit } from '../../src/github/installation.ts';
import { asJson } from '../../src/model/json.ts';
import { type SweepDeps, sweep } from '../../src/sweep/sweep.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { commitFact, forgetEverything, HEAD, runFact } from '../support/fact-rows.ts';
import { localPauses } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { APP, type Bench, openBench } from '../support/pipeline.ts';

const noEnd = new AbortController().signal;
const brain: TestBrain = await openTestBrain(ruleBackend);
const bench: Bench = await openBench(brain);
let life: Life;
let inside: RepositoryState;
let lines: ReturnType<typeof makeLogLines>;

afterAll(async () => {
  await bench.close();
  await brain.close();
});
beforeEach(async () => {
  await forgetEverything(brain);
  await brain.script('delete from codered.sweep_requests; delete from codered.sweep_subjects');
  for (const kept of [bench.github.state.repositories, bench.github.state.installations]) kept.clear();
  bench.github.requests.length = 0;
  lines = makeLogLines();
  life = tellLife({
    startAt: new Date(Date.now() - 2 * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    app: APP,
    moments: [
      { kind: 'install' },
      { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
      { kind: 'run', on: 1, jobs: [{ name: 'test', conclusion: 'failure', steps: ['npm ci'] }] },
    ],
  });
  life.prepare(bench.github.state);
  for (const { effect } of life.deliveries) effect(bench.github.state);
  const found = bench.github.state.repositories.get(life.repository.id);
  if (found === undefined) throw new RangeError('the life was not prepared');
  inside = found;
});
afterEach(() => expect(bench.github.violations).toEqual([]));

/** Tells CodeRed what fits, and has it look as if it had been an hour ago; the runs of days are counted already unless `counts` says so. */
async function hear(fits: (name: string) => boolean, { counts = false } = {}): Promise<void> {
  for (const delivery of life.deliveries) {
    const { action } = delivery.payload as { action?: string };
    if (fits(`${delivery.event}.${action}`)) await bench.process(delivery);
  }
  await brain.script(`update codered.ci_events set created_at = now() - interval '1 hour';
    update codered.webhook_deliveries set status = 'done' where status <> 'ignored'`);
  if (!counts)
    await brain.script(`insert into codered.run_counts (repository_id, day, told, counted_at)
      select r.id, current_date - n, 0, now() from codered.repositories r, generate_series(-1, 40) as n`);
}
const butEnds = (name: string) => !name.startsWith('workflow') || name === 'workflow_run.requested';

async function turn(changes: Partial<SweepDeps> = {}) {
  const probot = new Probot({ appId: APP.id, privateKey: bench.privateKey, baseUrl: bench.github.url, log: lines.log });
  const octokitFor = (id: number) => installationOctokit(probot, id, localPauses(), 'sweep');
  return sweep({ brain, appId: APP.id, octokitFor, log: lines.log, mostOfOne: 50, stop: noEnd, ...changes });
}
const makeDue = () => brain.script('update codered.sweep_subjects set ask_at = now()');
/** Has the workers do what the sweep left in the inbox. */
const record = () => bench.drain('due');
const runs = async () =>
  (await brain.sql('select status from codered.ci_events order by run_id')).map(({ status }) => status);
const jobs = async () => (await brain.sql('select status from codered.ci_jobs')).map(({ status }) => status);
const subjects = async () =>
  (
    await brain.sql(
      `select format('%s %s%s', s.kind, s.asked, case when s.given_up_at is not null then ' given up' end) as line
       from codered.sweep_subjects s order by 1`,
    )
  ).map(({ line }) => line);
const asks = () => bench.github.requests.filter(({ method }) => method === 'GET').length;

describe('sweep', () => {
  it('ends a run whose end was lost, with its jobs, and is done with it then', async () => {
    await hear(butEnds);
    expect(await runs()).toEqual(['queued']);
    expect(await turn()).toMatchObject({ found: 1, asked: 1, stored: 2 });
    await record();
    expect(await runs()).toEqual(['failed']);
    expect(await jobs()).toEqual(['failed']);
    expect(await turn()).toEqual({ found: 0, asked: 0, stored: 0 });
    expect(await subjects()).toEqual([]);
  });

  it.each([
    ['was told of lately', 'created_at = now()'],
    ['waits for a person to let it run', `conclusion = 'action_required'`],
    ['is of long ago', `created_at = now() - interval '36 days'`],
  ])('asks for no run that %s', async (_, change) => {
    await hear(butEnds);
    await brain.script(`update codered.ci_events set ${change}`);
    expect(await turn()).toEqual({ found: 0, asked: 0, stored: 0 });
    expect(asks()).toBe(0);
  });

  it('asks again later and later, for nothing where nothing changed, and gives up in the end', async () => {
    await hear(butEnds);
    for (const [key, run] of inside.runs) inside.runs.set(key, { ...run, status: 'in_progress', conclusion: null });
    await turn();
    await record();
    expect(await runs()).toEqual(['running']);
    await turn();
    expect(await subjects()).toEqual(['run 1']);
    await brain.script(`update codered.ci_events set created_at = now() - interval '1 hour',
      source_updated_at = now() - interval '1 hour'`);
    await makeDue();
    expect(await turn()).toMatchObject({ asked: 1, stored: 0 });
    expect(bench.github.requests.map(({ status }) => status)).toContain(304);
    for (let more = 0; more < 12; more += 1) {
      await makeDue();
      await turn();
    }
    expect(await subjects()).toEqual(['run 12 given up']);
    expect(await brain.call('sweep_status', {})).toMatchObject({
      waiting: 0,
      given_up: 1,
      examples: [{ kind: 'run' }],
    });
  });

  it.each([
    ['a run that is not found', () => inside.runs.clear()],
    ['a repository that is not found', () => Object.assign(inside, { installationId: null })],
  ])('ends nothing because of %s', async (_, vanish) => {
    await hear(butEnds);
    vanish();
    expect(await turn()).toMatchObject({ asked: 1, stored: 0 });
    expect(await runs()).toEqual(['queued']);
    expect(await subjects()).toEqual(['run 1']);
    expect(lines.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('finds a repository under its new name', async () => {
    await hear(butEnds);
    bench.github.state.renameRepository(life.repository.id, 'web-store');
    await turn();
    await record();
    expect(await runs()).toEqual(['failed']);
    expect(await brain.sql('select name from codered.repositories')).toEqual([{ name: 'web-store' }]);
  });

  it('says once that a permission is missing, and does not ask whoever is suspended', async () => {
    await hear(butEnds);
    const [installation] = bench.github.state.installations.values();
    if (installation === undefined) throw new RangeError('nobody installed it');
    const { actions: _, ...permissions } = installation.permissions;
    bench.github.state.addInstallation({ ...installation, permissions });
    expect(await turn()).toMatchObject({ asked: 1, stored: 0 });
    expect(lines.lines.filter(({ level }) => Number(level) >= 40)).toHaveLength(1);
    await makeDue();
    await brain.script('update codered.installations set suspended_at = now()');
    expect(await turn()).toMatchObject({ asked: 0 });
  });

  it('finds the runs of a head whose gate waits, and of a push that has none', async () => {
    await hear((name) => !name.startsWith('workflow'));
    const [{ id, head_sha } = {}] = await brain.sql(
      'select p.repository_id as id, p.head_sha from codered.pull_requests p',
    );
    await brain.script(`
      insert into codered.runs (project_id, repository_id, pull_request_number, commit_sha, status, started_at, is_apps)
      select r.project_id, r.id, 1, '${head_sha}', 'running', now() - interval '1 hour', true from codered.repositories r`);
    const pushed = new Date(Date.now() - 3_600_000).toISOString();
    const on = { repository_id: Number(id), branch: 'main', trigger: 'push' as const, commit_sha: 'b'.repeat(40) };
    await brain.call('record_facts', {
      facts: asJson({
        commits: [commitFact({ ...on, sha: HEAD, ref: 'refs/heads/main', pushed_at: pushed })],
        ci_events: [runFact({ ...on, status: 'succeeded', start_time: pushed })],
      }),
    });
    expect(await turn()).toMatchObject({ found: 2, asked: 2, stored: 2 });
    expect(await subjects()).toEqual(['head 1', 'head 1']);
    await record();
    expect(await runs()).toEqual(['failed', 'succeeded']);
  });

  it('has GitHub count the runs of days that are over, and says how complete each span is', async () => {
    await hear(() => true, { counts: true });
    const made = new Date(Date.now() - 2 * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    for (const [key, run] of inside.runs) inside.runs.set(key, { ...run, createdAt: made });
    const [run] = inside.runs.values();
    if (run === undefined) throw new RangeError('there is no run');
    bench.github.state.putRun(life.repository.id, { ...run, id: run.id + 1 });
    await brain.sql('update codered.ci_events set start_time = $1', [made]);
    const known = async () => {
      const [row] = await brain.sql(
        `select codered.completeness(p.id, now() - interval '10 days', now())::text as told from codered.projects p`,
      );
      return JSON.parse(String(row?.told ?? 'null'));
    };
    expect(await known()).toBeNull();
    const first = await turn();
    expect(first.asked).toBeGreaterThan(30);
    expect(await known()).toMatchObject({ have: 1, of: 2 });
    expect(await turn()).toMatchObject({ asked: 0 });
  });

  it('asks for what a lost delivery told, and is done with it', async () => {
    await hear((name) => !name.startsWith('workflow'));
    const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const of = { installation_id: life.deliveries.length, repository_id: life.repository.id };
    for (const kind of ['workflow_run', 'pull_request', 'issue_comment'])
      await brain.call('request_sweep', { ...of, kind, since, reason: 'lost' });
    expect(await turn()).toMatchObject({ asked: 3, stored: 3 });
    await record();
    expect(await runs()).toEqual(['failed']);
    expect(await brain.sql('select 1 from codered.sweep_requests where done_at is null')).toEqual([]);
    expect(await turn()).toMatchObject({ asked: 0 });
  });
});
