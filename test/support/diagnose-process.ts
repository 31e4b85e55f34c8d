// Does all follow-ups that are due, in a process of its own, and prints how its memory grew. A process of its own: only
// test/diagnose/diagnose.test.ts starts it, with the database, the stand-in for GitHub and the App's key in its environment.

import { pino } from 'pino';
import { Probot } from 'probot';
import { openBrain } from '../../src/brain/client.ts';
import { makePipeline } from '../../src/pipeline.ts';
import { readStarterIgnores } from '../../src/server/starter-ignores.ts';

const WORKER = 'measured';
const MEGABYTE = 1_000_000;
const { DATABASE_URL = '', GITHUB_URL = '', APP_ID = '', PRIVATE_KEY = '' } = process.env;

const log = pino({ level: 'silent' });
const brain = await openBrain({ kind: 'postgres', url: DATABASE_URL }, { log });
const probot = new Probot({
  appId: APP_ID,
  privateKey: PRIVATE_KEY,
  secret: 'a secret of the tests',
  baseUrl: GITHUB_URL,
  log,
});
const ignores = await readStarterIgnores();
const pipeline = makePipeline({ brain, probot, config: { appId: Number(APP_ID) }, ignores, log });

// Sampled, because the system's own peak counts the memory of whoever started this process.
let peakMegabytes = 0;
const sample = () => {
  peakMegabytes = Math.max(peakMegabytes, process.memoryUsage.rss() / MEGABYTE);
};

// The first log is a small one: patterns are compiled and modules loaded before anything is measured.
let beforeMegabytes: number | null = null;
const sampling = setInterval(sample, 5);
for (;;) {
  const [job] = await brain.call('claim_follow_ups', { worker: WORKER, batch: 1, lease_seconds: 300 });
  if (job === undefined) break;
  await brain.call('complete_job', { id: job.id, worker: WORKER, result: await pipeline.work(job) });
  sample();
  if (job.kind === 'diagnose') beforeMegabytes ??= peakMegabytes;
}
clearInterval(sampling);
await brain.close();
process.stdout.write(JSON.stringify({ beforeMegabytes, peakMegabytes }));
