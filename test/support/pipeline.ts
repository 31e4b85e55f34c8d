// A pipeline over a test brain and the stand-in for GitHub, driven by hand: no loops, no timers, no HTTP.

import { generateKeyPairSync } from 'node:crypto';
import pino from 'pino';
import { Probot } from 'probot';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import type { Delivery } from '../../src/model/delivery.ts';
import { asError, Transient } from '../../src/model/errors.ts';
import { makePipeline, type Pipeline } from '../../src/pipeline.ts';
import { readStarterIgnores } from '../../src/server/starter-ignores.ts';
import type { TestBrain } from './brain.ts';

export const APP = { id: 123_456, slug: 'codered' };
const WORKER = 'test';

export interface Bench {
  readonly brain: TestBrain;
  readonly github: GithubStandIn;
  /** Of the App, PEM. */
  readonly privateKey: string;
  readonly pipeline: Pipeline;
  /** Stores and processes one delivery; a second time too, whatever the inbox thinks of it. */
  process(delivery: Omit<Delivery, 'app_id' | 'attempts' | 'claim'>): Promise<void>;
  /** Does all follow-ups that are due until none is left; `'all'`: those that wait for something as well. */
  drain(which: 'due' | 'all'): Promise<void>;
  /** Publishes all that is due. */
  publish(): Promise<void>;
  close(): Promise<void>;
}

/** Sets everything up; `close` closes the stand-in but not the brain. */
export async function openBench(
  brain: TestBrain,
  settings: { readonly untrustedCheckApps?: readonly string[] } = {},
): Promise<Bench> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const github = await startGithubStandIn({ appId: APP.id, publicKeyPem, appSlug: APP.slug });
  const log = pino({ level: 'silent' });
  const probot = new Probot({
    appId: APP.id,
    privateKey: pem,
    secret: 'a secret of the tests',
    baseUrl: github.url,
    log,
  });
  const ignores = await readStarterIgnores();
  const pipeline = makePipeline({ brain, probot, config: { appId: APP.id, ...settings }, ignores, log });
  return {
    brain,
    github,
    privateKey: pem,
    pipeline,
    async process({ guid, event, payload }) {
      const row = { app_id: APP.id, guid, event, action: null, installation_id: null, repository_id: null };
      await brain.call('receive_deliveries', { heads: [row], payloads: JSON.stringify(payload) });
      const [stored] = await brain.sql('select claim from codered.webhook_deliveries where guid = $1', [guid]);
      await pipeline.process({ app_id: APP.id, guid, event, payload, attempts: 1, claim: Number(stored?.claim) });
    },
    async drain(which) {
      for (;;) {
        if (which === 'all') await brain.sql("update codered.follow_ups set run_after = now() where status = 'queued'");
        const jobs = await brain.call('claim_follow_ups', { worker: WORKER, batch: 50, lease_seconds: 60 });
        const lost = await brain.call('claim_deliveries', { worker: WORKER, batch: 50, lease_seconds: 60 });
        if (jobs.length + lost.length === 0) return;
        for (const delivery of lost) await pipeline.process(delivery);
        for (const job of jobs) await doJob(brain, pipeline, job);
      }
    },
    async publish() {
      for (;;) {
        const spacing = { lease_seconds: 60, spacing_ms: 0 };
        const due = await brain.call('claim_publications', { worker: WORKER, batch: 10, ...spacing });
        if (due.length === 0) return;
        for (const claimed of due) await pipeline.publish(claimed, WORKER);
      }
    },
    close: () => github.close(),
  };
}

type Job = Parameters<Pipeline['work']>[0];

async function doJob(brain: TestBrain, pipeline: Pipeline, job: Job): Promise<void> {
  try {
    await brain.call('finish_follow_up', { id: job.id, claim: job.claim, result: await pipeline.work(job) });
  } catch (thrown) {
    const error = asError(thrown);
    if (!(error instanceof Transient)) throw error;
    await brain.call('postpone_follow_up', { id: job.id, claim: job.claim, error: error.message, delay_ms: 0 });
  }
}
