// From what brain and GitHub tell of a commit to the plain object that is judged. Pure; gate.ts uses it.

import { z } from 'zod';
import { parseKept } from '../evidence/kept-artifact.ts';
import { type ChangedFile, changedLines } from './changed-lines.ts';
import type { Gathered } from './gathered.ts';
import { measuredOf } from './measured-of.ts';

const status = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']);
const time = z
  .string()
  .nullable()
  .transform((text) =>
    text === null || text === '-infinity' ? '1970-01-01T00:00:00.000Z' : new Date(text).toISOString(),
  );

/** Which commit of which pull request. */
export interface GateInput {
  readonly repository_id: number;
  readonly pull_request_number: number;
  readonly head_sha: string;
}

/** Which commit, for which pull requests. */
export interface CommitInput {
  readonly repository_id: number;
  readonly pull_request_numbers: readonly number[];
  readonly head_sha: string;
}

/** What `read_gate_subject` answers. */
export const gateSubject = z.object({
  repository: z.object({
    id: z.number(),
    owner: z.string(),
    name: z.string(),
    installation_id: z.number().nullable(),
    default_branch: z.string().nullable(),
  }),
  pull_request: z.object({
    number: z.number(),
    base_ref: z.string(),
    head_ref: z.string(),
    head_sha: z.string(),
    author: z.string().nullable(),
    is_fork: z.boolean(),
  }),
  version: z.string(),
  /** Whether a merge queue made the commit for this pull request. */
  merge_group: z.boolean(),
  since: time,
  sprint: z.object({ id: z.string(), label: z.string(), dod_json: z.unknown() }).nullable(),
  signals: z.array(
    z.object({
      kind: z.enum(['job', 'check', 'status']),
      name: z.string(),
      origin: z.string(),
      workflow_path: z.string().nullable(),
      attempt: z.number(),
      status,
      conclusion: z.string().nullable(),
      url: z.string().nullable(),
      at: time,
    }),
  ),
  runs: z.array(
    z.object({
      ci_event_id: z.string(),
      run_id: z.string(),
      workflow: z.string(),
      workflow_path: z.string().nullable(),
      attempt: z.number(),
      is_over: z.boolean(),
      is_read: z.boolean(),
      at: time,
    }),
  ),
  reports: z.array(
    z.object({
      artifact: z.string().nullable(),
      run_id: z.string(),
      workflow: z.string(),
      workflow_path: z.string().nullable(),
      attempt: z.number(),
      url: z.string().nullable(),
      at: time,
      content: z.string().nullable(),
      is_stale: z.boolean(),
    }),
  ),
  overrides: z.array(
    z.object({
      criterion: z.string(),
      by: z.string(),
      reason: z.string(),
      // In UTC, for that is the day that it was given until.
      expires_at: z
        .string()
        .nullable()
        .transform((text) => (text === null ? null : new Date(text).toISOString())),
    }),
  ),
});
export type GateSubject = z.infer<typeof gateSubject>;

/** The files of the pull request as GitHub lists them; `complete` false: there are more than it lists. */
export interface Change {
  readonly files: readonly (ChangedFile & { readonly previous_filename: string | null })[];
  readonly complete: boolean;
}

/** What is to be judged. `change` null: nobody asked for it. A run whose artifacts are still to be read counts as one that is not over. */
export function gather(subject: GateSubject, change: Change | null): Gathered {
  const distrustOf = distrust(subject.pull_request.is_fork, change);
  return {
    signals: subject.signals.map(({ workflow_path, ...signal }) => ({
      ...signal,
      distrust: distrustOf(workflow_path),
    })),
    runs: subject.runs.map(({ run_id, workflow, attempt, is_over, is_read, at }) => ({
      run_id,
      workflow,
      attempt,
      is_over: is_over && is_read,
      at,
    })),
    reports: subject.reports.map(({ artifact, workflow_path, content, ...report }) => ({
      ...report,
      artifact: artifact ?? '',
      ...measuredOf(artifact ?? '', parseKept(content)),
      distrust: distrustOf(workflow_path),
    })),
    overrides: subject.overrides,
    changed_lines: change?.complete === true ? changedLines(change.files) : null,
    since: subject.since,
  };
}

/**
 * A fork's pull request runs the workflow files that it brings: what a file that it changed says about itself counts for
 * nothing, whatever the job is called. https://docs.github.com/actions/reference/events-that-trigger-workflows#pull_request
 */
function distrust(isFork: boolean, change: Change | null): (workflowPath: string | null) => string | null {
  if (!isFork) return () => null;
  if (change === null || !change.complete) {
    return () => 'it comes from a fork, and GitHub does not tell all that the fork changes';
  }
  const changed = new Set(change.files.flatMap(({ filename, previous_filename }) => [filename, previous_filename]));
  return (path) =>
    path !== null && changed.has(path) ? 'this pull request comes from a fork and changes its workflow file' : null;
}
