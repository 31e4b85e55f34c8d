// What the database knows of the failures of a commit and of what they are compared with, as `verdict_evidence` answers. Pure.

import { z } from 'zod';

const text = z.string();
const maybe = z.string().nullable();

const head = z.object({
  merge_parent_sha: maybe,
  merge_base_sha: maybe,
  changed_files: z.array(text).nullable(),
  sources_asked_at: maybe,
  merge_commit_sha: maybe,
  /** Of the pull request. */
  state: text,
});

const run = z.object({
  run_id: text,
  run_number: z.number().nullable(),
  provider: text,
  workflow_path: maybe,
  /** GitHub's word for what set it off; `unknown` while nobody told. */
  event: text,
  branch: maybe,
  head_repository_id: z.number().nullable(),
  started_at: maybe,
  html_url: maybe,
  pull_request_number: z.number().nullable(),
  author: maybe,
  base_ref: maybe,
  /** When its base became another branch. */
  base_since: maybe,
  head: head.nullable(),

  /** The commit that the runs are on. */
  tested_sha: text,
  superseded_by: z.object({ at: text, url: maybe }).nullable(),
  passes: z.array(z.object({ name: text, sha: text, at: maybe })),
});

/** number, name, status, conclusion */
const step = z.tuple([z.number(), text, maybe, maybe]);

const failure = z.object({
  id: text,
  fingerprint: text,
  message: text,
  file_path: maybe,
  runner_lost: maybe,
  ci_event_id: text,
  provider: text,
  run_id: text,
  run_attempt: z.number(),
  job_id: z.number().nullable(),
  name: text,
  conclusion: maybe,
  at: maybe,
  log_state: z.enum(['fetched', 'missing', 'expired', 'none']),
  steps: z.array(step),
  pattern: z.object({ name: text, category: text, rank: z.enum(['cause', 'generic', 'consequence']) }).nullable(),
  line_text: maybe,
  files: z.array(text).nullable(),
  /** What stands there: verdict, sentence, rule. */
  said: z.tuple([text, maybe, maybe]),
});

/** ci_event_id, name, status, conclusion, completed_at, fingerprint, failed step, started_at, html_url */
const job = z.tuple([text, text, text, maybe, maybe, maybe, maybe, maybe, maybe]);

const baseCommit = z.object({ sha: text, place: z.number(), at: maybe, pushed_at: maybe });

const gathered = z.object({
  repository: z.object({
    id: z.number(),
    owner: text,
    name: text,
    installation_id: z.number().nullable(),
    default_branch: maybe,
  }),
  runs: z.array(run),
  failures: z.array(failure),
  /** By branch: commits with runs, newest first, and pushes. */
  bases: z
    .record(text, z.object({ commits: z.array(baseCommit), pushes: z.array(z.object({ sha: maybe, at: text })) }))
    .default({}),
  /** ci_event_id, base_ref, sha, run number, attempt, workflow path, status */
  base_attempts: z.array(z.tuple([text, text, text, z.number(), z.number(), text, text])).default([]),
  base_jobs: z.array(job).default([]),
  /** ci_event_id, run_id, attempt, status, conclusion */
  attempts: z.array(z.tuple([text, text, z.number(), text, maybe])).default([]),
  jobs: z.array(job).default([]),
  fingerprints: z
    .record(
      text,
      z.object({
        rows: z.number(),
        job_keys: z.number(),
        base_flakes: z.number(),
        elsewhere: z.array(z.object({ pull_request: z.number(), author: maybe, at: text, run_url: maybe })),
      }),
    )
    .default({}),
  /** By ci_event_id. */
  tests: z
    .record(
      text,
      z.object({ reports: z.number(), omitted: z.number(), tests: z.array(z.tuple([z.number(), text, text, maybe])) }),
    )
    .default({}),
  /** By the test's id. */
  test_past: z
    .record(
      text,
      z.object({
        state: z.enum(['broken', 'flaky', 'healthy', 'new', 'unknown']).catch('unknown'),
        failed: z.number(),
        runs: z.number(),
        mixed: z.number(),
      }),
    )
    .default({}),
});

/** Everything about one commit. */
export type Gathered = z.infer<typeof gathered>;
export type GatheredRun = z.infer<typeof run>;
export type GatheredFailure = z.infer<typeof failure>;
export type BaseCommit = z.infer<typeof baseCommit>;
export type GatheredStep = z.infer<typeof step>;

/** Reads the answer of `verdict_evidence`; null for a repository that is gone. Throws what zod throws. */
export function parseGathered(answer: unknown): Gathered | null {
  return gathered.nullable().parse(answer);
}

/** How one attempt of a job ended. */
export interface JobEnd {
  readonly ci_event_id: string;
  readonly name: string;
  /** null while it runs. */
  readonly conclusion: string | null;
  readonly is_over: boolean;
  readonly completed_at: string | null;
  /** Of its failure; null before it is diagnosed. */
  readonly fingerprint: string | null;
  readonly failed_step: string | null;
  readonly html_url: string | null;
}

/** The same as an object. */
export function jobEnd([
  ci_event_id,
  name,
  status,
  conclusion,
  completed_at,
  fingerprint,
  failed_step,
  ,
  html_url,
]: z.infer<typeof job>): JobEnd {
  const is_over = status !== 'queued' && status !== 'running';
  return { ci_event_id, name, conclusion, is_over, completed_at, fingerprint, failed_step, html_url };
}
