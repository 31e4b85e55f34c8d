// Work that one process of all does from time to time: whoever has the turn keeps it under a lease, and a process that dies leaves it to
// another within half a minute.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import { asError, Transient } from '../model/errors.ts';
import { storableError } from '../queue/storable-error.ts';

export interface ChoreOptions {
  readonly brain: Pick<Brain, 'call'>;
  /** Names the chore in the database and in the log. */
  readonly name: string;
  /** A name that no other process has. */
  readonly worker: string;
  /** From the begin of one turn to the begin of the next. */
  readonly everyMs: number;
  /** Before this process looks for the first time. */
  readonly firstMs: number;
  /** How often it is looked whether the turn is free. */
  readonly lookMs: number;
  readonly leaseSeconds: number;
  readonly log: Logger;
  /** One turn; may run again at once when it is cut short, and stops soon after `stop` is aborted: somebody else has the turn by then. */
  readonly work: (stop: AbortSignal) => Promise<unknown>;
}

export interface Chore {
  /** Has a turn that is under way end, and waits for it. */
  readonly stop: () => Promise<void>;
}

/** Starts to look for turns. What a turn throws is logged, kept with the chore, and tried again at the next turn. */
export function startChore(options: ChoreOptions): Chore {
  const ending = new AbortController();
  const turns = async () => {
    let pauseMs = options.firstMs;
    while (await rested(pauseMs, ending.signal)) {
      pauseMs = options.lookMs;
      await lookOnce(options, ending.signal).catch((thrown: unknown) => {
        // The database is out of reach, which others say loudly enough.
        options.log.debug({ err: asError(thrown), chore: options.name }, 'it is not known whose turn a chore is');
      });
    }
  };
  const running = turns();
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}

/** False when it is to stop. */
function rested(ms: number, signal: AbortSignal): Promise<boolean> {
  return wait(ms, true, { signal, ref: false }).catch(() => false);
}

async function lookOnce(options: ChoreOptions, ending: AbortSignal): Promise<void> {
  const { brain, name: chore, worker, leaseSeconds: lease_seconds, everyMs, log } = options;
  if (!(await brain.call('take_chore', { chore, worker, lease_seconds }))) return;
  const began = performance.now();
  const thrown = await turn(options, ending).then(() => null, asError);
  // Cut off by us, which is no failure.
  const failure = ending.aborted ? null : thrown;
  const waitMs = failure instanceof Transient ? failure.retryAfterMs : null;
  if (failure !== null) {
    const isExpected = failure instanceof Transient && (failure.isExpected || waitMs !== null);
    log[isExpected ? 'debug' : 'warn']({ err: failure, chore }, 'a chore failed; it is tried again');
  }
  const due_ms = Math.round(Math.max(everyMs - (performance.now() - began), waitMs ?? 0, 0));
  // Ended before it was done: whoever is there goes on at once.
  const due = ending.aborted ? 0 : due_ms;
  await brain.call('finish_chore', {
    ...{ chore, worker, due_ms: due },
    ...(failure === null ? {} : { error: storableError(failure) }),
  });
}

/** Does the work, and holds on to the turn meanwhile. */
async function turn(
  { brain, name: chore, worker, leaseSeconds, work }: ChoreOptions,
  ending: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const keep = async () => {
    const isOurs = await brain.call('keep_chore', { chore, worker, lease_seconds: leaseSeconds }).catch(() => true);
    if (!isOurs) gone.abort();
  };
  const timer = setInterval(keep, (leaseSeconds * 1_000) / 4);
  timer.unref();
  try {
    await work(AbortSignal.any([ending, gone.signal]));
  } finally {
    clearInterval(timer);
  }
}
