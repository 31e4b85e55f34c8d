// What a cancelled job followed from: a sibling of its matrix that failed, or a newer run. Pure.

import type { VerdictEvidence } from '../evidence.ts';
import { isFailed } from './compared-runs.ts';
import type { GatheredFailure, GatheredRun, JobEnd } from './gathered.ts';

/** GitHub writes times by the second, and cancels a moment later. */
const SLACK_MS = 10_000;

/**
 * Says what a job followed from; null when nothing says it. A job that only fails because those that it needs did is not told: what
 * it needs stands in a file that the pull request may change, and whoever names a broken job would hide another behind it.
 */
export function followsOf(
  { conclusion, name, at }: Pick<GatheredFailure, 'conclusion' | 'name' | 'at'>,
  { superseded_by: newer }: Pick<GatheredRun, 'superseded_by'>,
  siblings: readonly JobEnd[],
): VerdictEvidence['follows'] {
  if (conclusion !== 'cancelled' || at === null) return null;
  const matrix = matrixOf(name);
  const ended = Date.parse(at);
  const failed = siblings
    .filter((job) => matrix !== null && job.name !== name && matrixOf(job.name) === matrix && isFailed(job.conclusion))
    .filter(({ completed_at }) => completed_at !== null && Date.parse(completed_at) <= ended + SLACK_MS)
    .toSorted((one, other) => (one.completed_at ?? '').localeCompare(other.completed_at ?? ''));
  const [first] = failed;
  if (first !== undefined) return { kind: 'sibling', job_name: first.name, run_url: first.html_url };
  if (newer !== null && Date.parse(newer.at) <= ended + SLACK_MS)
    return { kind: 'superseded', job_name: null, run_url: newer.url };
  return null;
}

/** The name that all parts of a matrix begin with; null for a job of none. */
function matrixOf(name: string): string | null {
  const at = name.lastIndexOf(' (');
  return at > 0 && name.endsWith(')') ? name.slice(0, at) : null;
}
