// Which job keeps a run from being over, as far as GitHub has sent events: while a job runs or waits, missing evidence is late, not
// lost. Pure.

import type { Criterion } from '../../policy/schema/criteria.ts';
import type { EvidenceModel, RunOnCommit, Signal } from './evidence-model.ts';
import { REMEDY } from './remedies.ts';

/** A job that holds a run. */
export interface UnderWay {
  /** In words, with the job's name. */
  readonly description: string;
  readonly remedy: string;
  /** Until when its run counts as going on, ISO 8601. There is a limit, as the webhook that ends a job may never come. */
  readonly until: string;
}

/** GitHub ends a job on its own runners after six hours, and one that no runner takes after a day. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * The job that keeps one of these runs open: a running job before a queued one, else the one with the newest webhook. Null when
 * none is known.
 */
export function underWay(runs: readonly RunOnCommit[], { signals }: Pick<EvidenceModel, 'signals'>): UnderWay | null {
  const open = new Set(runs.flatMap((run) => (run.is_over ? [] : run.workflow)));
  const jobs = signals.filter(({ kind, origin, status }) => kind === 'job' && open.has(origin) && status in WORDS);
  const [job] = jobs.toSorted((one, other) => other.status.localeCompare(one.status) || other.at.localeCompare(one.at));
  if (job === undefined) return null;
  const words = job.status === 'running' ? WORDS.running : WORDS.queued;
  const newest = jobs.map(({ at }) => Date.parse(at)).reduce((one, other) => Math.max(one, other));
  return {
    description: `job ${job.name} of that run ${words} since ${clock(job)}`,
    remedy: job.status === 'running' ? REMEDY.runs : REMEDY.waits,
    until: new Date(newest + LONGEST_MS).toISOString(),
  };
}

const WORDS = { running: 'is running', queued: 'waits for a runner or for an approval' } as const;

function clock({ at }: Signal): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

/** The runs that may still bring what nothing is there of: only a job or an artifact comes from a run, and of a workflow that is named only from its own. */
export function mayBring({ source }: Criterion, runs: readonly RunOnCommit[]): readonly RunOnCommit[] {
  if (source === null) return runs;
  if (!('artifact' in source) && !('job' in source)) return [];
  const wanted = source.workflow?.slice(source.workflow.lastIndexOf('/') + 1);
  // A run whose workflow GitHub has not named yet may bring anything.
  return wanted === undefined ? runs : runs.filter(({ workflow }) => workflow === '' || workflow === wanted);
}
