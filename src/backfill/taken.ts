// A backfill as `take_backfill` hands it out, and the phases that it goes through.
import { z } from 'zod';

/** In their order. What a verdict waits for comes first; at the end what re-runs have changed meanwhile. */
export const PHASES = ['heads', 'pulls', 'runs', 'deployments', 'commits', 'again'] as const;
export type Phase = (typeof PHASES)[number];

const count = z.int().nonnegative().default(0);

/** What could not be had, and why. */
export const missingPart = z.object({ what: z.string(), why: z.string() });

/** What was asked and found, as a row of `backfills` has it. */
export const countsOf = z.object({
  requests: count,
  runs: count,
  jobs: count,
  deployments: count,
  pulls: count,
  commits: count,
  stored: count,
  out_of_reach: count,
});

export type Counts = Readonly<z.output<typeof countsOf>>;

/** One that was taken. Times are ISO 8601. */
export const takenBackfill = z.object({
  id: z.guid(),
  claim: z.int(),
  repository_id: z.int(),
  installation_id: z.int(),
  repository: z.string(),
  since: z.string(),
  until: z.string().nullable(),
  with_jobs: z.boolean(),
  with_logs: z.boolean(),
  phase: z.enum(PHASES),
  done_to: z.string().nullable(),
  counts: countsOf,
  missing: z.array(missingPart),
  failures: z.int(),
});
export type TakenBackfill = z.output<typeof takenBackfill>;
