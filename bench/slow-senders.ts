// Measures what signed deliveries notice of strangers who hold the receiver: sockets that announce bodies of a megabyte, send most
// of it and then drip, and come back as soon as they are cut off. bench/run.ts calls it.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { examplesOf } from '../test/support/example-payload.ts';
import { startServing } from '../test/support/served-process.ts';
import { completeEnvironment } from '../test/support/settings.ts';

const SOCKETS = 127;
const ANNOUNCED = 1024 * 1024;
/** All of them together just fit into the memory for bodies. */
const SENT_AT_ONCE = 825_500;
const DROP = 'x'.repeat(4);
const SECONDS = 20;
const PER_SECOND = 20;
const secret = randomBytes(20).toString('hex');

/** GitHub's own example of a finished workflow run, 17 KB; every tenth is a large one, 700 KB. */
function bodyOf(index: number): string {
  const payload = examplesOf('workflow_run')[0]?.payload;
  return JSON.stringify({ ...payload, ...(index % 10 === 0 ? { filling: 'x'.repeat(700_000) } : {}) });
}

/** Keeps one socket open until `stop` aborts. */
function holdSocket(url: string, stop: AbortSignal): void {
  const { hostname, port, pathname } = new URL(url);
  const headers = {
    host: 'codered',
    'content-type': 'application/json',
    'content-length': String(ANNOUNCED),
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
  };
  const head = Object.entries(headers).map(([name, text]) => `${name}: ${text}\r\n`);
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head.join('')}\r\n${'x'.repeat(SENT_AT_ONCE)}`);
  const dripping = setInterval(() => socket.write(DROP), 1_000);
  const end = () => socket.destroy();
  stop.addEventListener('abort', end);
  socket.on('error', () => {});
  socket.resume();
  socket.once('close', () => {
    clearInterval(dripping);
    stop.removeEventListener('abort', end);
    if (!stop.aborted) setImmediate(() => holdSocket(url, stop));
  });
}

async function deliverOnce(url: string, index: number): Promise<{ status: number; ms: number }> {
  const body = bodyOf(index);
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'workflow_run',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  const startedMs = performance.now();
  const status = await fetch(url, { method: 'POST', headers, body }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
  return { status, ms: performance.now() - startedMs };
}

async function deliverAll(url: string): Promise<string> {
  const sent: Promise<{ status: number; ms: number }>[] = [];
  for (let index = 1; index <= SECONDS * PER_SECOND; index += 1) {
    sent.push(deliverOnce(url, index));
    await wait(1000 / PER_SECOND);
  }
  const all = await Promise.all(sent);
  const ms = all.map((one) => one.ms).toSorted((one, other) => one - other);
  const taken = all.filter(({ status }) => status === 202).length;
  const at = (share: number) => Math.round(ms[Math.floor((ms.length - 1) * share)] ?? Number.NaN);
  return `${taken} of ${all.length} taken, median ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${at(1)} ms`;
}

/** Prints the two lines: without strangers, and with them. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'codered-bench-senders-'));
  const env = { ...completeEnvironment, WEBHOOK_SECRET: secret, CODERED_DATA_DIR: join(folder, 'data') };
  const served = await startServing('command', { ...env, LOG_LEVEL: 'info' });
  const stop = new AbortController();
  try {
    console.log(`No other sockets: ${await deliverAll(served.webhooks)}`);
    for (let index = 0; index < SOCKETS; index += 1) holdSocket(served.webhooks, stop.signal);
    await wait(3_000);
    console.log(`${SOCKETS} sockets that drip: ${await deliverAll(served.webhooks)}`);
  } finally {
    stop.abort();
    await served.kill();
    await rm(folder, { recursive: true, force: true });
  }
}
