// A process that is killed at random points under load, and started again: what kill.slow.test.ts expects of it.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import { openTestBrain, type TestBrain, testBrain } from './brain.ts';
import { APP, openBench } from './pipeline.ts';
import { type ServedProcess, startServing } from './served-process.ts';
import { pkcs8Pem, publicPem } from './settings.ts';
import { readHits, readWholeBrain, type WholeBrain } from './whole-brain.ts';

const FAILING_LOG = [
  '2026-11-20T13:02:10.1000000Z ##[group]Run npm ci',
  '2026-11-20T13:02:11.2000000Z npm error code ERESOLVE',
  '2026-11-20T13:02:11.3000000Z npm error ERESOLVE unable to resolve dependency tree',
  '2026-11-20T13:02:12.4000000Z ##[error]Process completed with exit code 1.',
].join('\n');

const failing = (name: string): JobOutline => {
  return { name, conclusion: 'failure', steps: ['npm ci'], log: { kept: FAILING_LOG } };
};
const passing = (name: string): JobOutline => ({ name, conclusion: 'success', steps: ['npm ci', 'npm test'] });

/** Pull requests 1 (by its deployment), 2 and 4 end red, 3 was never red, 5 was and is not. */
const MOMENTS: Moment[] = [
  { kind: 'install' },
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
  { kind: 'run', on: 1, jobs: [failing('test (20)'), failing('test (22)'), passing('test (24)')] },
  { kind: 'rerun', on: 1, jobs: [passing('test (20)'), failing('test (22)')] },
  { kind: 'open', pull: 2, title: 'From a fork', branch: 'patch-1', author: ACCOUNTS.hacktocat, fromFork: true },
  { kind: 'run', on: 2, jobs: [failing('test')] },
  { kind: 'open', pull: 3, title: 'Say hello', branch: 'hello' },
  { kind: 'run', on: 3, jobs: [passing('test')] },
  { kind: 'commit', pull: 1, message: 'Align the versions' },
  { kind: 'run', on: 1, jobs: [passing('test (20)'), passing('test (22)'), passing('test (24)')] },
  { kind: 'open', pull: 4, title: 'Cache the catalogue', branch: 'cache' },
  { kind: 'run', on: 4, jobs: [failing('test'), passing('lint')] },
  { kind: 'rerun', on: 4, jobs: [failing('test')] },
  { kind: 'open', pull: 5, title: 'Sort the catalogue', branch: 'sort' },
  { kind: 'run', on: 5, jobs: [failing('test')] },
  { kind: 'status', on: 2, context: 'ci/elsewhere', state: 'failure', description: 'The build broke' },
  { kind: 'commit', pull: 5, message: 'Sort it well' },
  { kind: 'run', on: 5, jobs: [passing('test')] },
  { kind: 'other check', on: 3, name: 'Other CI', conclusion: 'success', summary: 'All is well' },
  { kind: 'merge', pull: 1 },
  { kind: 'deploy', environment: 'production', job: failing('deploy') },
];
const RED = ['1', '2', '4'];

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});

function tellLives(count: number): Life[] {
  return Array.from({ length: count }, (_, sibling) =>
    tellLife({ startAt: `2026-11-2${sibling}T13:00:00Z`, app: APP, sibling, moments: MOMENTS }),
  );
}

/** What the brain knows after the lives were told one after the other and everything was done at leisure. */
async function knownAtLeisure(kind: 'embedded' | 'postgres', lives: readonly Life[]) {
  const brain = await openTestBrain(kind);
  const bench = await openBench(brain);
  try {
    for (const life of lives) {
      life.prepare(bench.github.state);
      for (const delivery of life.deliveries) {
        delivery.effect(bench.github.state);
        await bench.process(delivery);
      }
    }
    await bench.drain('all');
    return { rows: await readWholeBrain(brain), hits: await readHits(brain) };
  } finally {
    await bench.close();
    await brain.close();
  }
}

/** A GitHub on which the lives can happen, and the settings of a CodeRed that is registered there. */
async function openGithub(lives: readonly Life[]) {
  const secret = randomBytes(24).toString('hex');
  const github = await startGithubStandIn({ appId: APP.id, publicKeyPem: publicPem, appSlug: APP.slug });
  releases.push(github.close);
  for (const life of lives) life.prepare(github.state);
  const env = {
    APP_ID: String(APP.id),
    PRIVATE_KEY: pkcs8Pem,
    WEBHOOK_SECRET: secret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: 'http',
  };
  return { github, secret, env };
}

/**
 * Sends the deliveries of a life, three at a time, and each again until it was answered 202 or 200, and never after that.
 * Returns how often a delivery found nobody or was not answered. `released` says which share of them may be sent by now.
 */
async function sendLife({ deliveries }: Life, github: GithubStandIn, released: () => number): Promise<number> {
  let next = 0;
  let happened = 0;
  let unanswered = 0;
  const lane = async (): Promise<void> => {
    for (let place = next++; place < deliveries.length; place = next++) {
      while (place >= deliveries.length * released()) await wait(5);
      // What a delivery tells of is true before it is sent, and stays in its order.
      for (; happened <= place; happened++) deliveries[happened]?.effect(github.state);
      while (!(await isTaken(github, deliveries[place]))) {
        unanswered += 1;
        await wait(20);
      }
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  return unanswered;
}

async function isTaken(github: GithubStandIn, delivery: Life['deliveries'][number] | undefined): Promise<boolean> {
  if (delivery === undefined) return true;
  const { event, payload, guid } = delivery;
  try {
    const response = await github.deliver(event, payload, { guid });
    await response.arrayBuffer();
    if (![200, 202, 503].includes(response.status)) throw new RangeError(`${event} ${guid}: ${response.status}`);
    return response.status !== 503;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return false;
  }
}

/** Resolves right after a comment was made, when the brain does not know it yet, or when none comes. */
async function nextComment({ requests }: GithubStandIn, withinMs: number): Promise<void> {
  const from = requests.length;
  const deadlineMs = performance.now() + withinMs;
  const isMade = () => requests.slice(from).some(({ method, path }) => method === 'POST' && path.endsWith('/comments'));
  while (!isMade() && performance.now() < deadlineMs) await wait(1);
}

interface Massacre {
  readonly lives: readonly Life[];
  readonly github: GithubStandIn;
  readonly secret: string;
  readonly kills: number;
  readonly start: () => Promise<ServedProcess>;
  /** Called when the process is dead and the next one not yet started. */
  readonly whileDead: () => Promise<void>;
}

/** Kills and starts the process again while the lives are being sent, then lets it finish; returns how often senders were let down. */
async function killAgainAndAgain({ lives, github, secret, kills, start, whileDead }: Massacre): Promise<number> {
  let released = 0;
  const serve = async () => {
    const served = await start();
    releases.push(served.kill);
    github.webhook.target = { url: served.webhooks, secret };
    return served;
  };
  let served = await serve();
  const senders = Promise.all(lives.map((life) => sendLife(life, github, () => released)));
  // Whoever waits for the senders below hears of it; meanwhile a failure must not end the test run.
  senders.catch(() => {});
  for (let kill = 1; kill <= kills; kill++) {
    released = kill / (kills + 1);
    if (kill % 4 === 0) await nextComment(github, 2_000);
    else await wait(Math.random() * 500);
    await served.kill();
    // However fast the machine is, some come while nobody listens.
    released = (kill + 0.5) / (kills + 1);
    await whileDead();
    served = await serve();
  }
  released = 1;
  const unanswered = await senders;
  expect(await served.end()).toBe(0);
  return unanswered.reduce((sum, times) => sum + times, 0);
}

/** The inbox and what follows from it are empty, and every delivery was processed. */
async function expectAllDone(brain: TestBrain, lives: readonly Life[]): Promise<void> {
  const rows = await brain.sql(
    `select guid, status, last_error from codered.webhook_deliveries where guid not like 'lost-job-%' order by guid`,
  );
  expect(rows.filter(({ status }) => status !== 'done' && status !== 'ignored')).toEqual([]);
  const sent = lives.flatMap(({ deliveries }) => deliveries.map(({ guid }) => guid));
  expect(rows.map(({ guid }) => guid)).toEqual(sent.toSorted());
  // A look that is due only once nothing has run for a while is no work that is left.
  const left = `select input, error from codered.agent_jobs where status <> 'completed' and coalesce(dedupe_key, '') not like 'deadline:%'`;
  expect(await brain.sql(left)).toEqual([]);
  expect(await brain.sql('select target, last_error from codered.publications where is_due')).toEqual([]);
}

/** Without the time as of which something is said: the same said again of later facts is not written again. */
function undated<T extends readonly unknown[]>(given: T): T {
  return JSON.parse(JSON.stringify(given).replaceAll(/(as_of(?:=|":"))[^\s"]+/g, '$1-'));
}

/** A job whose own delivery waited for a dead process's lease when its run was over was asked for: who told it differs then. */
const whoeverTold = (rows: unknown) =>
  JSON.parse(JSON.stringify(rows ?? []).replaceAll(/"source_delivery":"[^"]*"/g, '"source_delivery":"-"'));

/** What does not depend on when somebody looked: a head that was overtaken before anybody saw it has no check run. */
function lasting(brain: WholeBrain & { readonly ci_jobs?: unknown }): WholeBrain {
  const heads = new Set((brain.pull_requests ?? []).map(({ head_sha }) => head_sha));
  const check_runs = (brain.check_runs ?? []).filter(([, , { head_sha }]) => heads.has(head_sha));
  return {
    ...brain,
    ...{ ci_jobs: whoeverTold(brain.ci_jobs) },
    comments: undated(brain.comments ?? []),
    check_runs: undated(check_runs),
  };
}

/**
 * Everything that was made is known by its id. But a check run that was finished at once, by a process that died of it,
 * can't be reopened when its job is re-run: then a newer one stands over it.
 */
async function expectKnown(brain: TestBrain, github: GithubStandIn): Promise<void> {
  const rows = await brain.sql('select github_id from codered.publications where github_id is not null');
  const known = new Set(rows.map(({ github_id }) => Number(github_id)));
  const all = [...github.state.repositories.values()];
  expect(all.flatMap(({ comments }) => [...comments.keys()]).filter((id) => !known.has(id))).toEqual([]);
  const checkRuns = all
    .flatMap((inside) => [...inside.checkRuns.values()])
    .filter(({ appSlug }) => appSlug === APP.slug);
  for (const { id, headSha, status } of checkRuns.filter((one) => !known.has(one.id))) {
    const newer = checkRuns.filter((other) => other.headSha === headSha && other.id > id && known.has(other.id));
    expect([status, newer.length]).toEqual(['completed', expect.toSatisfy((count: number) => count > 0)]);
  }
}

/** What stands on GitHub is what the undisturbed brain wanted there, and nothing stands there twice. */
function expectOnGithub(github: GithubStandIn, rows: WholeBrain): void {
  const known = lasting(rows);
  const all = [...github.state.repositories.values()];
  const standing = undated(
    all.flatMap(({ repository, comments }) =>
      [...comments.values()].map(({ pullNumber, body }) => [repository.id, String(pullNumber), body] as const),
    ),
  );
  const wanted = (known.comments ?? []).map(([repository, target, { body }]) => [repository, target, body] as const);
  const isRed = ([, target]: readonly [number, string, unknown]) => RED.includes(target);
  expect(standing.filter(isRed).toSorted()).toEqual(wanted.filter(isRed).toSorted());
  // On those that are green at the end a comment stands if the process lived while they were red.
  const places = standing.map(([repository, target]) => `${repository} ${target}`);
  expect(places).toEqual([...new Set(places)]);
  expect(wanted).toEqual(expect.arrayContaining(standing));

  const newest = new Map(
    all.flatMap(({ repository, checkRuns }) =>
      [...checkRuns.values()]
        .filter(({ appSlug }) => appSlug === APP.slug)
        .toSorted((one, other) => one.id - other.id)
        .map(({ headSha, conclusion, output }) => [`${repository.id} ${headSha}`, [conclusion, output.title]] as const),
    ),
  );
  for (const [repository, , { head_sha, conclusion, title }] of known.check_runs ?? []) {
    expect(newest.get(`${repository} ${head_sha}`)).toEqual([conclusion, title]);
  }
  expect(github.violations).toEqual([]);
  expect(github.refused).toEqual([]);
}

/** How often the process dies, and how many repositories live meanwhile. */
export interface Killing {
  readonly kills: number;
  readonly lives: number;
}

/** On Postgres what was answered 202 comes to exactly its effect. Call it in a test. */
export async function expectSurvivalOnPostgres({ kills, lives: count }: Killing): Promise<void> {
  const lives = tellLives(count);
  const { rows, hits } = await knownAtLeisure('postgres', lives);
  const { github, secret, env } = await openGithub(lives);
  const brain = await openTestBrain('postgres');
  releases.push(brain.close);
  const settings = { ...env, DATABASE_URL: brain.databaseUrl ?? '' };

  let interrupted = 0;
  const whileDead = async () => {
    const [held] = await brain.sql(`
      select (select count(*) from codered.webhook_deliveries where status = 'processing')
        + (select count(*) from codered.agent_jobs where status = 'running')
        + (select count(*) from codered.publications where locked_by is not null) as rows`);
    if (held?.rows !== '0') interrupted += 1;
  };
  const start = () => startServing('unpaced', settings);
  const letDown = await killAgainAndAgain({ lives, github, secret, kills, start, whileDead });
  // Else it was never killed while deliveries came, or while there was work in it.
  expect(letDown).toBeGreaterThanOrEqual(kills);
  if (kills >= 20) expect(interrupted).toBeGreaterThan(0);

  await expectAllDone(brain, lives);
  expect(lasting(await readWholeBrain(brain))).toEqual(lasting(rows));
  expect(await readHits(brain)).toEqual(hits);
  expectOnGithub(github, rows);
  await expectKnown(brain, github);

  // The command itself, on what is left there: it knows every delivery, and ends when it is told to.
  const served = await startServing('command', settings);
  releases.push(served.kill);
  github.webhook.target = { url: served.webhooks, secret };
  const { event, payload, guid } = lives[0]?.deliveries[0] ?? { event: '', payload: {}, guid: '' };
  expect((await github.deliver(event, payload, { guid })).status).toBe(200);
  expect(await served.end()).toBe(0);
}

/** The same on the embedded database. */
export async function expectSurvivalEmbedded({ kills, lives: count }: Killing): Promise<void> {
  const lives = tellLives(count);
  const { rows, hits } = await knownAtLeisure('embedded', lives);
  const { github, secret, env } = await openGithub(lives);
  const directory = await mkdtemp(join(tmpdir(), 'codered-kill-'));
  releases.push(() => rm(directory, { recursive: true, force: true }));
  const start = () => startServing('unpaced', { ...env, CODERED_DATA_DIR: directory });
  const nothing = async () => {};
  await killAgainAndAgain({ lives, github, secret, kills, start, whileDead: nothing });

  const brain = testBrain(await openEmbedded({ directory }), null);
  releases.push(brain.close);
  await expectAllDone(brain, lives);
  expect(lasting(await readWholeBrain(brain))).toEqual(lasting(rows));
  expect(await readHits(brain)).toEqual(hits);
  expectOnGithub(github, rows);
  await expectKnown(brain, github);
}
