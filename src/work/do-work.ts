// Does one piece of work from claim to end: keeps its lease, lets the agent try, hands over what it made or says why there is nothing.

import { Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { saidText } from '../text/storable-text.ts';
import { type HeldLease, holdLease } from './hold-lease.ts';
import type { Patience } from './patience.ts';
import { addUsage } from './said-lines.ts';
import { Unfit, type WorkApi } from './work-api.ts';
import type { Agent, Outcome, Usage, WorkPacket } from './work-packet.ts';

/** What came of a piece of work. */
export type Ending =
  | { readonly kind: 'completed' | 'asked' }
  /** `why` in words; the server has them too. */
  | { readonly kind: 'failed' | 'given back'; readonly why: string }
  /** Nothing of it counts: the server said to stop, or it is somebody else's now, or the server can't be reached. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'lost'; readonly why: string };

/** Who does it, and how. */
export interface WorkDeps {
  readonly api: WorkApi;
  readonly agent: Agent;
  /** How often an agent is let try, where it can mend what is wrong. */
  readonly attempts: number;
  /** Aborted when the worker is to end: then the work is given back. */
  readonly stop: AbortSignal;
  readonly onLine: (packet: WorkPacket, line: string) => void;
  readonly onProgress: (packet: WorkPacket, progress: number, note: string | null) => void;
}

/** Handing over what cost money is tried for long; a worker that is to end does not stay for it. */
const HAND_OVER_MS = 600_000;
const GIVE_BACK_MS = 20_000;
const ERROR_UNITS = 4_000;

/** Resolves when nothing of it is under way any more. Throws Misconfigured, after the work was given back, for what would meet all other work too. */
export async function doWork(packet: WorkPacket, deps: WorkDeps): Promise<Ending> {
  const lease = holdLease(deps.api, packet);
  const startedAt = performance.now();
  const close = makeClose(packet, deps, () => Math.round(performance.now() - startedAt));
  try {
    return await tryUntilDone(packet, { deps, lease, close });
  } catch (error) {
    if (!(error instanceof Misconfigured || error instanceof Transient)) throw error;
    const ending = await close.giveBack(error.message, {});
    if (error instanceof Misconfigured) throw error;
    return ending;
  } finally {
    await lease.release();
  }
}

interface Course {
  readonly deps: WorkDeps;
  readonly lease: HeldLease;
  readonly close: Close;
}

async function tryUntilDone(packet: WorkPacket, { deps, lease, close }: Course): Promise<Ending> {
  const stop = AbortSignal.any([lease.halted, deps.stop]);
  let spent: Usage = {};
  let problems: readonly string[] = [];
  for (let attempt = 1; ; attempt++) {
    if (deps.stop.aborted) return close.giveBack('The worker was stopped before the work was done', spent);
    const outcome = await deps.agent(packet, {
      problems,
      stop,
      onLine: (line) => deps.onLine(packet, line),
      onProgress: (progress, note) => {
        // Agents say by mistake what is secret.
        const told = { progress, note: note === null ? null : saidText(note, NOTE_UNITS) };
        deps.onProgress(packet, told.progress, told.note);
        lease.tell(told);
      },
    });
    spent = addUsage(spent, outcome.usage);
    if (lease.halted.aborted) return lease.halt() === 'cancelled' ? close.cancel(spent) : LOST;
    if (deps.stop.aborted && outcome.kind === 'failed') continue;
    const handed = await close.hand(outcome, spent);
    if ('kind' in handed) return handed;
    problems = handed.problems;
    const why = `What the agent gave does not fit, after ${attempt} ${attempt === 1 ? 'try' : 'tries'}: ${problems.join('; ')}`;
    if (attempt >= deps.attempts) return close.fail(why, { isFinal: false, spent });
  }
}

const NOTE_UNITS = 500;

const LOST: Ending = { kind: 'lost', why: 'the lease is over, or somebody else has it' };

/** What is said to the server at the end. */
interface Close {
  /** Problems: the agent may try again. */
  readonly hand: (outcome: Outcome, spent: Usage) => Promise<Ending | { readonly problems: readonly string[] }>;
  readonly fail: (why: string, how: { readonly isFinal: boolean; readonly spent: Usage }) => Promise<Ending>;
  readonly giveBack: (why: string, spent: Usage) => Promise<Ending>;
  /** After the server said to stop: what it took is written down all the same. */
  readonly cancel: (spent: Usage) => Promise<Ending>;
}

interface Terms {
  readonly patience: () => Patience;
  readonly usageOf: (spent: Usage) => object;
}

/** What is said of work that was not done; gives why, without secrets. */
function makeUndone(packet: WorkPacket, { api, stop }: WorkDeps, { patience, usageOf }: Terms) {
  const telling = async (how: 'fail' | 'release', told: object, spent: Usage) => {
    try {
      await api[how](packet, { ...told, usage: usageOf(spent) }, patience());
    } catch (thrown) {
      // How it ended counts more than what it says it took.
      if (!(thrown instanceof Unfit)) throw thrown;
      await api[how](packet, { ...told, usage: usageOf({}) }, patience());
    }
  };
  const failing = async (why: string, isFinal: boolean, spent: Usage) => {
    const error = saidText(why, ERROR_UNITS);
    await telling('fail', { error, is_final: isFinal }, spent);
    return error;
  };
  /** A worker that is to end has not tried; one whose program or model is not there has, and says why. */
  const givingBack = async (why: string, spent: Usage) => {
    if (!stop.aborted) return await failing(why, false, spent);
    await telling('release', {}, spent);
    return saidText(why, ERROR_UNITS);
  };
  return { failing, givingBack };
}

function makeClose(packet: WorkPacket, deps: WorkDeps, durationMs: () => number): Close {
  const { api } = deps;
  const never = new AbortController().signal;
  const patience = (): Patience => ({ forMs: deps.stop.aborted ? GIVE_BACK_MS : HAND_OVER_MS, stop: never });
  const usageOf = (spent: Usage) => ({ ...spent, duration_ms: durationMs() });
  const { failing, givingBack } = makeUndone(packet, deps, { patience, usageOf });
  const failed = (why: string, isFinal: boolean, spent: Usage) => async (): Promise<Ending> => ({
    kind: 'failed',
    why: await failing(why, isFinal, spent),
  });
  const handOver = async (outcome: Exclude<Outcome, { kind: 'failed' }>, spent: Usage): Promise<Ending> => {
    if (outcome.kind === 'asks') {
      const { status } = await api.ask(packet, outcome.questions, patience());
      return { kind: status === 'cancelled' ? 'cancelled' : 'asked' };
    }
    const done = { result: outcome.result, usage: usageOf(spent) };
    const { status, problems = [] } = await api.complete(packet, done, patience());
    if (status === 'cancelled') return { kind: 'cancelled' };
    // Handed in, and not good enough: what it has to meet is checked by the server when a stage ends, as is what it cost.
    return NOT_MET.includes(status) ? { kind: 'failed', why: problemWords(problems) } : { kind: 'completed' };
  };
  return {
    hand: (outcome, spent) =>
      unlessGone<Ending | { readonly problems: readonly string[] }>(async () => {
        if (outcome.kind !== 'failed') return await handOver(outcome, spent).catch(problemsOf);
        if (outcome.mayTryAgain) return { problems: [outcome.error] };
        return await failed(outcome.error, outcome.isFinal, spent)();
      }),
    fail: (why, { isFinal, spent }) => unlessGone(failed(why, isFinal, spent)),
    giveBack: (why, spent) =>
      unlessGone<Ending>(async () => ({ kind: 'given back', why: await givingBack(why, spent) })),
    cancel: async (spent) => {
      await unlessGone(() => failing('The work was stopped, as the server asked for', false, spent));
      return { kind: 'cancelled' };
    },
  };
}

/** Throws what is none. */
function problemsOf(thrown: unknown): { readonly problems: readonly string[] } {
  if (thrown instanceof Unfit) return { problems: thrown.problems };
  throw thrown;
}

const NOT_MET: readonly string[] = ['failed', 'error'];

function problemWords(problems: readonly unknown[]): string {
  return problems.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('; ');
}

/** Work that is not ours any more, and a server that stays away, are ways for work to end. */
async function unlessGone<Given>(act: () => Promise<Given>): Promise<Given | { kind: 'lost'; why: string }> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Rejected || error instanceof Transient) return { kind: 'lost', why: error.message };
    throw error;
  }
}
