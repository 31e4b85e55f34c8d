// Held runs: all jobs that are left of them wait for an environment, that is for a reviewer, a timer, or our own answer, which waits
// for the verdict. Their artifacts are read before they are over.
//
// 1. A run is held when GitHub lists no job of it that runs, is queued, or ended within the last minute: the jobs that need one
//    which has just ended come a moment later.
// 2. What a held run made counts once it was read after the last of its jobs ended. What it has not made may still come.
// 3. When it goes on, it is a run like any other: what it makes anew replaces what it made, and the verdict waits for its end.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readHeldSince } from '../github/runs.ts';
import type { GateSubject } from './collect/collect.ts';
import { restsOnArtifacts } from './evaluate-head.ts';
import type { GateVerdict } from './model/verdict.ts';

const QUIET_MS = 60_000;
/** The most runs that GitHub is asked about: each costs a request. */
const MOST_RUNS = 5;

const answer = z.object({ read: z.array(z.string()) });

/** What was found out about held runs. */
export interface HeldRuns<Subject> {
  /** The subject, with the runs marked that are held and whose artifacts were read. */
  readonly subject: Subject;
  /** When to recheck, ISO 8601; null when a webhook will come first. */
  readonly until: string | null;
}

/** When the verdict waits for a run that may be held, asks GitHub about it and queues the reading of its artifacts. Throws `Transient` while GitHub fails. */
export async function withHeldRuns<Subject extends GateSubject>(
  subject: Subject,
  verdict: GateVerdict,
  { brain, octokit, now }: { brain: Pick<Brain, 'call'>; octokit: ProbotOctokit; now: number },
): Promise<HeldRuns<Subject>> {
  if (verdict.state !== 'pending' || !restsOnArtifacts(verdict)) return { subject, until: null };
  const { id: repository_id, owner, name: repo } = subject.repository;
  const held: string[] = [];
  const ends: number[] = [];
  for (const { ci_event_id, run_id } of subject.runs.filter((run) => mayBeHeld(run, subject)).slice(0, MOST_RUNS)) {
    const since = await readHeldSince(octokit, { owner, repo, run_id: Number(run_id) });
    if (since === null) continue;
    if (since + QUIET_MS > now) ends.push(since + QUIET_MS);
    else held.push(ci_event_id);
  }
  const until = ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString();
  if (held.length === 0) return { subject, until };
  const row = await brain.call('queue_held_evidence', { repository_id, ci_event_ids: held });
  const read = new Set(answer.parse(row).read);
  const runs = subject.runs.map((run) => (read.has(run.ci_event_id) ? { ...run, is_held: true } : run));
  return { subject: { ...subject, runs }, until };
}

/** Whether, by its webhooks, some of the run's jobs have ended and all others wait. */
function mayBeHeld({ is_over, workflow_path, event }: GateSubject['runs'][number], { signals }: GateSubject): boolean {
  if (is_over) return false;
  const jobs = signals.filter(
    (one) => one.kind === 'job' && one.workflow_path === workflow_path && one.event === event,
  );
  const queued = jobs.filter(({ status }) => status === 'queued').length;
  return queued > 0 && queued < jobs.length && jobs.every(({ status }) => status !== 'running');
}
