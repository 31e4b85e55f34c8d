// The `workflow_job` event: one job of one attempt, and the stub of the run it belongs to. Pure.

import { z } from 'zod';
import type { CiEventFact, CiJobFact, JobStep, Normalised } from '../../model/facts.ts';
import { optionalText, optionalWebUrl, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { ciState } from '../fields/ci-status.ts';
import { facts } from '../fields/facts.ts';
import { id, ordinal, sha } from '../fields/identity.ts';
import { eventName, parsePayload, rejectMissing } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { claimedTimestamp, optionalTimestamp } from '../fields/timestamp.ts';

const MOST_STEPS = 1_000;
const MOST_LABELS = 100;

const stepTime = claimedTimestamp.nullish().transform((time) => time ?? null);
const step = z.object({
  number: ordinal,
  name: text(TEXT_LIMITS.name),
  status: text(TEXT_LIMITS.word),
  conclusion: optionalText(TEXT_LIMITS.word),
  started_at: stepTime,
  completed_at: stepTime,
});

const workflowJob = z.object({
  id,
  run_id: id,
  // GitHub Enterprise Server before 3.3 has no attempts; some of its versions name neither workflow nor branch.
  run_attempt: ordinal.default(1),
  workflow_name: optionalText(TEXT_LIMITS.name),
  head_branch: optionalText(TEXT_LIMITS.name),
  head_sha: sha,
  name: text(TEXT_LIMITS.name),
  status: optionalText(TEXT_LIMITS.word),
  conclusion: optionalText(TEXT_LIMITS.word),
  created_at: optionalTimestamp,
  started_at: optionalTimestamp,
  completed_at: optionalTimestamp,
  runner_name: optionalText(TEXT_LIMITS.name),
  labels: z.array(text(TEXT_LIMITS.name)).nullish(),
  steps: z.array(step).nullish(),
  html_url: optionalWebUrl,
});

const workflowJobEvent = z.object({ ...originFields, workflow_job: workflowJob });

type WorkflowJob = z.output<typeof workflowJob>;

/** Reads a `workflow_job` event. */
export function normaliseWorkflowJob(payload: unknown): Normalised {
  const event = parsePayload('workflow_job', workflowJobEvent, payload);
  const job = event.workflow_job;
  const time =
    job.completed_at ??
    job.started_at ??
    job.created_at ??
    rejectMissing(eventName('workflow_job', payload), 'workflow_job.started_at', 'a timestamp');
  return facts({
    ...originFacts(event, time),
    ci_events: [runStub(job, event.repository.id)],
    ci_jobs: [ciJob(job, event.repository.id, time)],
  });
}

function ciJob(job: WorkflowJob, repositoryId: number, time: string): CiJobFact {
  const state = ciState(job.status, job.conclusion);
  return {
    repository_id: repositoryId,
    run_id: String(job.run_id),
    run_attempt: job.run_attempt,
    job_id: job.id,
    name: job.name,
    status: state.status,
    conclusion: state.conclusion,
    runner_name: job.runner_name,
    labels: (job.labels ?? []).slice(0, MOST_LABELS),
    // GitHub gives a job that waits the time at which it was queued: docs/github.md#runs-jobs-and-attempts
    started_at: state.status === 'queued' ? null : job.started_at,
    completed_at: state.finished ? job.completed_at : null,
    steps: (job.steps ?? []).slice(0, MOST_STEPS) satisfies JobStep[],
    html_url: job.html_url,
    source_updated_at: time,
  };
}

/**
 * The stub of a job's run: it says only that the run exists. Its status is the lowest one, so that it never replaces what the run's
 * own events say.
 */
function runStub(job: WorkflowJob, repositoryId: number): CiEventFact {
  return {
    provider: 'github-actions',
    repository_id: repositoryId,
    run_id: String(job.run_id),
    run_attempt: job.run_attempt,
    workflow_name: job.workflow_name ?? String(job.run_id),
    workflow_path: null,
    branch: job.head_branch,
    head_repository_id: null,
    commit_sha: job.head_sha,
    status: 'queued',
    conclusion: null,
    trigger: 'other',
    start_time: null,
    end_time: null,
    pull_request_numbers: [],
    html_url: null,
    actor: null,
    summary: null,
    source_updated_at: null,
  };
}
