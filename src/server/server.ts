// CodeRed as a running thing: brain, receiver, workers and HTTP put together. Whatever it opens, `close` lets go of in the opposite order.
import type { Logger } from 'pino';
import { Probot } from 'probot';
import { type Admission, makeAdmission } from '../brain/admission.ts';
import { type Brain, migrateBrain, openBrain } from '../brain/client.ts';
import { makeQuotas, type Quotas } from '../brain/quotas.ts';
import { LIMITS } from '../config/limits.ts';
import { RECEIVER_LIMITS } from '../config/receiver-settings.ts';
import type { Config } from '../config/settings.ts';
import { admittedOctokit } from '../github/installation.ts';
import type { Pauses } from '../github/pauses.ts';
import { makeApi, type Route } from '../http/api.ts';
import { type AddressOf, makeAddressOf, nobodysAddress } from '../http/client-address.ts';
import { startHookAddresses } from '../http/hook-addresses.ts';
import { openIssuerKeys } from '../http/issuer-keys.ts';
import { checkAddress, listen } from '../http/listen.ts';
import { issuerOf } from '../http/oidc-token.ts';
import { recentAnswer } from '../http/recent-answer.ts';
import { makeReference } from '../http/reference/reference.ts';
import { makeOpenapiPage, type OauthPlaces } from '../http/rest/openapi.ts';
import { makeEvidenceUpload } from '../http/routes/evidence.ts';
import { makeGateSimulation } from '../http/routes/gate-simulation.ts';
import { makeHealth, makeMetricsPage } from '../http/routes/health.ts';
import { type Metrics, makeMetrics } from '../http/routes/metrics.ts';
import { makeSchema } from '../http/routes/policy-schema.ts';
import { makeSpecMail } from '../http/routes/spec-mail.ts';
import { makeSpecIntake } from '../http/routes/specs.ts';
import { serveRoutes } from '../http/routing.ts';
import { makeReceive, WEBHOOK_PATH } from '../inbox/receive.ts';
import { openStore } from '../inbox/store.ts';
import { OAUTH_PATHS } from '../oauth/provider.ts';
import { sharedPauses } from '../pipeline.ts';
import { readGithubStatus } from '../queue/lost-status.ts';
import { readInboxStatus, readQueueStatus } from '../queue/status.ts';
import { startChores } from './chores.ts';
import type { DeliveryRecoveryDeps } from './delivery-recovery.ts';
import { startLapsedWork } from './lapsed-work.ts';
import { startPersonDoors } from './person-doors.ts';
import { readStarterIgnores } from './starter-ignores.ts';
import { type IsolatedPipeline, startIsolatedPipeline } from './work-process/isolated-pipeline.ts';
import { makeWorkPipeline } from './work-process/work-pipeline.ts';
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
  /** Instead of the second that GitHub asks for between two writes; for a stand-in that does not. */
  readonly writeSpacingMs?: number;
  /** Whose tokens uploads of evidence are let in by, instead of GitHub's own. */
  readonly tokenIssuer?: string;
  /** When lost deliveries are looked for, instead of LIMITS; null: never. */
  readonly recovery?: DeliveryRecoveryDeps['rhythm'] | null;
  /** Does the work in this process, which is started sooner than one more and held up by work that never ends; for tests. */
  readonly workHere?: boolean;
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
  // A second CodeRed with the first one's settings does not touch its database.
  await checkAddress(config);
  if (config.metricsAddress !== null) await checkAddress(config.metricsAddress, 'METRICS_PORT');
  const brain = options.brain ?? (await openMigratedBrain(config, log, releases));
  const { privateKey, githubApiUrl: baseUrl } = config;
  const probot = new Probot({ appId, privateKey, secret: secrets[0], baseUrl, log });
  const { status, people, metrics } = measure(brain);
  const store = openStore(brain);

  const pollMs = options.pollMs ?? LIMITS.pollMs[brain.backend];
  const writeSpacingMs = options.writeSpacingMs ?? LIMITS.writeSpacingMs;
  // No other process has the embedded database: whoever holds a lease is gone.
  if (brain.backend === 'embedded') await brain.call('release_leases', {});
  const pipeline = await startPipeline(config, { ...options, brain, metrics, writeSpacingMs });
  releases.defer(pipeline.close);
  const rhythm = { pollMs, leaseSeconds: LIMITS.leaseSeconds, writeSpacingMs };
  const isPressed = () => store.isPressed();
  const workers = startWorkers({ brain, pipeline, worker: workerName(), metrics, ...rhythm, isPressed, log });
  releases.defer(workers.stop);
  const pauses = sharedPauses(brain);
  await startChores({ ...options, brain, appId, probot, pauses, writeSpacingMs, releases });
  releases.defer(startLapsedWork({ brain, log }).stop);

  const addressOf = startAddressOf(config, log, releases);
  const receiver = { appId, secrets, store, log, addressOf };
  const receive = makeReceive({ ...receiver, observe: metrics.received, onStored: workers.wake });
  const admission = makeAdmission(brain, config.allowedAccounts, log);
  const quotas = makeQuotas({ brain, log, observe: metrics.quota });
  const routes = apiRoutes(config, { ...options, brain, probot, pauses, admission, quotas, addressOf });
  const doors = startPersonDoors(config, {
    ...{ brain, probot, admission, log, addressOf, releases, pollMs },
    observe: metrics.oauth,
  });
  const api = [makeOpenapiPage(oauthOf(config)), makeReference(), makeApi(routes, log, doors.operations)];
  const onError = (err: unknown) => log.error({ err }, 'a request could not be answered');
  const health = await startMetrics(config, { metrics, log, onError, releases });
  const resources = [makeHealth({ status, people, log, ...health }), makeSchema(), ...doors.routes, ...api];
  const handlers = [receive, serveRoutes({ resources, onError, webhookPath: WEBHOOK_PATH })];
  const http = await listen(config, { handlers, onError });
  releases.defer(() => http.close(LIMITS.stopMs));
  // First of all: closing the sockets waits for answers that are under way.
  releases.defer(doors.endStreams);
  log.info({ url: http.url, webhooks: `${http.url}${WEBHOOK_PATH}`, brain: brain.backend }, 'CodeRed is listening');
  return { url: http.url, idle: workers.idle, close: () => releases.disposeAsync() };
}

/** Where clients get tokens; null: there is no OAuth. */
function oauthOf({ signIn }: Config): OauthPlaces | null {
  if (signIn.state === 'off') return null;
  const { url } = signIn.settings;
  return { authorizationUrl: `${url}${OAUTH_PATHS.authorization}`, tokenUrl: `${url}${OAUTH_PATHS.token}` };
}

/** What the inbox and the rest of the database say, asked for once for all who ask at the same moment. */
function measure(brain: Brain) {
  const recent = <T>(read: (asked: Brain, withinMs: number) => Promise<T>) =>
    recentAnswer(() => read(brain, LIMITS.statusMs), RECEIVER_LIMITS.statusEveryMs);
  const status = recent(readInboxStatus);
  const people = recent((asked) => asked.checkPeople());
  return { status, people, metrics: makeMetrics(status, recent(readQueueStatus), recent(readGithubStatus)) };
}

async function startPipeline(
  {
    appId,
    privateKey,
    githubApiUrl,
    logLevel,
    untrustedCheckApps = [],
    agentsRepositories = [],
    waits,
    allowedAccounts,
  }: Config,
  options: StartOptions & { brain: Brain; metrics: Metrics; writeSpacingMs: number },
): Promise<IsolatedPipeline> {
  const { brain, metrics, writeSpacingMs, log } = options;
  const settings = {
    ...{ appId, privateKey, githubApiUrl, logLevel, writeSpacingMs },
    ignores: await readStarterIgnores(),
    ...{ untrustedCheckApps, agentsRepositories },
    ...(waits === undefined ? {} : { waits }),
    allowedAccounts,
    processorMs: LIMITS.workProcessorMs,
  };
  const deps = { settings, brain, log, observeQuota: metrics.quota };
  if (options.workHere) return { ...makeWorkPipeline(deps), close: async () => {} };
  return startIsolatedPipeline({ ...deps, observe: metrics.stopped });
}

/** What is left to serve beside everything else, once they are served apart where the settings say so. */
async function startMetrics(
  { metricsAddress, metricsTokens: tokens }: Config,
  deps: { metrics: Metrics; log: Logger; onError: (error: unknown) => void; releases: AsyncDisposableStack },
): Promise<{ metrics: Metrics | null; tokens: readonly string[] }> {
  const { metrics, log, onError, releases } = deps;
  if (metricsAddress === null) return { metrics, tokens };
  const handlers = [serveRoutes({ resources: [makeMetricsPage({ metrics, tokens })], onError })];
  const apart = await listen(metricsAddress, { handlers, onError, portSetting: 'METRICS_PORT' });
  releases.defer(() => apart.close(LIMITS.stopMs));
  log.info({ metrics: `${apart.url}/metrics` }, 'metrics are served apart');
  return { metrics: null, tokens };
}

/** Shares of sockets and memory are counted where it is known whom a request comes from. */
function startAddressOf(
  { trustedProxies, githubHooks: fixed, githubApiUrl }: Config,
  log: Logger,
  releases: AsyncDisposableStack,
): AddressOf {
  if (trustedProxies.length === 0) return nobodysAddress;
  const github = startHookAddresses({ githubApiUrl, fixed, log });
  releases.defer(github.stop);
  return makeAddressOf(trustedProxies, github.isAmong);
}

interface ApiDeps {
  readonly brain: Brain;
  readonly probot: Probot;
  readonly pauses: Pauses;
  readonly admission: Admission;
  readonly quotas: Quotas;
  readonly addressOf: AddressOf;
}

/** By path behind /api/v1/. */
function apiRoutes(
  { githubApiUrl, apiKeys: keys, mail, evidenceAudiences: audiences, untrustedCheckApps: untrustedApps }: Config,
  { brain, probot, pauses, admission, quotas, tokenIssuer, log, addressOf }: StartOptions & ApiDeps,
): Record<string, Route> {
  const issuer = tokenIssuer ?? issuerOf(githubApiUrl);
  const octokitFor = admittedOctokit(probot, admission, pauses);
  const verifier = { issuer, audiences, keyOf: openIssuerKeys(issuer) };
  return {
    evidence: makeEvidenceUpload({ brain, admission, quotas, verifier, log }),
    specs: makeSpecIntake({ brain, admission, keys, log }),
    'specs/email': makeSpecMail({ brain, admission, settings: mail, log, addressOf }),
    'gate/simulate': makeGateSimulation({ brain, octokitFor, untrustedApps, keys, log }),
  };
}

async function openMigratedBrain(config: Config, log: Logger, releases: AsyncDisposableStack): Promise<Brain> {
  // The embedded brain migrates itself; on Supabase only its owner can.
  if (config.brain.kind === 'postgres') await migrateBrain(config.brain, { log });
  const brain = await openBrain(config.brain, { log });
  releases.defer(() => brain.close());
  return brain;
}
