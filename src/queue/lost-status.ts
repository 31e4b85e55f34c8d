// What is missing of GitHub's deliveries, and how many requests GitHub still takes.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';

const missedStatus = z.object({
  /** Listed by GitHub, not done here, and asked for. */
  missed: z.int(),
  /** Given up in the last 30 days. */
  lost: z.int(),
  oldest_seconds: z.number().nullable(),
  /** Everything that was delivered before is settled; GitHub's clock, null before the list was read. */
  settled_to: z.string().nullable(),
  /** How long ago the list was read to its end; null: never. */
  listed_seconds: z.number().nullable(),
  /** Why GitHub does not give the list. */
  refused: z.string().nullable(),
  /** What GitHub is to be asked for in the place of lost deliveries. */
  sweeps: z.int(),
});
export type MissedStatus = z.output<typeof missedStatus>;

const budgetStatus = z.array(
  z.object({
    /** 0: the App itself. */
    installation_id: z.int(),
    account_login: z.string().nullable(),
    request_limit: z.int().nullable(),
    /** Null: unknown. */
    remaining: z.int().nullable(),
    resets_seconds: z.int().nullable(),
    /** Null: no pause. */
    paused_seconds: z.int().nullable(),
  }),
);
export type BudgetStatus = z.output<typeof budgetStatus>;

const sweepStatus = z.object({
  /** What GitHub is still asked for, as nothing told of it. */
  waiting: z.int(),
  /** What it was asked for in vain. */
  given_up: z.int(),
  /** The last of those, five at most. */
  examples: z.array(z.object({ repository: z.string(), kind: z.string(), subject: z.string(), reason: z.string() })),
});
export type SweepStatus = z.output<typeof sweepStatus>;

/** All of them; `MOST` installations at the most, the most pressing first. */
export interface GithubStatus {
  readonly missed: MissedStatus;
  readonly budgets: BudgetStatus;
  readonly sweep: SweepStatus;
}

const MOST = 1_000;

/** Asks the database; throws what `brain.call` throws, `Transient` also when it does not answer within `withinMs`. */
export async function readGithubStatus(brain: Pick<Brain, 'call'>, withinMs: number): Promise<GithubStatus> {
  const signal = AbortSignal.timeout(withinMs);
  const [missed, budgets, sweep] = await Promise.all([
    brain.call('missed_status', {}, { signal }),
    brain.call('budget_status', { batch: MOST }, { signal }),
    brain.call('sweep_status', {}, { signal }),
  ]);
  return {
    missed: missedStatus.parse(missed),
    budgets: budgetStatus.parse(budgets),
    sweep: sweepStatus.parse(sweep),
  };
}

const lostDeliveries = z.array(
  z.object({
    guid: z.string(),
    event: z.string(),
    action: z.string().nullable(),
    repository: z.string().nullable(),
    reason: z.string(),
  }),
);

/** The deliveries that were lost last, `batch` at most; throws like `readGithubStatus`. */
export async function readLostDeliveries(brain: Pick<Brain, 'call'>, batch: number) {
  return lostDeliveries.parse(await brain.call('lost_deliveries', { batch }));
}
