// Finds what a job says when it passes: the newest green log on the default branch, downloaded once a day at most and kept as
// hashes. Whatever stands in the way, the diagnosis goes on without it.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readJobLog } from '../github/runs.ts';
import { Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { createGreenReader, greenLog } from './green.ts';
import type { GreenLog, LogMatch } from './patterns/match.ts';

/** A larger log is not read: what it would tell is not worth its time. */
const MOST_BYTES = 50_000_000;

const foundLog = z
  .object({
    repository_id: z.number(),
    workflow_path: z.string(),
    job_name: z.string(),
    job_id: z.number().nullable(),
    kept: z.object({ salt: z.string(), hashes: z.string() }).nullable(),
  })
  .nullable();

/** Whose green log is wanted, and how it is reached. */
export interface GreenQuestion {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokit: ProbotOctokit;
  readonly owner: string;
  readonly repo: string;
  /** The job that failed: its row in `ci_jobs`. */
  readonly ci_job_id: string;
  /** Whether a request may be spent on it. */
  readonly hasRoom: () => boolean;
  readonly log: Logger;
  /** Default 50 MB. */
  readonly mostBytes?: number;
}

/** Whether a green log could change what is said: no pattern of rank cause speaks in the failed step, or several do. */
export function wantsGreenLog({ anchor, causes }: LogMatch): boolean {
  if (anchor === null) return false;
  return causes.filter(({ pattern, demoted }) => pattern.rank === 'cause' && demoted === null).length !== 1;
}

/** What the job's newest green log on the default branch says; null when nobody knows. Throws what `brain.call` throws. */
export async function readLastGreen(question: GreenQuestion): Promise<GreenLog | null> {
  const { brain, ci_job_id, hasRoom } = question;
  const found = foundLog.parse(await brain.call('find_green_log', { ci_job_id }));
  if (found === null) return null;
  const { kept, job_id, ...job } = found;
  if (kept !== null) return fromHashes(unpacked(kept.hashes), kept.salt);
  if (job_id === null || !hasRoom()) return null;
  const salt = randomBytes(16).toString('hex');
  const hashes = await download(job_id, salt, question);
  if (hashes === null) return null;
  await brain.call('keep_green_log', { green_log: { ...job, job_id, salt, hashes: packed(hashes) } });
  return fromHashes(hashes, salt);
}

/** No hashes at all stand for a log that cannot be had: it is not asked for again on this day. */
const UNREADABLE: ReadonlySet<bigint> = new Set();

function fromHashes(hashes: ReadonlySet<bigint>, salt: string): GreenLog | null {
  return hashes.size === 0 ? null : greenLog(hashes, salt);
}

/** Null when another try may bring it. */
async function download(
  job_id: number,
  salt: string,
  { octokit, owner, repo, log, mostBytes: maxBytes = MOST_BYTES }: GreenQuestion,
): Promise<ReadonlySet<bigint> | null> {
  try {
    const found = await readJobLog(octokit, { owner, repo, job_id, maxBytes });
    if (found.state === 'missing') return null;
    if (found.state === 'expired') return UNREADABLE;
    const reader = createGreenReader(salt);
    for await (const chunk of found.stream) reader.write(chunk);
    return found.truncated() ? UNREADABLE : reader.end();
  } catch (error) {
    const isTransient = error instanceof Transient;
    if (!isTransient && !(error instanceof Rejected) && !(error instanceof Misconfigured)) throw error;
    log.debug(
      { err: error, job_id },
      'the log of a job that passed could not be read; the diagnosis goes on without it',
    );
    return isTransient ? null : UNREADABLE;
  }
}

const HASH_BYTES = 8;

function packed(hashes: ReadonlySet<bigint>): string {
  const bytes = Buffer.alloc(hashes.size * HASH_BYTES);
  let at = 0;
  for (const hash of hashes) at = bytes.writeBigUInt64BE(hash, at);
  return bytes.toString('base64');
}

function unpacked(text: string): Set<bigint> {
  const bytes = Buffer.from(text, 'base64');
  const hashes = new Set<bigint>();
  for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) hashes.add(bytes.readBigUInt64BE(at));
  return hashes;
}
