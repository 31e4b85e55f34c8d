// Makes the Octokit that speaks for one installation, without Probot's own repeating and sleeping.
import { type Probot, ProbotOctokit } from 'probot';
import { asking, rateLimitOf } from './github-error.ts';
import { APP_ITSELF, type Pauses } from './pauses.ts';
import { heedAnswers, type Purpose } from './request-budget.ts';

type OctokitOptions = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>;

const ANSWER_LIMIT_MS = 30_000;

/**
 * Returns an Octokit that speaks for one installation. Each request is sent once, and answered or failed within 30 seconds.
 * Probot's own Octokit repeats a POST whose answer was lost, which makes a second comment, and sleeps inside a request until a
 * rate limit ends, which holds up a worker for an hour. Here the caller decides, by `Transient` and its `retryAfterMs`. While
 * `pauses` has a pause of the installation, or keeps what is left of the hour for what goes before `purpose`, nothing is sent. Probot
 * caches the tokens. Throws what `githubError` returns.
 */
export async function installationOctokit(
  probot: Pick<Probot, 'auth'>,
  installationId: number,
  pauses: Pauses,
  purpose: Purpose = 'gate',
): Promise<ProbotOctokit> {
  return asking(`sign in to installation ${installationId}`, async () => {
    const octokit = await sendingOnce(probot, installationId);
    return keepingSilent(octokit, { installationId, pauses, purpose });
  });
}

/**
 * Returns an Octokit like that of an installation that speaks for the App itself; what it asks fails as soon as `stop` is aborted.
 * Throws what `githubError` returns.
 */
export async function appOctokit(
  probot: Pick<Probot, 'auth'>,
  pauses: Pauses,
  { purpose, stop }: { readonly purpose: Purpose; readonly stop: AbortSignal },
): Promise<ProbotOctokit> {
  const octokit = await asking('sign in as the App', () => sendingOnce(probot, null));
  octokit.hook.before('request', ({ request }) => {
    if (request !== undefined) request.signal = stop;
  });
  return keepingSilent(octokit, { installationId: APP_ITSELF, pauses, purpose });
}

interface KeptBudget {
  readonly installationId: number;
  readonly pauses: Pauses;
  readonly purpose: Purpose;
}

/** A rate limit that one request meets holds for all that follow: each further request would make it longer. */
function keepingSilent(octokit: ProbotOctokit, { installationId, pauses, purpose }: KeptBudget): ProbotOctokit {
  octokit.hook.before('request', () => pauses.check(installationId, purpose));
  heedAnswers(octokit, (left) => pauses.heed(installationId, left));
  octokit.hook.error('request', async (error) => {
    const pauseMs = rateLimitOf(error);
    if (pauseMs !== null) await pauses.begin(installationId, pauseMs);
    throw error;
  });
  return octokit;
}

/** An Octokit that speaks for an installation, for this purpose; left out: what a verdict waits for. */
export type OctokitFor = (installationId: number, purpose?: Purpose) => Promise<ProbotOctokit>;

/**
 * Returns a function like `installationOctokit` that calls `check` first: it throws for an installation that is not let in, before
 * GitHub is asked anything.
 */
export function admittedOctokit(
  probot: Pick<Probot, 'auth'>,
  { check }: { readonly check: (installationId: number) => Promise<void> },
  pauses: Pauses,
): OctokitFor {
  return async (installationId, purpose = 'gate') => {
    await check(installationId);
    return installationOctokit(probot, installationId, pauses, purpose);
  };
}

/** For an installation, or for the App itself (null). */
async function sendingOnce(probot: Pick<Probot, 'auth'>, installationId: number | null): Promise<ProbotOctokit> {
  const app = await probot.auth();
  // `factory` is how an Octokit of its own options shares the App's key and token cache:
  // https://github.com/octokit/auth-app.js#authinstallation-options
  const made: ProbotOctokit[] = [];
  const factory = ({ octokitOptions }: { octokitOptions: OctokitOptions }) =>
    made.push(makeSendingOnce(octokitOptions, installationId === null ? {} : { installationId }));
  await app.auth({ type: 'installation', installationId: installationId ?? NO_INSTALLATION, factory });
  const [octokit] = made;
  if (octokit !== undefined) return octokit;
  throw new Error("Probot's authentication strategy did not call `factory`");
}

/** Is asked for, though `factory` alone uses it. */
const NO_INSTALLATION = 1;

function makeSendingOnce(options: OctokitOptions, ofInstallation: { installationId?: number }): ProbotOctokit {
  const given: typeof fetch | undefined = options.request?.fetch;
  return new ProbotOctokit({
    ...options,
    retry: { enabled: false },
    throttle: { enabled: false },
    auth: { ...options.auth, ...ofInstallation },
    request: {
      ...options.request,
      fetch: (url: string, init: RequestInit) => (given ?? fetch)(url, { ...init, signal: answerSignal(init.signal) }),
    },
  });
}

/** Aborted when the answer does not come in time, and when `stop` is. */
function answerSignal(stop: AbortSignal | null | undefined): AbortSignal {
  const late = AbortSignal.timeout(ANSWER_LIMIT_MS);
  return stop ? AbortSignal.any([stop, late]) : late;
}
