// The table of operations, and how one is done as a person.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { asJson } from '../model/json.ts';
import { AGENT_OPERATIONS, MODEL_OPERATIONS } from './agents.ts';
import { FAILURE_OPERATIONS } from './failures.ts';
import { JOB_OPERATIONS } from './jobs.ts';
import { DAILY_SESSION_OPERATIONS, ROADMAP_OPERATIONS } from './learning.ts';
import type { Operation } from './operation.ts';
import { CORPUS_OPERATIONS, FILE_OPERATIONS } from './project-files.ts';
import { PROJECT_OPERATIONS } from './projects.ts';
import { TASK_OPERATIONS } from './tasks.ts';

/** All operations, in the order in which they are listed. */
export const OPERATIONS: readonly Operation[] = [
  ...FAILURE_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...TASK_OPERATIONS,
  ...JOB_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...MODEL_OPERATIONS,
  ...FILE_OPERATIONS,
  ...CORPUS_OPERATIONS,
  ...ROADMAP_OPERATIONS,
  ...DAILY_SESSION_OPERATIONS,
];

/** What an operation gave; `next` the arguments of its `page.after` for what follows, null at the end and where it is no list. */
export interface Outcome {
  readonly output: unknown;
  readonly next: Readonly<Record<string, unknown>> | null;
  /** It was done before, and this is what was answered then. */
  readonly isReplay: boolean;
}

export interface Asked {
  readonly userId: string;
  /** Has passed the operation's schema. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Done once for this key: SHA-256 of the key that the caller chose and of all that makes the request the same. */
  readonly once?: { readonly keyHash: string; readonly requestHash: string } | undefined;
}

const answeredOnce = z.object({ answer: z.unknown(), is_replay: z.boolean() });

/**
 * Does an operation as a person. Throws what `Brain.call` throws (a refusal as Rejected with its code), and a ZodError when the
 * database answers in another shape than the operation says.
 */
export async function runOperation(
  brain: Pick<Brain, 'call'>,
  { run, argumentsOf, finish, output, page }: Operation,
  { userId, input, once }: Asked,
): Promise<Outcome> {
  const given = argumentsOf(input as never);
  const call = { user_id: userId, name: run, arguments: asJson(given) };
  if (once !== undefined) {
    const { keyHash: key_hash, requestHash: request_hash } = once;
    const done = answeredOnce.parse(await brain.call('call_as_once', { ...call, key_hash, request_hash }));
    return { output: output.parse(done.answer), next: null, isReplay: done.is_replay };
  }
  const answer = await brain.call('call_as', call);
  if (page === null) {
    const finished = finish === null ? answer : await finish(answer, input as never);
    return { output: output.parse(finished), next: null, isReplay: false };
  }
  const rows = z.array(z.record(z.string(), z.unknown())).parse(answer);
  const size = Number(input.batch);
  const kept = page.more === 'ties' ? rows : rows.slice(0, size);
  const hasMore = page.more === 'ties' ? rows.length >= size : rows.length > size;
  const last = hasMore ? kept.at(-1) : undefined;
  const next =
    last && Object.fromEntries(Object.entries(page.after).map(([argument, field]) => [argument, last[field]]));
  return { output: output.parse(kept), next: next ?? null, isReplay: false };
}
