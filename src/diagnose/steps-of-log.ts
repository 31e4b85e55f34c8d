// Chooses, among the jobs of a run, the one that a log is of. Pure.
import type { JobStep } from './patterns/match.ts';

/** A job of the run, as far as it matters here. */
export interface ToldJob {
  readonly name: string;
  readonly hasFailed: boolean;
  readonly steps: readonly JobStep[];
}

const JOB_NAME = 'Complete job name: ';

/** What is known of which job a log is of. */
interface Told {
  /** The log's first lines, which name the job. */
  readonly beginning: string;
  /** Its name, where it is known from elsewhere. */
  readonly job: string | null;
}

/** The steps of the job that the log is of: the one it names at its beginning, else the only one, or the only one that failed. */
export function stepsOfLog(jobs: readonly ToldJob[], { beginning, job }: Told): readonly JobStep[] {
  const name = job ?? nameIn(beginning);
  const failed = jobs.filter(({ hasFailed }) => hasFailed);
  const one = jobs.find((candidate) => candidate.name === name) ?? (jobs.length === 1 ? jobs[0] : undefined);
  return (one ?? (failed.length === 1 ? failed[0] : undefined))?.steps ?? [];
}

function nameIn(beginning: string): string | null {
  const at = beginning.indexOf(JOB_NAME);
  const rest = at < 0 ? '' : beginning.slice(at + JOB_NAME.length);
  return rest.split('\n', 1)[0]?.trim() || null;
}
