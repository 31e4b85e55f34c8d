// Makes the Octokit that speaks for one installation, without Probot's own repeating and sleeping.
import { type Probot, ProbotOctokit } from 'probot';
import { asking, rateLimitOf } from './github-error.ts';
import type { Pauses } from './pauses.ts';

type OctokitOptions = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>;

const ANSWER_LIMIT_MS = 30_000;

/**
 * Returns an Octokit that speaks for one installation. Each request is sent once, and answered or failed within 30 seconds.
 * Probot's own Octokit repeats a POST whose answer was lost, which makes a second comment, and sleeps inside a request until a
 * rate limit ends, which holds up a worker for an hour. Here the caller decides, by `Transient` and its `retryAfterMs`. While
 * `pauses` has a pause of the installation nothing is sent. Probot caches the tokens. Throws what `githubError` returns.
 */
export async function installationOctokit(
  probot: Pick<Probot, 'auth'>,
  installationId: number,
  pauses: Pauses,
): Promise<ProbotOctokit> {
  return asking(`sign in to installation ${installationId}`, async () => {
    const app = await probot.auth();
    // `factory` is how an Octokit of its own options shares the App's key and token cache:
    // https://github.com/octokit/auth-app.js#authinstallation-options
    const made: ProbotOctokit[] = [];
    const factory = (given: { octokitOptions: OctokitOptions }) =>
      made.push(sendingOnce(given.octokitOptions, installationId));
    await app.auth({ type: 'installation', installationId, factory });
    const [octokit] = made;
    if (octokit !== undefined) return keepingSilent(octokit, installationId, pauses);
    throw new Error("Probot's authentication strategy did not call `factory`");
  });
}

/** A rate limit that one request meets holds for all that follow: each further request would make it longer. */
function keepingSilent(octokit: ProbotOctokit, installationId: number, pauses: Pauses): ProbotOctokit {
  octokit.hook.before('request', () => pauses.check(installationId));
  octokit.hook.error('request', async (error) => {
    const pauseMs = rateLimitOf(error);
    if (pauseMs !== null) await pauses.begin(installationId, pauseMs);
    throw error;
  });
  return octokit;
}

/**
 * Returns a function like `installationOctokit` that calls `check` first: it throws for an installation that is not let in, before
 * GitHub is asked anything.
 */
export function admittedOctokit(
  probot: Pick<Probot, 'auth'>,
  { check }: { readonly check: (installationId: number) => Promise<void> },
  pauses: Pauses,
): (installationId: number) => Promise<ProbotOctokit> {
  return async (installationId) => {
    await check(installationId);
    return installationOctokit(probot, installationId, pauses);
  };
}

function sendingOnce(options: OctokitOptions, installationId: number): ProbotOctokit {
  const given: typeof fetch | undefined = options.request?.fetch;
  return new ProbotOctokit({
    ...options,
    retry: { enabled: false },
    throttle: { enabled: false },
    auth: { ...options.auth, installationId },
    request: {
      ...options.request,
      fetch: (url: string, init: RequestInit) =>
        (given ?? fetch)(url, { ...init, signal: init.signal ?? AbortSignal.timeout(ANSWER_LIMIT_MS) }),
    },
  });
}
