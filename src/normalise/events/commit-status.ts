// The `status` event: a commit status, the older way in which CI systems report. Pure.

import { z } from 'zod';
import type { CiEventFact, Normalised } from '../../model/facts.ts';
import type { CiStatus } from '../../model/failure.ts';
import { optionalSaid, optionalWebUrl, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { optionalLogin } from '../fields/account.ts';
import { facts } from '../fields/facts.ts';
import { sha } from '../fields/identity.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { timestamp } from '../fields/timestamp.ts';

/** docs/github.md#check-runs; a state new to us counts as failed, as an unknown conclusion does. */
const STATES: ReadonlyMap<string, CiStatus> = new Map([
  ['pending', 'running'],
  ['success', 'succeeded'],
  ['failure', 'failed'],
  ['error', 'failed'],
]);

const statusEvent = z.object({
  ...originFields,
  sha,
  context: text(TEXT_LIMITS.name),
  state: text(TEXT_LIMITS.word),
  description: optionalSaid(TEXT_LIMITS.description),
  target_url: optionalWebUrl,
  branches: z.array(z.object({ name: text(TEXT_LIMITS.name) })).nullish(),
  created_at: timestamp,
  updated_at: timestamp,
  sender: optionalLogin,
});

/** Reads a `status` event. The same context on the same commit is the same row. */
export function normaliseStatus(payload: unknown): Normalised {
  const event = parsePayload('status', statusEvent, payload);
  return facts({ ...originFacts(event, event.updated_at), ci_events: [ciEvent(event)] });
}

function ciEvent(event: z.output<typeof statusEvent>): CiEventFact {
  const status = STATES.get(event.state) ?? 'failed';
  const finished = status !== 'running';
  return {
    provider: 'github-status',
    repository_id: event.repository.id,
    run_id: `${event.sha}:${event.context}`,
    run_attempt: 1,
    workflow_name: event.context,
    workflow_path: null,
    branch: event.branches?.[0]?.name ?? null,
    head_repository_id: null,
    commit_sha: event.sha,
    status,
    conclusion: finished ? event.state : null,
    trigger: 'other',
    start_time: event.created_at,
    end_time: finished ? event.updated_at : null,
    pull_request_numbers: [],
    html_url: event.target_url,
    actor: event.sender,
    summary: event.description,
    source_updated_at: event.updated_at,
  };
}
