// Measures what a thousand open streams of a project's events cost the server in memory, and how long an event takes to reach all of
// them, beside the same with none and with one. On a Postgres with fsync on; the server is a process of its own. bench/run.ts calls it.
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { migrateBrain } from '../src/brain/client.ts';
import { hashOfToken } from '../src/brain/tokens.ts';
import { TOKEN_PREFIX } from '../src/model/scopes.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { residentMegabytes } from './processes.ts';

const STREAMS = 1_000;
/** As many as one person may have. */
const OF_ONE = 20;
const EVENTS = 20;
const TARGET_MEGABYTES = 100;
const SETTLE_MS = 3_000;

interface Scene {
  readonly project: string;
  readonly tokens: readonly string[];
}

/** One project whose members are as many people as the streams need, each with a token. */
async function setScene(client: pg.Client): Promise<Scene> {
  const org = await client.query<{ id: string }>(
    "insert into codered.orgs (name, login) values ('bench', 'bench') returning id",
  );
  const project = await client.query<{ id: string }>(
    "insert into codered.projects (slug, name, org_id) values ('bench', 'Bench', $1) returning id",
    [org.rows[0]?.id],
  );
  const tokens: string[] = [];
  for (let person = 0; person < STREAMS / OF_ONE; person += 1) {
    const id = randomUUID();
    await client.query('insert into auth.users (id, email) values ($1, $2)', [id, `${id}@codered.example`]);
    await client.query('insert into codered.profiles (id) values ($1) on conflict do nothing', [id]);
    await client.query('insert into codered.memberships (org_id, user_id) values ($1, $2)', [org.rows[0]?.id, id]);
    const token = TOKEN_PREFIX + randomUUID();
    await client.query("select codered.create_token($1, 'bench', $2, 'read', now() + interval '1 day')", [
      id,
      hashOfToken(token),
    ]);
    tokens.push(token);
  }
  return { project: project.rows[0]?.id ?? '', tokens };
}

type Hear = (word: string, at: number) => void;

/** Opens so many at once; resolves when all of them are open. `hear` is called with the word of each event that one of them is told. */
async function openStreams(base: string, { project, tokens }: Scene, count: number, hear: Hear) {
  const url = `${base}/api/v1/projects/${project}/events/stream`;
  const open = (token: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<ClientRequest>();
    const sent = request(url, { agent: false, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`a stream was answered ${answer.statusCode}`));
      answer.setEncoding('utf8').on('data', (text: string) => {
        for (const [, word = ''] of text.matchAll(/"word": ?"(\w+)"/g)) hear(word, performance.now());
      });
      answer.on('error', () => {});
      return resolve(sent);
    });
    sent.once('error', reject).end();
    return promise;
  };
  const opened: ClientRequest[] = [];
  // Each person's together, so that no more are being opened than a person may have.
  for (let first = 0; first < count; first += OF_ONE) {
    const token = tokens[first / OF_ONE] ?? '';
    const some = Array.from({ length: Math.min(OF_ONE, count - first) }, () => open(token));
    opened.push(...(await Promise.all(some)));
  }
  return () => {
    for (const one of opened) one.on('error', () => {}).destroy();
  };
}

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

/** Resident, with what is garbage taken away before. */
async function megabytesOf(child: ChildProcess): Promise<number> {
  child.send('collect');
  await once(child, 'message');
  return residentMegabytes(child.pid ?? 0)[0] ?? Number.NaN;
}

interface Measured {
  /** With the streams open, and after all events. */
  readonly megabytes: readonly [open: number, told: number];
  /** Milliseconds from the commit of an event until a stream had it, of all streams. */
  readonly times: readonly number[];
  /** The same of the last stream, for each event. */
  readonly last: readonly number[];
}

interface Server {
  readonly url: string;
  readonly child: ChildProcess;
}

async function measure(client: pg.Client, server: Server, scene: Scene, count: number): Promise<Measured> {
  const times: number[] = [];
  const last: number[] = [];
  let heard = (_: string, __: number) => {};
  const close = await openStreams(server.url, scene, count, (word, at) => heard(word, at));
  await wait(SETTLE_MS);
  const open = await megabytesOf(server.child);
  for (let event = 0; event < EVENTS; event += 1) {
    const word = randomUUID().replaceAll('-', '');
    const all = Promise.withResolvers<void>();
    let missing = count;
    let started = Number.POSITIVE_INFINITY;
    heard = (told, at) => {
      if (told !== word) return;
      times.push(Math.max(0, at - started));
      missing -= 1;
      if (missing === 0) all.resolve();
    };
    started = performance.now();
    await client.query(
      "insert into codered.events (project_id, event_type, payload) values ($1, 'note.bench', jsonb_build_object('word', $2::text))",
      [scene.project, word],
    );
    await all.promise;
    last.push(performance.now() - started);
    await wait(50 + Math.random() * 200);
  }
  const told = await megabytesOf(server.child);
  close();
  await wait(SETTLE_MS);
  return { megabytes: [open, told], times, last };
}

function print(none: number, measured: ReadonlyMap<number, Measured>): void {
  console.log(
    `\nstreams of a project's events, ${OF_ONE} a person, asked every 250 ms; load ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log(
    `  memory above that of none, which is ${none.toFixed(0)} MB; target ${TARGET_MEGABYTES} MB for ${STREAMS}:`,
  );
  const ms = (times: readonly number[]) =>
    [0.5, 0.95].map((share) => `${percentile(times, share).toFixed(0)}`.padStart(5)).join(' ');
  console.log('  streams   open   after events   ms to a stream: p50 p95   ms to the last: p50 p95');
  for (const [count, { megabytes, times, last }] of measured) {
    const [open = 0, told = 0] = megabytes.map((is) => is - none);
    const missed = open > TARGET_MEGABYTES ? '  misses' : '';
    const cells = [`${count}`.padStart(9), `${open.toFixed(0)} MB`.padStart(7), `${told.toFixed(0)} MB`.padStart(14)];
    console.log(`${cells.join('')}          ${ms(times)}              ${ms(last)}${missed}`);
  }
}

/** Prints the measurements; nothing fails, because a shared machine is slow for reasons of its own. */
export async function run(): Promise<void> {
  const postgres = await startDurablePostgres();
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await migrateBrain({ kind: 'postgres', url: postgres.url }, { log: { info: () => {}, warn: () => {} } });
    await client.connect();
    const scene = await setScene(client);
    const child = fork(fileURLToPath(new URL('api-server.ts', import.meta.url)), {
      execArgv: ['--expose-gc'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', BENCH_URL: postgres.url },
    });
    const [message] = await once(child, 'message');
    const server = { url: z.object({ url: z.string() }).parse(message).url, child };
    // What the first streams load and compile is no cost of a thousand.
    await measure(client, server, scene, OF_ONE);
    const none = await megabytesOf(child);
    const measured = new Map<number, Measured>();
    for (const count of [1, STREAMS]) measured.set(count, await measure(client, server, scene, count));
    print(none, measured);
    child.disconnect();
    await once(child, 'exit');
  } finally {
    await client.end();
    await postgres.stop();
  }
}
