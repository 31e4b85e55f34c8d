// What the serving process and the one that does the work say to each other, as structured clones. Pure.

import type { QuotaName } from '../../brain/quotas.ts';
import type { Ignores } from '../../diagnose/patterns/ignores.ts';
import type { Delivery } from '../../model/delivery.ts';
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import type { FollowUp } from '../../model/follow-up.ts';
import type { WaitSettings } from '../../model/waits.ts';
import type { ClaimedPublication } from '../../publish/publish.ts';

/** What a working process is started with. */
export interface WorkSettings {
  readonly appId: number;
  readonly privateKey: string;
  readonly githubApiUrl: string;
  readonly logLevel: string;
  readonly writeSpacingMs: number;
  readonly ignores: Ignores;
  /** Slugs of the Apps whose checks a fork defines itself. */
  readonly untrustedCheckApps: readonly string[];
  /** Repositories whose agents are everybody's here. */
  readonly agentsRepositories: readonly string[];
  /** What a check run waits for; the defaults unless given. */
  readonly waits?: WaitSettings;
  /** Logins in lower case; null: everybody's installations are let in. */
  readonly allowedAccounts: readonly string[] | null;
  /** How much processor time may go by without the event loop turning. */
  readonly processorMs: number;
}

/** One piece of work, as the pipeline has it. */
export type Work =
  | { readonly queue: 'deliveries'; readonly delivery: Delivery }
  | { readonly queue: 'jobs'; readonly followUp: FollowUp }
  | { readonly queue: 'publications'; readonly claimed: ClaimedPublication; readonly worker: string };

/** To the process that works: what it is started with, work to do, and what the brain answered. */
export type ToWork =
  | { readonly kind: 'settings'; readonly settings: WorkSettings }
  | { readonly kind: 'do'; readonly id: number; readonly work: Work }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: Outcome };

/** From it: that it has begun, what became of work, what it asks the brain, what it has to say to log and metrics, what broke it. */
export type FromWork =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: unknown }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'quota'; readonly quota: QuotaName; readonly share: number }
  | { readonly kind: 'broken'; readonly thrown: ThrownAcross };

/** What a promise came to. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: ThrownAcross };

/** An error without its prototype, which a structured clone takes away. */
export interface ThrownAcross {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly retryAfterMs: number | null;
  readonly isExpected: boolean;
  readonly code: string | null;
  readonly cause: ThrownAcross | null;
}

/** Settles to what `work` came to; never rejects. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, thrown: takeApart(asError(thrown)) };
  }
}

/** Settles a promise on this side as it was settled there, with an error of the class that was thrown there. */
export function settle(outcome: Outcome, { resolve, reject }: PromiseWithResolvers<unknown>): void {
  if (outcome.ok) resolve(outcome.value);
  else reject(putTogether(outcome.thrown));
}

const CAUSES_KEPT = 3;

/** An error and its causes as plain objects. */
export function takeApart(error: Error, depth = 0): ThrownAcross {
  const { name, message, stack = null } = error;
  return {
    name,
    message,
    stack,
    retryAfterMs: error instanceof Transient ? error.retryAfterMs : null,
    isExpected: error instanceof Transient && error.isExpected,
    code: error instanceof Rejected ? error.code : null,
    cause: error.cause instanceof Error && depth < CAUSES_KEPT ? takeApart(error.cause, depth + 1) : null,
  };
}

function putTogether(thrown: ThrownAcross): Error {
  const error = ofClass(thrown, thrown.cause === null ? undefined : putTogether(thrown.cause));
  if (thrown.stack !== null) error.stack = thrown.stack;
  return error;
}

function ofClass({ name, message, retryAfterMs, isExpected, code }: ThrownAcross, cause: Error | undefined): Error {
  switch (name) {
    case 'Transient':
      return new Transient(message, { cause, retryAfterMs, isExpected });
    case 'Rejected':
      return new Rejected(message, { cause, code });
    case 'Misconfigured':
      return new Misconfigured(message, { cause });
    default:
      return Object.assign(new Error(message, { cause }), { name });
  }
}
