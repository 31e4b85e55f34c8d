// What goes over the control socket of a data directory: one line of JSON there, one back, and the connection ends. Pure.
// While the answer is made spaces come before it, so that whoever waits knows that somebody is there.

import { z } from 'zod';
import { Misconfigured, Rejected, Transient } from '../../model/errors.ts';

/** Which migrations and which seed the database has, as the process that brought it there knows; no function of the database. */
export const SERVED_SCHEMA = 'served_schema' as const;

/** What commands ask beside a running server, and nothing else is let in. */
const CONTROL_CALLS = [
  SERVED_SCHEMA,
  ...([
    'inbox_status',
    'dead_deliveries',
    'replay_deliveries',
    'replayable_deliveries',
    'kept_out_installations_now',
    'gate_health',
  ] as const),
  ...(['request_backfill', 'take_backfill', 'note_backfill', 'release_backfill', 'list_backfills'] as const),
  ...(['repositories_of', 'receive_deliveries', 'read_budget', 'note_budget', 'pause_installation'] as const),
  ...(['list_failures_of', 'read_verdict'] as const),
  ...(['upsert_agents', 'find_repository', 'read_gate_commit', 'read_policy_facts'] as const),
  ...(['budget_status', 'missed_status', 'lost_deliveries', 'sweep_status'] as const),
  ...(['queue_status', 'dead_follow_ups', 'replay_follow_ups', 'list_pattern_use'] as const),
  ...(['prunable', 'prune_deliveries', 'prune_excerpts', 'prune_agent_runs', 'prune_gate_payloads'] as const),
  ...(['prune_follow_ups', 'prune_green_logs', 'prune_sign_ins', 'prune_test_days', 'prune_test_results'] as const),
  ...(['due_runs', 'prune_runs', 'due_artifacts', 'prune_artifacts', 'recount_excerpts'] as const),
  ...(['ensure_event_months', 'event_months_due', 'event_months_missing'] as const),
  ...(['read_event_month', 'close_event_month'] as const),
  ...(['erasure_due', 'erasure_of_repository', 'erasure_of_org', 'erasure_counts'] as const),
  ...(['erasable_objects', 'erase_rows', 'finish_erasure', 'call_as', 'call_as_once'] as const),
  ...(['ensure_person', 'find_person', 'set_member', 'list_members', 'remove_member'] as const),
  ...(['create_token', 'list_tokens', 'revoke_token'] as const),
];

/** A file of agents is the largest that a command sends; a month of events is read in pages. */
export const REQUEST_BYTES = 4 * 1024 * 1024;
export const ANSWER_BYTES = 64 * 1024 * 1024;

const request = z.strictObject({ call: z.enum(CONTROL_CALLS), args: z.record(z.string(), z.json()) });
export type ControlRequest = z.output<typeof request>;

const answer = z.union([
  z.strictObject({ answer: z.json() }),
  z.strictObject({
    error: z.strictObject({
      kind: z.enum(['transient', 'rejected', 'misconfigured']),
      message: z.string(),
      code: z.string(),
    }),
  }),
]);

/** The request in a line; null when it is none. */
export function readRequest(line: string): ControlRequest | null {
  return request.safeParse(parsed(line)).data ?? null;
}

/** What was answered in a line; throws what the call threw over there, and Transient when the line is no answer. */
export function readAnswer(line: string): unknown {
  const read = answer.safeParse(parsed(line)).data;
  if (read === undefined) throw new Transient('the running CodeRed gave no answer that can be read');
  if ('answer' in read) return read.answer;
  const { kind, message, code } = read.error;
  if (kind === 'transient') throw new Transient(message);
  throw kind === 'rejected' ? new Rejected(message, { code }) : new Misconfigured(message);
}

/** An error as a line; what is not ours is sent as passing, without its text. */
export function errorLine(thrown: unknown): string {
  const [kind, message] =
    thrown instanceof Rejected
      ? ['rejected', thrown.message]
      : thrown instanceof Misconfigured
        ? ['misconfigured', thrown.message]
        : ['transient', thrown instanceof Transient ? thrown.message : 'the call failed; see the log of CodeRed'];
  const code = thrown instanceof Rejected ? String(thrown.code) : '';
  return JSON.stringify({ error: { kind, message, code } });
}

/** Of what is no request. */
export const REFUSAL = errorLine(
  new Misconfigured(
    'The running CodeRed does not answer this question beside its own work. Run the same version for commands, or stop it first.',
  ),
);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
