// The `workflow_run` event: one attempt of a GitHub Actions run. Pure.

import { z } from 'zod';
import type { CiEventFact, Normalised } from '../../model/facts.ts';
import { optionalText, optionalWebUrl, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { optionalLogin } from '../fields/account.ts';
import { ciState, ciTrigger } from '../fields/ci-status.ts';
import { facts } from '../fields/facts.ts';
import { id, ordinal, sha } from '../fields/identity.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { pullRequestNumbers, pullRequestReferences } from '../fields/pull-request-reference.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { optionalTimestamp, timestamp } from '../fields/timestamp.ts';

const workflowRun = z.object({
  id,
  name: optionalText(TEXT_LIMITS.name),
  path: optionalText(TEXT_LIMITS.name),
  // GitHub Enterprise Server before 3.3 has neither attempts nor their start.
  run_attempt: ordinal.default(1),
  run_started_at: optionalTimestamp,
  created_at: optionalTimestamp,
  updated_at: timestamp,
  event: text(TEXT_LIMITS.word),
  status: optionalText(TEXT_LIMITS.word),
  conclusion: optionalText(TEXT_LIMITS.word),
  head_branch: optionalText(TEXT_LIMITS.name),
  head_sha: sha,
  // Null once the fork is deleted.
  head_repository: z.object({ id }).nullish(),
  pull_requests: pullRequestReferences,
  html_url: optionalWebUrl,
  actor: optionalLogin,
  triggering_actor: optionalLogin,
});

const workflow = z.object({ name: optionalText(TEXT_LIMITS.name), path: optionalText(TEXT_LIMITS.name) });

const workflowRunEvent = z.object({ ...originFields, workflow_run: workflowRun, workflow: workflow.nullish() });

type WorkflowRunEvent = z.output<typeof workflowRunEvent>;

/** Reads a `workflow_run` event: each attempt is a row of its own. */
export function normaliseWorkflowRun(payload: unknown): Normalised {
  const event = parsePayload('workflow_run', workflowRunEvent, payload);
  return facts({ ...originFacts(event, event.workflow_run.updated_at), ci_events: [ciEvent(event)] });
}

function ciEvent(event: WorkflowRunEvent): CiEventFact {
  const run = event.workflow_run;
  const state = ciState(run.status, run.conclusion);
  const trigger = ciTrigger(run.event);
  const path = workflowPath(run.path ?? event.workflow?.path ?? null);
  return {
    provider: 'github-actions',
    repository_id: event.repository.id,
    run_id: String(run.id),
    run_attempt: run.run_attempt,
    workflow_name: run.name ?? event.workflow?.name ?? path ?? String(run.id),
    workflow_path: path,
    branch: run.head_branch,
    head_repository_id: run.head_repository?.id ?? null,
    commit_sha: run.head_sha,
    status: state.status,
    conclusion: state.conclusion,
    trigger,
    event: run.event === trigger && trigger !== 'other' ? undefined : run.event || 'unknown',
    start_time: run.run_started_at ?? run.created_at,
    end_time: state.finished ? run.updated_at : null,
    pull_request_numbers: pullRequestNumbers(run.pull_requests, event.repository.id),
    html_url: run.html_url,
    actor: run.triggering_actor ?? run.actor,
    summary: null,
    source_updated_at: run.updated_at,
  };
}

const FOLDER = '.github/workflows/';

/**
 * The path of the workflow file, without the ref that GitHub adds for workflows that a ruleset requires
 * (`.github/workflows/ci.yml@refs/heads/main`). A file can itself be called `ci.yml@x.yml`: what can be the name of a file is kept.
 * GitHub runs no workflow from a folder below. Null when the payload has no path.
 */
function workflowPath(path: string | null): string | null {
  if (path === null || !path.startsWith(FOLDER)) return path;
  const [name = '', ...rest] = path.slice(FOLDER.length).split('/');
  if (rest.length === 0 && /\.ya?ml$/.test(name)) return path;
  const end = Math.max(...['.yml', '.yaml'].map((ending) => endOf(name, ending)));
  return end < 0 ? path : FOLDER + name.slice(0, end);
}

/** Where the last `ending` before a ref ends; -1 where there is none. */
function endOf(name: string, ending: string): number {
  const at = name.lastIndexOf(`${ending}@`);
  return at < 0 ? -1 : at + ending.length;
}
