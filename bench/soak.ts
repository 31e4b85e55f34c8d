// Measures how much memory CodeRed holds on an embedded database while whole lives of repositories go through it: pull requests, failing
// and passing runs, deployments, with GitHub's stand-in in another process. `--count` deliveries, 15,000 unless given. bench/run.ts calls it.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBrain } from '../src/brain/client.ts';
import { type GithubStandIn, startGithubStandIn } from '../src/demo/github/github-stand-in.ts';
import { type Life, tellLife } from '../src/demo/story/life.ts';
import type { JobOutline, Moment } from '../src/demo/story/life-outline.ts';
import { APP } from '../src/demo/story/play-story.ts';
import { readInboxStatus } from '../src/queue/status.ts';
import { startServing } from '../test/support/served-process.ts';
import { residentMegabytes } from './processes.ts';

const COUNT = '15000';
const TARGET_MB = 450;
const AT_ONCE = 4;
/** More than that waits for the work, as it would at GitHub's own pace. */
const MOST_WAITING = 500;
const LOOK_MS = 1_000;
const LOG = Array.from({ length: 500 }, (_, line) => `2026-11-20T13:02:10.1000000Z line ${line} of the build`);

const failing = (name: string): JobOutline => ({
  name,
  conclusion: 'failure',
  steps: ['npm ci'],
  log: { kept: [...LOG, '2026-11-20T13:02:12.4000000Z npm error code ERESOLVE'].join('\n') },
});
const passing = (name: string): JobOutline => ({ name, conclusion: 'success', steps: ['npm ci', 'npm test'] });

/** One life: some forty deliveries. */
const MOMENTS: Moment[] = [
  { kind: 'install' },
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
  { kind: 'run', on: 1, jobs: [failing('test (20)'), failing('test (22)'), passing('lint')] },
  { kind: 'rerun', on: 1, jobs: [passing('test (20)'), failing('test (22)')] },
  { kind: 'commit', pull: 1, message: 'Align the versions' },
  { kind: 'run', on: 1, jobs: [passing('test (20)'), passing('test (22)'), passing('lint')] },
  { kind: 'status', on: 1, context: 'ci/elsewhere', state: 'success', description: 'Built' },
  { kind: 'merge', pull: 1 },
  { kind: 'deploy', environment: 'production', job: failing('deploy') },
];

const lifeOf = (sibling: number): Life =>
  tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, sibling, moments: MOMENTS });

interface Soaked {
  /** Of both processes together, and of the serving one alone. */
  readonly peak: number;
  readonly peakServing: number;
  readonly last: number;
  readonly sent: number;
}

/** Sends lives until so many deliveries were taken, a few lives at once, and looks at the memory until all is done. */
async function soak(count: number, directory: string): Promise<Soaked> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secret = randomBytes(24).toString('hex');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const github = await startGithubStandIn({ appId: APP.id, publicKeyPem, appSlug: APP.slug });
  const served = await startServing('unpaced', {
    APP_ID: String(APP.id),
    PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    WEBHOOK_SECRET: secret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: 'http',
    CODERED_DATA_DIR: directory,
  });
  try {
    github.webhook.target = { url: served.webhooks, secret };
    return await sendAndLook(count, { github, pid: served.pid, waiting: await countWaiting(directory) });
  } finally {
    await served.kill();
    await github.close();
  }
}

/** Asks the serving process, which has the database. */
async function countWaiting(directory: string): Promise<() => Promise<number>> {
  const log = { info: () => {}, warn: () => {} };
  const brain = await openBrain({ kind: 'embedded', directory }, { log, mayShare: true });
  return async () => {
    const { dead: _, oldest_pending_seconds: __, ...lengths } = await readInboxStatus(brain, 60_000);
    return Object.values(lengths).reduce((sum, rows) => sum + rows, 0);
  };
}

interface Soaking {
  readonly github: GithubStandIn;
  readonly pid: number;
  readonly waiting: () => Promise<number>;
}

async function sendAndLook(count: number, { github, pid, waiting }: Soaking): Promise<Soaked> {
  const seen = { peak: 0, peakServing: 0, last: 0 };
  const look = () => {
    const [serving = 0, ...others] = residentMegabytes(pid);
    seen.last = others.reduce((sum, one) => sum + one, serving);
    seen.peak = Math.max(seen.peak, seen.last);
    seen.peakServing = Math.max(seen.peakServing, serving);
  };
  const looking = setInterval(look, LOOK_MS);
  const sent = { lives: 0, deliveries: 0 };
  const lane = async (): Promise<void> => {
    while (sent.deliveries < count) {
      while ((await waiting()) > MOST_WAITING) await wait(LOOK_MS);
      const life = lifeOf(sent.lives++);
      sent.deliveries += life.deliveries.length;
      await sendLife(life, github);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    while ((await waiting()) > 0) await wait(LOOK_MS);
    look();
  } finally {
    clearInterval(looking);
  }
  return { ...seen, sent: sent.deliveries };
}

async function sendLife(life: Life, github: GithubStandIn): Promise<void> {
  life.prepare(github.state);
  for (const { event, payload, guid, effect } of life.deliveries) {
    effect(github.state);
    const response = await github.deliver(event, payload, { guid });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${event} ${guid} was answered ${response.status}`);
  }
}

/** Prints the peak, and what is held at the end. */
export async function run(): Promise<void> {
  const { values } = parseArgs({ strict: false, options: { count: { type: 'string', default: COUNT } } });
  const count = Number(values.count);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error('--count takes how many deliveries are sent');
  const directory = await mkdtemp(join(tmpdir(), 'codered-bench-soak-'));
  try {
    const { peak, peakServing, last, sent } = await soak(count, directory);
    const [all, serving, end] = [peak, peakServing, last].map((megabytes) => megabytes.toFixed(0));
    console.log(
      `\nMemory (RSS) of the embedded home while ${sent} deliveries of whole lives go through (target ${TARGET_MB} MB)`,
    );
    console.log(`  peak ${all} MB, of the serving process alone ${serving} MB; at the end ${end} MB`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) await run();
