// Fetches the log of one job as a stream of bytes, with limits on size and time. The diagnose step imports it.
import type { ProbotOctokit } from 'probot';
import { Rejected, Transient } from '../model.ts';
import { asking } from './github-error.ts';

/** What there is to read: the log, none (yet), or none any more. */
export type JobLog =
  | {
      readonly state: 'fetched';
      /** The raw log, to be read once and to its end or left by `break`; throws `Transient` when the line falls silent. */
      readonly stream: AsyncIterable<Uint8Array>;
      /** Whether the log went on after `maxBytes`; known once the stream has ended. */
      readonly truncated: () => boolean;
    }
  | { readonly state: 'missing' }
  | { readonly state: 'expired' };

/** The largest part of a log that is ever read. */
export const MAX_LOG_BYTES = 1_000_000_000;

const IDLE_LIMIT_MS = 30_000;

/**
 * The log of one job. `missing`: GitHub has none, not yet or never (HTTP 404; it appears a few seconds after a job ends,
 * so ask again later); `expired`: past the repository's retention (HTTP 410). Throws `Transient` when storage or network
 * fail or nothing comes for `idleMs`, else what `githubError` says.
 * https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
 */
export async function readJobLog(
  octokit: ProbotOctokit,
  {
    owner,
    repo,
    job_id,
    maxBytes = MAX_LOG_BYTES,
    idleMs = IDLE_LIMIT_MS,
  }: { owner: string; repo: string; job_id: number; maxBytes?: number; idleMs?: number },
): Promise<JobLog> {
  const asked = `read the log of job ${job_id} in ${owner}/${repo}`;
  try {
    const address = await asking(asked, () => findLog(octokit, { owner, repo, job_id }));
    const abort = new AbortController();
    const body = await asking(asked, () => openLog(address, { asked, idleMs, abort }));
    let truncated = false;
    const onTruncated = () => {
      truncated = true;
    };
    return {
      state: 'fetched',
      stream: boundedChunks(body, { asked, maxBytes, idleMs, onTruncated, abort }),
      truncated: () => truncated,
    };
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return { state: 'missing' };
    if (error instanceof Rejected && error.code === '410') return { state: 'expired' };
    throw error;
  }
}

/**
 * Where the log lies: GitHub answers with a link into its storage (302) that is good for one minute; for a repository that
 * was renamed since, first with where the request should have gone (301).
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
async function findLog(
  octokit: ProbotOctokit,
  { owner, repo, job_id }: { owner: string; repo: string; job_id: number },
): Promise<URL> {
  const request = { redirect: 'manual', parseSuccessResponseBody: false } as const;
  const { baseUrl } = octokit.request.endpoint.DEFAULTS;
  const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
  const asked = await octokit.request(route, { owner, repo, job_id, request });
  const moved = Number(asked.status) === 301 ? apiAddress(asked.headers.location, baseUrl) : null;
  const response = moved === null ? asked : await octokit.request(`GET ${moved}`, { request });
  const { location } = response.headers;
  if (location === undefined) throw new Rejected(`the answer (HTTP ${response.status}) names no place of the log`);
  const address = new URL(location, baseUrl);
  if (address.protocol === 'https:' || address.origin === new URL(baseUrl).origin) return address;
  throw new Rejected(`the log lies at ${address.origin}, which is neither https nor the API's own origin`);
}

/** The address if it is one of the API's own, where our token may go. */
function apiAddress(location: string | undefined, baseUrl: string): string | null {
  if (location === undefined) return null;
  const address = new URL(location, baseUrl);
  return address.origin === new URL(baseUrl).origin ? address.href : null;
}

/** Opens the link at once and without our token, which is nobody's business there; fetch undoes gzip by itself. */
async function openLog(
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
