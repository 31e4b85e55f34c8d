// The table of operations, and how one is done as a person.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { asJson } from '../model/json.ts';
import { FAILURE_OPERATIONS } from './failures.ts';
import { JOB_OPERATIONS } from './jobs.ts';
import type { Operation } from './operation.ts';
import { PROJECT_OPERATIONS } from './projects.ts';
import { TASK_OPERATIONS } from './tasks.ts';

/** All operations, in the order in which they are listed. */
export const OPERATIONS: readonly Operation[] = [
  ...FAILURE_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...TASK_OPERATIONS,
  ...JOB_OPERATIONS,
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

/**
 * Does an operation as a person. Throws what `Brain.callAs` throws (a refusal as Rejected with its code), and a ZodError when the
 * database answers in another shape than the operation says.
 */
export async function runOperation(
  brain: Pick<Brain, 'callAs'>,
  { run, argumentsOf, finish, output, page }: Operation,
  { userId, input, once }: Asked,
): Promise<Outcome> {
  const given = argumentsOf(input as never);
  const { answer, isReplay } = await brain.callAs({ userId, name: run, arguments: asJson(given), once });
  if (once !== undefined) return { output: output.parse(answer), next: null, isReplay };
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
