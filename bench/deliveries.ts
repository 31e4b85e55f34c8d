// Measures how many deliveries a second are accepted, beside a plain Probot app that does nothing with them and one that
// inserts each as a row, all in one run. bench/run.ts calls it.
import { type ChildProcess, fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { migrateBrain } from '../src/brain/client.ts';
import { WEBHOOK_PATH } from '../src/inbox/receive.ts';
import { examplesOf } from '../test/support/example-payload.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { applyLoad, type LoadResult } from './load.ts';
import { processorSeconds } from './processes.ts';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 3;
const SECONDS = 8;
const secret = randomBytes(20).toString('hex');
const contenderFile = fileURLToPath(new URL('contender.ts', import.meta.url));
const silent = { info: () => {}, warn: () => {} };

interface Contender {
  readonly title: string;
  readonly name: 'nothing' | 'inserting' | 'receiver' | 'whole';
  readonly env: Readonly<Record<string, string>>;
}

interface Measured {
  readonly title: string;
  readonly full: LoadResult;
  readonly half: LoadResult;
  /** Microseconds of processor time for each delivery that was taken under full load, by the contender and by the Postgres server. */
  readonly processor: { readonly app: number; readonly postgres: number };
}

/** GitHub's own example of a finished workflow run, 17 KB. */
function workflowRunBody(): Buffer {
  return Buffer.from(JSON.stringify(examplesOf('workflow_run')[0]?.payload));
}

async function start({ name, env }: Contender): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(contenderFile, [name], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', WEBHOOK_SECRET: secret, ...env },
  });
  const [message] = await once(child, 'message');
  return { child, url: z.object({ url: z.string() }).parse(message).url };
}

async function measure(
  contender: Contender,
  { body, postgresPid }: { body: Buffer; postgresPid: number },
): Promise<Measured> {
  const { child, url } = await start(contender);
  try {
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'workflow_run',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    };
    const load = { url, path: WEBHOOK_PATH, headers, body, connections: CONNECTIONS };
    await applyLoad({ ...load, seconds: WARM_UP_SECONDS, rate: null });
    const used = () => [child.pid ?? 0, postgresPid].map(processorSeconds);
    const before = used();
    const full = await applyLoad({ ...load, seconds: SECONDS, rate: null });
    const [app = 0, postgres = 0] = used().map((seconds, at) => (1e6 * (seconds - (before[at] ?? 0))) / full.accepted);
    const half = await applyLoad({ ...load, seconds: SECONDS, rate: full.perSecond / 2 });
    return { title: contender.title, full, half, processor: { app, postgres } };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function contenders(databaseUrl: string, dataDirectory: string): Contender[] {
  const postgres = { DATABASE_URL: databaseUrl };
  return [
    { title: 'Probot, does nothing', name: 'nothing', env: {} },
    { title: 'Probot, inserts the row', name: 'inserting', env: postgres },
    { title: 'CodeRed on Postgres, receiver', name: 'receiver', env: postgres },
    {
      title: 'CodeRed embedded, receiver',
      name: 'receiver',
      env: { CODERED_DATA_DIR: join(dataDirectory, 'receiver') },
    },
    { title: 'CodeRed on Postgres, working', name: 'whole', env: postgres },
    { title: 'CodeRed embedded, working', name: 'whole', env: { CODERED_DATA_DIR: join(dataDirectory, 'whole') } },
  ];
}

function print(measured: readonly Measured[], body: Buffer): void {
  const [nothing, inserting] = measured.map(({ full }) => full.perSecond);
  const kilobytes = (body.length / 1000).toFixed(0);
  console.log(`deliveries, ${kilobytes} KB workflow_run, ${CONNECTIONS} connections, accepted durably:`);
  for (const { title, full, half, processor } of measured) {
    const speed = `${full.perSecond.toFixed(0)}/s`.padStart(8);
    const ratios = `${ratio(full.perSecond, nothing)} of nothing, ${ratio(full.perSecond, inserting)} of inserting`;
    const latency = `p99 at half load ${half.p99Ms.toFixed(1)} ms`;
    const used = `processor ${processor.app.toFixed(0)} + ${processor.postgres.toFixed(0)} µs`;
    console.log(`  ${title.padEnd(28)} ${speed}  ${ratios}  ${latency}  ${used}${refusals(full)}${refusals(half)}`);
  }
  console.log('  processor: of the contender and of the Postgres server, for each delivery under full load');
  console.log('  receiver: takes deliveries only; working: normalises and records them in the same process meanwhile');
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined ? '–' : (value / base).toFixed(2);
}

function refusals({ refused }: LoadResult): string {
  const counts = Object.entries(refused).map(([status, count]) => `${count} × ${status}`);
  return counts.length === 0 ? '' : `  REFUSED ${counts.join(', ')}`;
}

/** Prints the measurements; nothing is judged, because a shared machine is slow for reasons of its own. */
export async function run(): Promise<void> {
  const body = workflowRunBody();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'codered-bench-'));
  const postgres = await startDurablePostgres();
  try {
    await migrateBrain({ kind: 'postgres', url: postgres.url }, { log: silent });
    const measured: Measured[] = [];
    for (const contender of contenders(postgres.url, dataDirectory)) {
      measured.push(await measure(contender, { body, postgresPid: postgres.pid }));
    }
    print(measured, body);
  } finally {
    await postgres.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

if (import.meta.main) await run();
