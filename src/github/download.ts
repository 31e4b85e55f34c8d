// Opens what GitHub hands out through its storage (logs, artifacts) as a stream of bytes, with limits on size and time.
import type { ProbotOctokit } from 'probot';
import { Rejected, Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';

/** A download that has begun. */
export interface Download {
  /** Read it once, to its end or until `break`. Throws `Transient` when no byte comes for `idleMs`. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** Whether there was more after `maxBytes`; right only once the stream has ended. */
  readonly truncated: () => boolean;
}

/** How much is read, and how long is waited. */
export interface DownloadLimits {
  readonly maxBytes: number;
  /** For how many milliseconds no byte may come. */
  readonly idleMs: number;
}

/** The usual `idleMs`: enough for the slowest storage that still sends. */
export const IDLE_LIMIT_MS = 30_000;

/**
 * Opens what `route` leads to: a GET that GitHub answers with a link into its storage. `asked` is for error messages, such as
 * "read the log of job 5". Throws `Transient` when the storage or the network fails or no byte comes for `idleMs`, else what
 * `githubError` returns: for HTTP 404 and 410 `Rejected` with that code. docs/github.md#job-logs
 */
export async function openDownload(
  octokit: ProbotOctokit,
  { route, parameters, asked }: { route: string; parameters: Readonly<Record<string, string | number>>; asked: string },
  { maxBytes, idleMs }: DownloadLimits,
): Promise<Download> {
  const address = await asking(asked, () => findStorage(octokit, route, parameters));
  const abort = new AbortController();
  const body = await asking(asked, () => openStorage(address, { asked, idleMs, abort }));
  let truncated = false;
  const onTruncated = () => {
    truncated = true;
  };
  return {
    stream: boundedChunks(body, { asked, maxBytes, idleMs, onTruncated, abort }),
    truncated: () => truncated,
  };
}

/**
 * Where it lies: GitHub answers with a link into its storage (302) that is good for one minute; for a repository that
 * was renamed since, first with where the request should have gone (301).
 * docs/github.md#rate-limits
 */
async function findStorage(
  octokit: ProbotOctokit,
  route: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<URL> {
  const request = { redirect: 'manual', parseSuccessResponseBody: false } as const;
  const { baseUrl } = octokit.request.endpoint.DEFAULTS;
  const asked = await octokit.request(route, { ...parameters, request });
  const moved = Number(asked.status) === 301 ? apiAddress(asked.headers.location, baseUrl) : null;
  const response = moved === null ? asked : await octokit.request(`GET ${moved}`, { request });
  const { location } = response.headers;
  if (location === undefined) throw new Rejected(`the answer (HTTP ${response.status}) names no place of it`);
  const address = new URL(location, baseUrl);
  if (address.protocol === 'https:' || address.origin === new URL(baseUrl).origin) return address;
  throw new Rejected(`it lies at ${address.origin}, which is neither https nor the API's own origin`);
}

/** The address if it is one of the API's own, where our token may go. */
function apiAddress(location: string | undefined, baseUrl: string): string | null {
  if (location === undefined) return null;
  const address = new URL(location, baseUrl);
  return address.origin === new URL(baseUrl).origin ? address.href : null;
}

/** Opens the link at once and without our token, which is nobody's business there; fetch undoes gzip by itself. */
async function openStorage(
  address: URL,
  { asked, idleMs, abort }: { asked: string; idleMs: number; abort: AbortController },
): Promise<ReadableStream<Uint8Array>> {
  const response = await withinMs(fetch(address, { redirect: 'manual', signal: abort.signal }), {
    asked,
    idleMs,
    abort,
  });
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  const message = `${asked}: its storage ${address.origin} answered ${response.status}`;
  // 401 and 403 are how storages answer to a link that has run out; the next try gets a new one.
  if ([401, 403, 408, 429].includes(response.status) || response.status >= 500) throw new Transient(message);
  throw new Rejected(message, { code: String(response.status) });
}

async function* boundedChunks(
  body: ReadableStream<Uint8Array>,
  limits: { asked: string; maxBytes: number; idleMs: number; onTruncated: () => void; abort: AbortController },
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let left = limits.maxBytes;
  try {
    while (true) {
      const { done, value } = await asking(limits.asked, () => withinMs(reader.read(), limits));
      if (done) return;
      if (value.byteLength > left) {
        limits.onTruncated();
        if (left > 0) yield value.subarray(0, left);
        return;
      }
      left -= value.byteLength;
      yield value;
    }
  } finally {
    limits.abort.abort();
  }
}

async function withinMs<T>(
  work: Promise<T>,
  { asked, idleMs, abort }: { asked: string; idleMs: number; abort: AbortController },
): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    silence.reject(new Transient(`${asked}: nothing came for ${idleMs / 1000} s`));
    abort.abort();
  }, idleMs);
  try {
    return await Promise.race([work, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
