// Turns what the brain and GitHub know of a commit into the plain object that is evaluated. Pure.

import { z } from 'zod';
import { parseKept } from '../../evidence/kept-artifact.ts';
import { type ChangedFile, changedLines } from '../model/changed-lines.ts';
import type { EvidenceModel, JobStep, Signal } from '../model/evidence-model.ts';
import { criterionValues } from './criterion-values.ts';
import { forkTrust } from './fork-trust.ts';

const status = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']);
const time = z
  .string()
  .nullable()
  .transform((text) =>
    text === null || text === '-infinity' ? '1970-01-01T00:00:00.000Z' : new Date(text).toISOString(),
  );

/** The workflow file of a run, and GitHub's name of the event that started it; null until the run's own webhook has come. */
const ofRun = { workflow_path: z.string().nullable(), event: z.string().nullable().default('pull_request') };

/** A commit of one pull request. */
export interface GateInput {
  readonly repository_id: number;
  readonly pull_request_number: number;
  readonly head_sha: string;
}

/** A commit, and all pull requests that it is the head of. */
export interface CommitInput {
  readonly repository_id: number;
  readonly pull_request_numbers: readonly number[];
  readonly head_sha: string;
}

/** What the brain's `read_gate_subject` returns: everything that is known of a commit. */
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
    /** Other pull requests that bring the same commit of the same branch, into another one. */
    twins: z.array(z.number()).default([]),
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
      ...ofRun,
      attempt: z.number(),
      status,
      conclusion: z.string().nullable(),
      /** The slug of a check run's App, the login of who made a status. */
      author: z.string().nullable().default(null),
      url: z.string().nullable(),
      at: time,
    }),
  ),
  runs: z.array(
    z.object({
      ci_event_id: z.string(),
      run_id: z.string(),
      workflow: z.string(),
      ...ofRun,
      attempt: z.number(),
      is_over: z.boolean(),
      is_read: z.boolean(),
      /** Only jobs are left of it that wait for an environment, and what the others made is read; GitHub tells, not the brain. */
      is_held: z.boolean().optional(),
      /** Whether it began while the pull request's base was another branch. */
      is_former: z.boolean().default(false),
      at: time,
    }),
  ),
  reports: z.array(
    z.object({
      artifact: z.string().nullable(),
      run_id: z.string(),
      workflow: z.string(),
      ...ofRun,
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

/** A job's own steps, by its address. */
const jobSteps = z.object({
  url: z.string(),
  steps: z.array(z.object({ name: z.string(), conclusion: z.string().nullable() })),
});

/** The row of `read_gate_subject`, with the steps of the jobs; left out when no steps are known. */
export type GateSubject = z.infer<typeof gateSubject> & { readonly jobs?: readonly z.infer<typeof jobSteps>[] };

/** What the brain's `read_gate_commit` returns; null: the pull request is unknown. */
export const gateCommit = z
  .object({ subject: gateSubject.nullable(), jobs: z.array(jobSteps) })
  .transform(({ subject, jobs }): GateSubject | null => (subject === null ? null : { ...subject, jobs }));

/** The files of the pull request as GitHub lists them; `complete` false: there are more than it lists. */
export interface Change {
  readonly files: readonly (ChangedFile & { readonly previous_filename: string | null })[];
  readonly complete: boolean;
}

/**
 * Makes the evidence model of a commit. `change` null: GitHub was not asked for the changed files. A run whose artifacts still have to
 * be read counts as not over. `untrusted_apps` are slugs of Apps whose checks a fork defines itself.
 */
export function collect(
  subject: GateSubject,
  change: Change | null,
  untrusted_apps: readonly string[] = [],
): EvidenceModel {
  const { pull_request, runs } = subject;
  const former_runs = runs
    .filter(({ is_former }) => is_former)
    .map((run) => ({ workflow: run.workflow, ...placeOf(run) }));
  const trust = forkTrust({ pull_request, former_runs, change, untrusted_apps });
  const stepsOf = new Map(subject.jobs?.map(({ url, steps }) => [url, steps]));
  return {
    signals: subject.signals.map(({ workflow_path, event, author, ...signal }) => ({
      ...signal,
      ...withSteps(signal.kind === 'job' ? stepsOf.get(signal.url ?? '') : undefined),
      ...(signal.kind === 'job'
        ? { distrust: trust.actions, ...placeOf({ workflow_path, event }) }
        : { distrust: trust.ofAuthor(author ?? signal.origin) }),
    })),
    runs: runs.map(({ run_id, workflow, attempt, is_over, is_read, is_held, at }) => ({
      run_id,
      workflow,
      attempt,
      is_over: is_over && is_read,
      ...(is_held === true ? { is_held } : {}),
      at,
    })),
    reports: newestUploads(subject.reports).map(({ artifact, workflow_path, event, content, ...report }) => ({
      ...report,
      artifact: artifact ?? '',
      ...readOf(artifact ?? '', content),
      distrust: trust.actions,
      ...placeOf({ workflow_path, event }),
    })),
    overrides: subject.overrides,
    changed_lines: change?.complete === true ? changedLines(change.files) : null,
    since: subject.since,
    distrust_of_actions: trust.actions,
    distrusted_workflows: trust.workflows,
  };
}

/**
 * Of the uploads of one name in one attempt of a run the newest: GitHub holds one alone, and one that was read while the run was
 * held is replaced later.
 */
function newestUploads(reports: GateSubject['reports']): GateSubject['reports'] {
  const newest = new Map<string, number>();
  const keyOf = ({ run_id, attempt, artifact }: GateSubject['reports'][number]) =>
    JSON.stringify([run_id, attempt, artifact]);
  for (const report of reports) {
    const key = keyOf(report);
    newest.set(key, Math.max(uploadOf(report) ?? 0, newest.get(key) ?? 0));
  }
  return reports.filter((report) => (uploadOf(report) ?? newest.get(keyOf(report))) === newest.get(keyOf(report)));
}

/** GitHub's number of an artifact, which counts up; null for what came another way. */
function uploadOf({ url, artifact }: GateSubject['reports'][number]): number | null {
  // Two names may look alike once what could be a secret is out of them, or where they are cut.
  if (artifact?.includes('[redacted:') === true || (artifact?.length ?? 0) >= 500) return null;
  const id = Number(url?.slice(url.lastIndexOf('/artifacts/') + '/artifacts/'.length));
  return url?.includes('/artifacts/') === true && Number.isSafeInteger(id) ? id : null;
}

function readOf(artifact: string, content: string | null) {
  const kept = parseKept(content);
  const hides = 'refused' in kept && kept.hides_others === true ? { hides_others: true } : {};
  return { ...criterionValues(artifact, kept), ...hides };
}

function withSteps(steps: readonly JobStep[] | undefined): Pick<Signal, 'steps'> {
  return steps === undefined ? {} : { steps };
}

/**
 * The events that a pull request's own runs have. Any other may run something else than what the pull request holds, at a
 * time that somebody else chooses. docs/github.md#runs-jobs-and-attempts
 */
export const OWN_EVENTS: ReadonlySet<string> = new Set(['pull_request', 'push', 'merge_group']);

/** Which workflow made it, as far as that decides whether it counts. */
function placeOf({ workflow_path, event }: { workflow_path: string | null; event: string | null }) {
  return {
    is_unknown: workflow_path === null || event === null,
    foreign_event: event === null || OWN_EVENTS.has(event) ? null : event,
  };
}
