// Reads GitHub's answer about the jobs of a run, for those who classify a log by hand. Pure.
import { z } from 'zod';
import type { JobStep } from './patterns/match.ts';

const time = z
  .string()
  .nullish()
  .transform((told) => told ?? null);
const step = z.object({
  name: z.string(),
  number: z.number(),
  conclusion: z
    .string()
    .nullish()
    .transform((told) => told ?? null),
  started_at: time,
  completed_at: time,
});
const job = z.object({ name: z.string(), conclusion: z.string().nullish(), steps: z.array(step).nullish() });
const jobs = z.union([
  z.object({ jobs: z.array(job) }).transform((answer) => answer.jobs),
  z.array(job),
  job.transform((one) => [one]),
]);

/** A job of the run, as far as it matters here. */
export interface ToldJob {
  readonly name: string;
  readonly hasFailed: boolean;
  readonly steps: readonly JobStep[];
}

/** The jobs; null when the text is no such answer. */
export function parseJobs(text: string): readonly ToldJob[] | null {
  try {
    return jobs.parse(JSON.parse(text)).map(({ name, conclusion, steps }) => ({
      name,
      hasFailed: conclusion !== 'success' && conclusion !== 'skipped',
      steps: steps ?? [],
    }));
  } catch {
    return null;
  }
}

const JOB_NAME = 'Complete job name: ';

/** The steps of the job that the log is of: the one it names at its beginning, else the only one, or the only one that failed. */
export function stepsOfLog(jobs: readonly ToldJob[], beginning: string): readonly JobStep[] {
  const at = beginning.indexOf(JOB_NAME);
  const name =
    at < 0
      ? null
      : beginning
          .slice(at + JOB_NAME.length)
          .split('\n', 1)[0]
          ?.trim();
  const failed = jobs.filter(({ hasFailed }) => hasFailed);
  const one = jobs.find((candidate) => candidate.name === name) ?? (jobs.length === 1 ? jobs[0] : undefined);
  return (one ?? (failed.length === 1 ? failed[0] : undefined))?.steps ?? [];
}
