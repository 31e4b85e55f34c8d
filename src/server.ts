// CodeRed as a running thing: brain, door, workers and HTTP put together. commands/, demo/ and tests start it; whatever it
// opens, `close` lets go of in the opposite order.
import type { Logger } from 'pino';
import { createNodeMiddleware, Probot } from 'probot';
import { makeApp, makeSave } from './app.ts';
import { type Admission, makeAdmission } from './brain/admission.ts';
import { type Brain, migrateBrain, openBrain } from './brain/client.ts';
import { makeQuotas, type Quotas } from './brain/quotas.ts';
import { type Config, LIMITS } from './config.ts';
import { startDailyRetention } from './daily-retention.ts';
import { admittedOctokit } from './github/installation.ts';
import { makeReceive, WEBHOOK_PATH } from './inbox/receive.ts';
import { readInboxStatus } from './inbox/status.ts';
import { openStore } from './inbox/store.ts';
import { makePipeline } from './pipeline.ts';
import { readStarterIgnores } from './starter-ignores.ts';
import { makeApi, type Route } from './web/api.ts';
import { makeEvidenceUpload } from './web/evidence-upload.ts';
import { makeGateSimulation } from './web/gate-simulation.ts';
import { makeHealth } from './web/health.ts';
import { openIssuerKeys } from './web/issuer-keys.ts';
import { type Handler, listen } from './web/listen.ts';
import { makeMetrics } from './web/metrics.ts';
import { issuerOf } from './web/oidc-token.ts';
import { makeSchema } from './web/schema.ts';
import { makeSpecIntake } from './web/spec-intake.ts';
import { makeSpecMail } from './web/spec-mail.ts';
import { startWorkers, workerName } from './workers.ts';

export interface CodeRed {
  /** `http://host:port` without a slash at the end. */
  readonly url: string;
  /** Resolves once nothing is queued, running or due; throws Transient when that takes longer than `withinMs`. */
  readonly idle: (withinMs: number) => Promise<void>;
  /** Finishes what is under way and lets go of everything. Twice is fine. */
  readonly close: () => Promise<void>;
}

export interface StartOptions {
  readonly log: Logger;
  /** Used instead of the one that the settings name, and left open; for tests that look into it. */
  readonly brain?: Brain;
  readonly pollMs?: number;
  /** For every lease instead of those of config.ts; short ones let a test see what a killed process leaves behind. */
  readonly leaseSeconds?: number;
  /** Instead of the second that GitHub asks for between two writes; for a stand-in that does not. */
  readonly writeSpacingMs?: number;
  /** Whose tokens uploads of evidence are let in by, instead of GitHub's own. */
  readonly tokenIssuer?: string;
}

/** Starts to receive and to work. Throws Misconfigured when the settings can't work, having let go of what was opened. */
export async function startCodeRed(config: Config, options: StartOptions): Promise<CodeRed> {
  const releases = new AsyncDisposableStack();
  try {
    return await start(config, options, releases);
  } catch (error) {
    await releases.disposeAsync();
    throw error;
  }
}

async function start(config: Config, options: StartOptions, releases: AsyncDisposableStack): Promise<CodeRed> {
  const { log } = options;
  const { appId, webhookSecrets: secrets } = config;
  const brain = options.brain ?? (await openMigratedBrain(config, log, releases));
  const probot = new Probot({
    appId,
    privateKey: config.privateKey,
    secret: secrets[0],
    baseUrl: config.githubApiUrl,
    log,
  });
  const status = () => readInboxStatus(brain, LIMITS.statusMs);
  const metrics = makeMetrics(status);
  const store = openStore(brain);

  const pollMs = options.pollMs ?? LIMITS.pollMs[brain.home];
  const leaseSeconds = leases(options.leaseSeconds);
  const writeSpacingMs = options.writeSpacingMs ?? LIMITS.writeSpacingMs;
  const ignores = await readStarterIgnores();
  const admission = makeAdmission(brain, config.allowedAccounts, log);
  const quotas = makeQuotas({ brain, log, observe: metrics.quota });
  const pipeline = makePipeline({ brain, probot, config, admission, quotas, ignores, log, writeSpacingMs });
  const rhythm = { pollMs, leaseSeconds, writeSpacingMs };
  const workers = startWorkers({ brain, pipeline, worker: workerName(), metrics, ...rhythm, log });
  releases.defer(workers.stop);
  const retention = await startDailyRetention({ brain, log });
  releases.defer(retention.stop);

  const receive = makeReceive({ appId, secrets, store, log, observe: metrics.received, onStored: workers.poke });
  const codeRedApp = makeApp({ receive, save: makeSave({ appId, store }) });
  const probotMiddleware = await createNodeMiddleware(codeRedApp, { probot });
  const webhooks: Handler = async (request, response) => Boolean(await probotMiddleware(request, response));
  const api = makeApi(apiRoutes(config, { ...options, brain, probot, admission, quotas }), log);
  const http = await listen(config, {
    handlers: [webhooks, makeHealth({ status, metrics, log }), makeSchema(), api],
    onError: (err) => log.error({ err }, 'a request could not be answered'),
  });
  releases.defer(() => http.close(LIMITS.stopMs));
  log.info({ url: http.url, webhooks: `${http.url}${WEBHOOK_PATH}`, brain: brain.home }, 'CodeRed is listening');
  return { url: http.url, idle: workers.idle, close: () => releases.disposeAsync() };
}

interface ApiParts {
  readonly brain: Brain;
  readonly probot: Probot;
  readonly admission: Admission;
  readonly quotas: Quotas;
}

/** By path behind /api/v1/. */
function apiRoutes(
  { githubApiUrl, apiKeys: keys, mail }: Config,
  { brain, probot, admission, quotas, tokenIssuer, log }: StartOptions & ApiParts,
): Record<string, Route> {
  const issuer = tokenIssuer ?? issuerOf(githubApiUrl);
  const octokitFor = admittedOctokit(probot, admission);
  return {
    evidence: makeEvidenceUpload({
      brain,
      admission,
      quotas,
      verifier: { issuer, keyOf: openIssuerKeys(issuer) },
      log,
    }),
    specs: makeSpecIntake({ brain, admission, keys, log }),
    'specs/email': makeSpecMail({ brain, admission, settings: mail, log }),
    'gate/simulate': makeGateSimulation({ brain, octokitFor, keys, log }),
  };
}

async function openMigratedBrain(config: Config, log: Logger, releases: AsyncDisposableStack): Promise<Brain> {
  // The embedded brain migrates itself; on Supabase only its owner can.
  if (config.brain.kind === 'postgres') await migrateBrain(config.brain, { log });
  const brain = await openBrain(config.brain, { log });
  releases.defer(() => brain.close());
  return brain;
}

function leases(seconds: number | undefined) {
  return {
    delivery: seconds ?? LIMITS.deliveryLeaseSeconds,
    job: seconds ?? LIMITS.jobLeaseSeconds,
    publication: seconds ?? LIMITS.publicationLeaseSeconds,
  };
}
