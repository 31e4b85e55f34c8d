// What the server hands out as work, and what it answers while the work is done. Pure.

import { z } from 'zod';

const agentOfPacket = z.looseObject({
  slug: z.string().nullish(),
  model_id: z.string().nullish(),
  max_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
});

/** A job or a stage with all that is needed to do it. What is not named here is kept and handed on. */
export const workPacket = z.looseObject({
  work_id: z.string(),
  kind: z.enum(['job', 'stage']),
  type: z.string(),
  /** Goes with every call about this work: a later claim makes it void. */
  claim: z.number(),
  /** What is kept oftener than it can lapse would be asked for without end. */
  lease_seconds: z.number().min(1).max(86_400),
  prompt_packet: z.string().nullish(),
  agent: agentOfPacket.nullish(),
  result_schema: z.unknown(),
});

/** See `workPacket`. */
export type WorkPacket = z.output<typeof workPacket>;

/** The answer to a claim. */
export const claimed = z.looseObject({ work: z.array(workPacket) });

/** The answer to keeping a lease and to progress. */
export const kept = z.looseObject({ status: z.string(), stop: z.boolean() });

/** The answer to asking, completing and failing. `problems`: why the result was not kept, or what it did not meet. */
export const closed = z.looseObject({ status: z.string(), problems: z.array(z.unknown()).optional() });

/** A question of an agent to the person whose job it is; the server checks it. */
export type Question = Readonly<Record<string, unknown>>;

const count = z.int().min(0).max(2_147_483_647);

/** What the work took, as the agent says; the server takes no more than this. */
export const usage = z
  .strictObject({
    model_id: z.string().min(1).max(200),
    tokens_in: count,
    tokens_out: count,
    cost_usd: z.number().min(0).max(99_999_999),
    zones_touched: z.array(z.enum(['red', 'yellow', 'green'])).max(3),
    tools: z.array(z.string().min(1).max(200)).max(100),
    documents: z.array(z.guid()).max(100),
  })
  .partial();

/** See `usage`. */
export type Usage = z.output<typeof usage>;

/** How an agent's try at a piece of work ended. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: unknown; readonly usage: Usage }
  | { readonly kind: 'asks'; readonly questions: readonly Question[]; readonly usage: Usage }
  /** `mayTryAgain`: the agent is told `error` and tries once more before anybody else hears of it. */
  | {
      readonly kind: 'failed';
      readonly error: string;
      readonly isFinal: boolean;
      readonly mayTryAgain: boolean;
      readonly usage: Usage;
    };

/** What an agent is given beside the packet. */
export interface Try {
  /** What was wrong with its answer before this one; empty at the first try. */
  readonly problems: readonly string[];
  /** Aborted when there is no use in going on: whatever the agent returns then counts for nothing. */
  readonly stop: AbortSignal;
  /** 0 to 100, with words or without. */
  readonly onProgress: (progress: number, note: string | null) => void;
  /** A line for the person at the terminal. */
  readonly onLine: (line: string) => void;
}

/** Does one piece of work. Throws `Misconfigured` for what would meet every other piece of work too. */
export type Agent = (packet: WorkPacket, attempt: Try) => Promise<Outcome>;
