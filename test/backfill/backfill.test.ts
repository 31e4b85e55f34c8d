// The past of a repository comes to stand as if its webhooks had come, whatever happens to the backfill on its way.

import { Probot } from 'probot';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BackfillDeps, workOnBackfill } from '../../src/backfill/backfill.ts';
import type { Progress } from '../../src/backfill/walk.ts';
import { secondaryRateLimit } from '../../src/demo/github/failures.ts';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import { installationOctokit } from '../../src/github/installation.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { forgetEverything } from '../support/fact-rows.ts';
import { localPauses } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { APP, type Bench, openBench } from '../support/pipeline.ts';

const brain: TestBrain = await openTestBrain(ruleBackend);
const bench: Bench = await openBench(brain);
const DAYS = 20;
let life: Life;
let inside: RepositoryState;
let lines: ReturnType<typeof makeLogLines>;

afterAll(async () => {
  await bench.close();
  await brain.close();
});
beforeEach(async () => {
  await forgetEverything(brain);
  await brain.script('delete from codered.backfills');
  for (const kept of [bench.github.state.repositories, bench.github.state.installations]) kept.clear();
  bench.github.requests.length = 0;
  lines = makeLogLines();
  life = tellLife({
    startAt: new Date(Date.now() - DAYS * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    app: APP,
    moments: [
      { kind: 'install' },
      { kind: 'push', message: 'Begin' },
      { kind: 'run', on: 'default branch', jobs: [{ name: 'test', conclusion: 'success', steps: ['npm test'] }] },
      { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
      { kind: 'run', on: 1, jobs: [{ name: 'test', conclusion: 'failure', steps: ['npm ci'] }] },
      { kind: 'rerun', on: 1, jobs: [{ name: 'test', conclusion: 'success', steps: ['npm test'] }] },
      { kind: 'merge', pull: 1 },
      { kind: 'deploy', environment: 'production', job: { name: 'deploy', conclusion: 'success', steps: ['ship'] } },
      { kind: 'open', pull: 2, title: 'Open still', branch: 'open' },
      { kind: 'run', on: 2, jobs: [{ name: 'test', conclusion: 'failure', steps: ['npm test'] }] },
    ],
  });
  life.prepare(bench.github.state);
  for (const { effect } of life.deliveries) effect(bench.github.state);
  const found = bench.github.state.repositories.get(life.repository.id);
  if (found === undefined) throw new RangeError('the life was not prepared');
  inside = found;
});
afterEach(() => expect(bench.github.violations.splice(0)).toEqual([]));

/** Has CodeRed hear the webhooks that fit, and the workers be done with them. */
async function hear(fits: (event: string) => boolean): Promise<void> {
  for (const delivery of life.deliveries) if (fits(delivery.event)) await bench.process(delivery);
  await brain.script("update codered.webhook_deliveries set status = 'done' where status <> 'ignored'");
}

async function work(changes: Partial<BackfillDeps> = {}) {
  const probot = new Probot({ appId: APP.id, privateKey: bench.privateKey, baseUrl: bench.github.url, log: lines.log });
  return workOnBackfill({
    ...{ brain, appId: APP.id, worker: 'test', leaseSeconds: 20, log: lines.log, stop: new AbortController().signal },
    octokitFor: (id, purpose) => installationOctokit(probot, id, localPauses(), purpose),
    pause: async () => {},
    ...changes,
  });
}
const dueNow = () => brain.script('update codered.backfills set due_at = now()');
const request = (since: string, more: object = {}) =>
  brain.call('request_backfill', { repository_id: life.repository.id, reason: 'the test', since, ...more });
const longAgo = new Date(Date.now() - 30 * 86_400_000).toISOString();

/** What the past is kept in, but for who told it, when we heard it, and what GitHub's lists do not say: who merged, which run deployed. */
async function rows(): Promise<Record<string, readonly string[]>> {
  const dropped = `array['id', 'created_at', 'updated_at', 'source_delivery', 'ci_event_id', 'deployment_id', 'project_id', 'pushed_at', 'source_updated_at', 'zones_touched', 'log_state', 'opened_at', 'is_current', 'merged_by']`;
  const found: Record<string, readonly string[]> = {};
  for (const table of ['ci_events', 'ci_jobs', 'deployments', 'deployment_statuses', 'pull_requests']) {
    const told = await brain.sql(
      `select (to_jsonb(t) - ${dropped} - ${table === 'deployments' ? `array['run_id', 'run_attempt']` : `'{}'::text[]`})::text as row from codered.${table} t order by 1`,
    );
    found[table] = told.map(({ row }) => row ?? '');
  }
  return found;
}

describe('a backfill', () => {
  it('comes to the rows that webhooks would have made, and asks for it by itself at installation', async () => {
    await hear(() => true);
    const live = await rows();
    await forgetEverything(brain);
    await hear((event) => event === 'installation');
    expect(await brain.sql('select reason, state from codered.backfills')).toEqual([
      { reason: 'CodeRed was installed on it', state: 'pending' },
    ]);
    await request(longAgo, { with_jobs: true });
    const reached: Progress[] = [];
    expect(await work({ onProgress: (one) => reached.push(one) })).toEqual({ state: 'done' });
    await bench.drain('due');
    expect(await rows()).toEqual(live);
    expect(new Set(reached.map(({ phase }) => phase))).toEqual(
      new Set(['heads', 'pulls', 'runs', 'deployments', 'commits', 'again']),
    );
    expect(
      (await brain.sql('select count(*)::text as n from codered.commits where ref = $1', ['refs/heads/main']))[0]?.n,
    ).toBe('2');
    expect(await work()).toBeNull();
  });

  it('changes nothing that webhooks told, and acts on nothing that is over', async () => {
    await hear(() => true);
    await bench.drain('due');
    const live = await rows();
    await brain.script('delete from codered.follow_ups');
    await request(longAgo, { with_jobs: true });
    expect(await work()).toEqual({ state: 'done' });
    await bench.drain('due');
    expect(await rows()).toEqual(live);
    const heads = await brain.sql(
      `select distinct f.input ->> 'head_sha' as sha from codered.follow_ups f where f.kind = 'report'`,
    );
    const open = inside.pulls.get(2)?.head.sha ?? '';
    expect(heads.map(({ sha }) => sha).filter((sha) => sha !== open)).toEqual([]);
  });

  it('ends with the same rows wherever it is killed', async () => {
    await hear((event) => event === 'installation');
    await request(longAgo, { with_jobs: true });
    expect(await work()).toEqual({ state: 'done' });
    const [counted] = await brain.sql(
      `select (counts ->> 'requests')::integer as n from codered.backfills where state = 'done'`,
    );
    const points = Array.from({ length: 10 }, (_, at) => Math.floor((at * (Number(counted?.n) - 1)) / 9));
    await bench.drain('due');
    const whole = await rows();
    for (const after of points) {
      await forgetEverything(brain);
      await hear((event) => event === 'installation');
      await request(longAgo, { with_jobs: true });
      let left = after;
      // A process that dies writes nothing more: its lease runs out, and another takes the backfill.
      const dying = {
        call: (...args: Parameters<TestBrain['call']>) =>
          left < 0 ? Promise.reject(new Error('killed')) : brain.call(...args),
      };
      const probot = new Probot({
        appId: APP.id,
        privateKey: bench.privateKey,
        baseUrl: bench.github.url,
        log: lines.log,
      });
      const octokitFor: BackfillDeps['octokitFor'] = async (id, purpose) => {
        const octokit = await installationOctokit(probot, id, localPauses(), purpose);
        octokit.hook.before('request', () => {
          left -= 1;
          if (left < 0) throw new Error('killed');
        });
        return octokit;
      };
      await expect(work({ brain: dying as BackfillDeps['brain'], octokitFor })).rejects.toThrow('killed');
      await brain.script(`update codered.backfills set locked_until = now() - interval '1 s'`);
      expect(await work()).toEqual({ state: 'done' });
      await bench.drain('due');
      expect(await rows()).toEqual(whole);
    }
  });

  it('waits for a limit in the middle of it, and goes on where it was', async () => {
    await hear((event) => event === 'installation');
    await request(longAgo);
    bench.github.failNext({ method: 'GET', path: /\/actions\/runs$/ }, secondaryRateLimit(60));
    expect(await work()).toMatchObject({ state: 'waits', dueMs: 60_000, hasFailed: false });
    expect(await work()).toBeNull();
    await dueNow();
    expect(await work()).toEqual({ state: 'done' });
  });

  it('notes what GitHub refuses and goes on with the rest; a repository that is gone stops it', async () => {
    await hear((event) => event === 'installation');
    const [installation] = bench.github.state.installations.values();
    if (installation === undefined) throw new RangeError('nobody installed it');
    const { deployments: _, ...permissions } = installation.permissions;
    bench.github.state.addInstallation({ ...installation, permissions });
    await dueNow();
    expect(await work()).toEqual({ state: 'done' });
    const [row] = await brain.sql(`select state, missing::text as missing from codered.backfills`);
    expect(row).toMatchObject({ state: 'done', missing: expect.stringContaining('deployments') });
    await request(longAgo);
    bench.github.failNext(
      { method: 'GET', path: /\/repositories\/\d+$/ },
      { status: 404, body: { message: 'Not Found' } },
    );
    expect(await work()).toMatchObject({ state: 'stopped' });
  });

  it('finds a repository under its new name, and begins by the clock of GitHub', async () => {
    await hear((event) => event === 'installation');
    bench.github.state.renameRepository(life.repository.id, 'web-store');
    await request(longAgo);
    expect(await work()).toEqual({ state: 'done' });
    const [row] = await brain.sql(
      'select abs(extract(epoch from until - now())) < 60 as is_githubs from codered.backfills',
    );
    expect(row).toEqual({ is_githubs: 't' });
  });

  it('has one at work on a repository, and is widened when more is asked for', async () => {
    await hear((event) => event === 'installation');
    const id = await request(longAgo);
    expect(await request(longAgo)).toBe(id);
    const [taken] = [await brain.call('take_backfill', { worker: 'another', lease_seconds: 20 })];
    expect(taken).toMatchObject({ id });
    expect(await work()).toBeNull();
    await request(longAgo, { with_logs: true, with_jobs: true });
    expect(await work()).toEqual({ state: 'done' });
  });

  it('is asked for when an installation is no longer suspended', async () => {
    await hear((event) => event === 'installation');
    await brain.script(`delete from codered.backfills; update codered.installations set suspended_at = now()`);
    expect(await brain.sql('select 1 from codered.backfills')).toEqual([]);
    await brain.script(`update codered.installations set suspended_at = null`);
    expect(await brain.sql('select reason from codered.backfills')).toEqual([
      { reason: 'its installation was suspended' },
    ]);
  });

  it('is asked for again where something was refused and the permissions changed, and nowhere else', async () => {
    await hear((event) => event === 'installation');
    const change = (word: string) =>
      brain.script(`update codered.installations set permissions = '{"deployments": "${word}"}'`);
    const pending = () => brain.sql(`select reason from codered.backfills where state = 'pending'`);
    await brain.script(`update codered.backfills set state = 'done', finished_at = now()`);
    await change('read');
    expect(await pending()).toEqual([]);
    await brain.script(`update codered.backfills set missing = '[{"what": "deployments", "why": "403"}]'`);
    await change('write');
    expect(await pending()).toEqual([{ reason: 'the permissions of CodeRed changed' }]);
  });

  it('goes by turns of installations, so that one with many repositories does not keep others waiting', async () => {
    await forgetEverything(brain);
    await brain.script(`delete from codered.backfills;
      with made as (
        insert into codered.orgs (name, login) values ('many', 'many'), ('one', 'one') returning id, login
      )
      insert into codered.installations (id, org_id, account_login)
      select case login when 'many' then 1 else 2 end, id, login from made`);
    await brain.script(`insert into codered.repositories (id, installation_id, owner, name)
      select n, case when n = 9 then 2 else 1 end, 'o', 'r' || n from generate_series(1, 9) as n`);
    const order: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const taken = (await brain.call('take_backfill', { worker: 'a', lease_seconds: 20 })) as {
        id: string;
        claim: number;
        installation_id: number;
      };
      order.push(taken.installation_id);
      await brain.call('release_backfill', { id: taken.id, claim: taken.claim, state: 'done' });
    }
    expect(order.toSorted()).toEqual([1, 1, 2]);
    expect(order[2]).toBe(1);
  });
});
