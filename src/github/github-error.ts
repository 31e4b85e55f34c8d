// Says what a failed request to GitHub means for us: try again, give up, or tell whoever runs the App.
import { asError, Misconfigured, Rejected, Transient } from '../model/errors.ts';

/** What a failed request can mean: try again later, never try again, or a person has to change something. */
export type GithubFailure = Transient | Rejected | Misconfigured;

/** What GitHub answered, as far as it decides anything. */
interface Refusal {
  readonly asked: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** GitHub's own words, at most 300 characters; empty when the answer was not GitHub's JSON. */
  readonly said: string;
  readonly documentation: string;
  /** True when the token itself was asked for, which Octokit does by itself before the first request. */
  readonly forToken: boolean;
}

const HOUR_MS = 3_600_000;
/** For a secondary limit without a time GitHub asks for at least a minute: docs/github.md#rate-limits */
const SECONDARY_LIMIT_MS = 60_000;
const TOKEN_URL = /\/app\/installations\/\d{1,20}\/access_tokens$/;

/**
 * Runs a request and returns its answer. Throws what `githubError` returns for its failure. `asked` is for the message, such as
 * "create a comment on o/r#5".
 */
export async function asking<T>(asked: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (thrown) {
    throw githubError(thrown, asked);
  }
}

/**
 * Returns the id of what a POST made. Throws `Transient` when the answer holds none: then the repository was renamed, GitHub
 * redirected the request, and `fetch` turned the POST into a GET. The webhook of the renaming will tell us the new name.
 * docs/github.md#rate-limits
 */
export function madeId(answer: { readonly status: number; readonly data: unknown }, asked: string): number {
  const { id } = asRecord(answer.data);
  if (typeof id === 'number') return id;
  throw new Transient(`${asked}: GitHub made nothing (HTTP ${answer.status}); was the repository renamed?`);
}

/**
 * Returns what a failed request means, from whatever was thrown; one of our three errors is returned as it is.
 * `Transient.retryAfterMs` is set when the whole installation has to wait (rate limit, suspension). `Rejected.code` is the HTTP
 * status as text, or `locked`, `installation_gone`, `unexpected`.
 */
export function githubError(thrown: unknown, asked: string): GithubFailure {
  if (thrown instanceof Transient || thrown instanceof Rejected || thrown instanceof Misconfigured) return thrown;
  const cause = asError(thrown);
  const refusal = readRefusal(cause, asked);
  if (refusal !== null) return meaningOf(refusal, cause);
  if (isNetworkError(cause)) {
    return new Transient(`${asked}: no answer from GitHub (${rootMessage(cause)})`, { cause });
  }
  return new Rejected(`${asked}: ${cause.message}`, { cause, code: 'unexpected' });
}

/**
 * Returns for how many milliseconds no request of the installation may be sent, when the error is a rate limit of either kind;
 * null when it is none. docs/github.md#rate-limits
 */
export function rateLimitOf(thrown: unknown): number | null {
  const refusal = readRefusal(asError(thrown), '');
  return refusal === null ? null : rateLimitMs(refusal);
}

function readRefusal(error: Error, asked: string): Refusal | null {
  if (!('response' in error) || error.response === undefined) return null;
  if (!('status' in error) || typeof error.status !== 'number') return null;
  const response = asRecord(error.response);
  const answer = asRecord(response.data);
  const request = 'request' in error ? asRecord(error.request) : {};
  return {
    asked,
    status: error.status,
    headers: asRecord(response.headers),
    said: typeof answer.message === 'string' ? answer.message.slice(0, 300) : '',
    documentation: typeof answer.documentation_url === 'string' ? answer.documentation_url : '',
    forToken: typeof request.url === 'string' && TOKEN_URL.test(request.url),
  };
}

function meaningOf(refusal: Refusal, cause: Error): GithubFailure {
  const { asked, status } = refusal;
  const waitMs = rateLimitMs(refusal);
  if (waitMs !== null) {
    const seconds = Math.ceil(waitMs / 1000);
    const message = `${asked}: GitHub's rate limit is reached (HTTP ${status}), open again in ${seconds} s`;
    return new Transient(message, { cause, retryAfterMs: waitMs });
  }
  if (status === 401) return unauthorised(refusal, cause);
  if (status === 403) return forbidden(refusal, cause);
  if (status === 404 && refusal.forToken) {
    const message = `${asked}: GitHub knows no such installation (HTTP 404); the App was uninstalled there`;
    return new Rejected(message, { cause, code: 'installation_gone' });
  }
  const message = `${asked}: GitHub answered ${status}${refusal.said === '' ? '' : ` (${refusal.said})`}`;
  if (status >= 500 || status === 408 || status === 409 || status === 425) return new Transient(message, { cause });
  return new Rejected(message, { cause, code: String(status) });
}

/** How long a rate limit lasts, in milliseconds; null when this is no rate limit. */
function rateLimitMs({ status, headers, documentation, said }: Refusal): number | null {
  if (status !== 403 && status !== 429 && status !== 503) return null;
  const retryAfterSeconds = Number(headers['retry-after']);
  if (retryAfterSeconds > 0) return retryAfterSeconds * 1000;
  if (status === 503) return null;
  const resetSeconds = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && resetSeconds > 0) {
    // Counted from GitHub's own clock where it tells it, so that ours may be wrong.
    const nowMs = Date.parse(String(headers.date)) || Date.now();
    return Math.max(resetSeconds * 1000 - nowMs, 0) + 1000;
  }
  // A secondary limit may come with neither header; then only the link and the words tell it.
  const secondary = documentation.includes('secondary-rate-limits') || said.includes('secondary rate limit');
  return status === 429 || secondary ? SECONDARY_LIMIT_MS : null;
}

function unauthorised({ asked, forToken, said }: Refusal, cause: Error): GithubFailure {
  if (!forToken)
    return new Transient(`${asked}: GitHub no longer takes the installation's token (HTTP 401)`, { cause });
  return new Misconfigured(
    `${asked}: GitHub does not accept the App's signature (HTTP 401${said === '' ? '' : `: ${said}`}). ` +
      "Check that APP_ID and PRIVATE_KEY belong to the same App and that this machine's clock is right.",
    { cause },
  );
}

/** GitHub gives one status for four things; apart from the URL of the token only its words tell them apart. */
function forbidden({ asked, forToken, said, headers }: Refusal, cause: Error): GithubFailure {
  // docs/github.md#apps-and-installations
  if (forToken || said.includes('installation has been suspended')) {
    const message = `${asked}: the installation is suspended; its owner lifts that under Settings > GitHub Apps`;
    return new Transient(message, { cause, retryAfterMs: HOUR_MS });
  }
  // docs/github.md#apps-and-installations
  if (said.includes('Resource not accessible by integration')) {
    const needed = headers['x-accepted-github-permissions'];
    const permission = typeof needed === 'string' && needed !== '' ? `the permission "${needed}"` : 'a permission';
    return new Misconfigured(
      `${asked}: CodeRed lacks ${permission} there (HTTP 403). Set it in the App's settings under "Permissions & events"; ` +
        "then the installation's owner accepts it under Settings > GitHub Apps > Review request.",
      { cause },
    );
  }
  // docs/github.md#comments
  const locked = said.includes('is locked');
  const message = `${asked}: GitHub refused (HTTP 403${said === '' ? '' : `: ${said}`})`;
  return new Rejected(message, { cause, code: locked ? 'locked' : '403' });
}

/** Octokit gives a request that got no answer the status 500 and no response; fetch itself throws a TypeError with a cause. */
function isNetworkError(error: Error): boolean {
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || error.name === 'HttpError') return true;
  return 'code' in error || (error instanceof TypeError && error.cause instanceof Error);
}

function rootMessage(error: Error): string {
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
