// Reads GitHub's answer about the jobs of a run, for those who classify a log by hand. Pure.
import { z } from 'zod';
import type { ToldJob } from './steps-of-log.ts';

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
