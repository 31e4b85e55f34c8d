// Measures what a member waits for over REST on a full database (a million CI events), beside GET /healthz of the same server in the
// same run, at 50 requests a second. `npm run bench -- --only api`; with BENCH_BRAIN_URL it takes a filled database as it is.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { migrateBrain } from '../src/brain/client.ts';
import { hashOfToken } from '../src/brain/tokens.ts';
import { describeAll } from '../src/http/rest/describe.ts';
import { fullPath } from '../src/http/rest/paths.ts';
import { SCOPES, TOKEN_PREFIX } from '../src/model/scopes.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { fillBrain } from './fill-brain.ts';

const RATE = 50;
/** Of each operation; before that some one after the other, for warmth. */
const CALLS = 100;
const WARM_UP_CALLS = 12;
const TARGET_TIMES = 10;
const HEALTH = 'GET /healthz';
const silent = { info: () => {}, warn: () => {} };

interface Asked {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Ids that the member may see, by what the paths call them: the busiest project first. */
const IDS: Readonly<Record<string, string>> = {
  project_id: `select p.id from codered.projects p join codered.memberships m on m.org_id = p.org_id where m.user_id = $1 order by (
    select count(*) from codered.errors e where e.project_id = p.id) desc, p.id limit 10`,
  task_id: `select t.id from codered.tasks t join codered.projects p on p.id = t.project_id
    join codered.memberships m on m.org_id = p.org_id where m.user_id = $1 order by t.id limit 40`,
  job_id: 'select id from codered.agent_jobs where user_id = $1 order by id limit 40',
  ...Object.fromEntries(
    ['run', 'error', 'artifact', 'deployment', 'spec', 'sprint'].map((name) => [
      `${name}_id`,
      `select t.id from codered.projects p join codered.memberships m on m.org_id = p.org_id
        cross join lateral (select id from codered.${name}s where project_id = p.id limit 4) t where m.user_id = $1`,
    ]),
  ),
};
/** What is asked of a list beside all of it. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  get_failure_summary: ['', 'pull_request'],
  search_failures: ['', 'pull_request'],
  search_events: ['query=workflow', 'query=nothing+of+that'],
};

/** Every operation that reads, with paths to ask for; null where the database has nothing that it could name. */
async function allAsked(client: pg.Client, user: string): Promise<readonly Asked[]> {
  const ids: Record<string, readonly string[]> = {};
  for (const [name, text] of Object.entries(IDS)) {
    ids[name] = (await client.query<{ id: string }>(text, [user])).rows.map(({ id }) => id);
  }
  const { rows: pulls } = await client.query<{ project_id: string; number: string }>(
    `select r.project_id, pr.number from codered.pull_requests pr join codered.repositories r on r.id = pr.repository_id
    where r.project_id = any ($1) order by pr.updated_at desc limit 200`,
    [ids.project_id],
  );
  const reads = describeAll().described.filter(({ place }) => place.method === 'get');
  return reads.flatMap(({ operation, place, parameters }) => {
    const [named] = parameters.filter((one) => one.in === 'path');
    const values = named === undefined ? [''] : (ids[named.name] ?? []);
    const standard = parameters.flatMap(({ in: where, required, name, example }) =>
      where === 'query' && required ? [`${name}=${encodeURIComponent(String(example))}`] : [],
    );
    return (FILTERS[operation.name] ?? [standard.join('&')]).flatMap((filter): Asked[] => {
      const paths =
        filter === 'pull_request'
          ? pulls.map(
              ({ project_id, number }) => `${place.path.replace('{project_id}', project_id)}?pull_request=${number}`,
            )
          : values.map((value) => place.path.replace(/\{\w+\}/, value) + (filter === '' ? '' : `?${filter}`));
      if (paths.length === 0) console.log(`  ${operation.name} is left out: there is nothing that it could name`);
      return paths.length === 0
        ? []
        : [
            {
              name: `${operation.name} ${filter}`.trim(),
              paths: paths.map((path) => fullPath({ path, ...(place.prefix ? { prefix: place.prefix } : {}) })),
            },
          ];
    });
  });
}

/** Without what the filled database has nothing of: what the standard input names is not there, or not the member's. */
async function answered(all: readonly Asked[], { url, token }: { url: string; token: string }) {
  const found: Asked[] = [];
  for (const one of all) {
    const paths: string[] = [];
    for (const path of one.paths) {
      const { status } = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
      if (status === 200) paths.push(path);
    }
    if (paths.length === 0) console.log(`  ${one.name} is left out: nothing that it could name answers`);
    else found.push({ ...one, paths });
  }
  return found;
}

const agent = new Agent({ keepAlive: true });

/** Milliseconds from when it was due until all of the answer had come; null for one who has too much under way. */
function ask(url: string, token: string, due: number): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const sent = request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
    answer.resume().once('end', () => {
      if (answer.statusCode === 200) resolve(performance.now() - due);
      else if (answer.statusCode === 429) resolve(null);
      else reject(new Error(`${url} answered ${answer.statusCode}`));
    });
  });
  sent.once('error', reject).end();
  return promise;
}

/** All in turns, at the rate, whether the ones before are answered or not; the milliseconds of each by its name. */
async function measure(all: readonly Asked[], { url, token }: { url: string; token: string }) {
  const pathOf = ({ paths }: Asked, round: number) => url + (paths[round % paths.length] ?? '');
  for (let round = 0; round < WARM_UP_CALLS; round += 1) {
    for (const one of all) await ask(pathOf(one, round), token, performance.now());
  }
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  const asked: Promise<unknown>[] = [];
  const started = performance.now();
  for (let round = 0, call = 0; round < CALLS; round += 1) {
    for (const one of all) {
      const due = started + (call++ * 1_000) / RATE;
      await wait(Math.max(0, due - performance.now()));
      asked.push(
        ask(pathOf(one, round), token, due).then((ms) => (ms === null ? null : times.get(one.name)?.push(ms))),
      );
    }
  }
  await Promise.all(asked);
  return times;
}

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

function print(times: ReadonlyMap<string, readonly number[]>): void {
  const health = percentile(times.get(HEALTH) ?? [], 0.95);
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(
    `\n${CALLS} calls each at ${RATE} a second together, milliseconds; target ${TARGET_TIMES} times the p95 of ${HEALTH}; load ${load.join(' ')}:`,
  );
  console.log(`  ${'operation'.padEnd(44)}     p50     p95   times  refused`);
  for (const [name, all] of times) {
    const cells = [percentile(all, 0.5), percentile(all, 0.95), percentile(all, 0.95) / health];
    const refused = `${CALLS - all.length}`.padStart(8);
    const missed = percentile(all, 0.95) > TARGET_TIMES * health ? '  misses' : '';
    console.log(
      `  ${name.padEnd(44)} ${cells.map((value) => value.toFixed(2).padStart(7)).join(' ')} ${refused}${missed}`,
    );
  }
}

async function measureAll(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const server = fork(fileURLToPath(new URL('api-server.ts', import.meta.url)), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', BENCH_URL: url },
  });
  try {
    const { rows } = await client.query<{ user_id: string }>(
      `select m.user_id from codered.memberships m join codered.orgs o on o.id = m.org_id where o.login = 'org-1' order by m.user_id limit 1`,
    );
    const user = rows[0]?.user_id ?? '';
    const token = TOKEN_PREFIX + randomUUID();
    await client.query("select codered.create_token($1, $2, $3, $4, now() + interval '1 day')", [
      user,
      `bench ${randomUUID()}`,
      hashOfToken(token),
      SCOPES.join(' '),
    ]);
    const [message] = await once(server, 'message');
    const { url: base } = z.object({ url: z.string() }).parse(message);
    const all = [{ name: HEALTH, paths: ['/healthz'] }, ...(await allAsked(client, user))];
    print(await measure(await answered(all, { url: base, token }), { url: base, token }));
  } finally {
    server.disconnect();
    agent.destroy();
    await client.end();
  }
}

/** Prints the measurements; nothing fails, because a shared machine is slow for reasons of its own. */
export async function run(): Promise<void> {
  const given = process.env.BENCH_BRAIN_URL;
  const postgres = given === undefined ? await startDurablePostgres() : null;
  const url = given ?? postgres?.url ?? '';
  try {
    if (postgres) {
      await migrateBrain({ kind: 'postgres', url }, { log: silent });
      console.log('the brain, filled:');
      console.log(`  seeded in ${(await fillBrain(url)).toFixed(0)} s`);
    }
    await measureAll(url);
  } finally {
    await postgres?.stop();
  }
}
