// Makes the Octokit that speaks for one installation, without Probot's own repeating and sleeping.
// The entries hand it to steps and publisher as `octokitFor`.
import { type Probot, ProbotOctokit } from 'probot';
import { asking, rateLimitOf } from './github-error.ts';
import type { Pauses } from './pauses.ts';

type OctokitOptions = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>;

const ANSWER_LIMIT_MS = 30_000;

/**
 * An Octokit whose every request is sent once and answered or failed within 30 seconds. Probot's own repeats a POST
 * whose answer was lost, which makes second comments, and sleeps inside a request until a rate limit ends, which holds
 * up a worker for an hour; here both are the caller's business (`Transient` and its `retryAfterMs`). While GitHub asks the
 * installation to be silent nothing is sent. Tokens are cached by Probot. Throws what `githubError` says.
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

/** A limit that one request meets holds for all that follow it: each of those would make it longer. */
function keepingSilent(octokit: ProbotOctokit, installationId: number, pauses: Pauses): ProbotOctokit {
  octokit.hook.before('request', () => pauses.check(installationId));
  octokit.hook.error('request', async (error) => {
    const pauseMs = rateLimitOf(error);
    if (pauseMs !== null) await pauses.begin(installationId, pauseMs);
    throw error;
  });
  return octokit;
}

/** `installationOctokit` for those that `check` lets through; it throws for the others before GitHub is asked anything. */
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
