// Where work is done alone: what was under way when a process ended, and what belongs to somebody whose work has ended one
// twice.
import { Rejected, Transient } from '../../model/errors.ts';
import type { Work } from './messages.ts';
import {
  type EndOfProcess,
  ProcessEnded,
  type ProcessOptions,
  type RunningProcess,
  startProcess,
} from './running-process.ts';
import { tenantsOf } from './tenant.ts';

/** Nothing but the work itself is to blame for such an end. */
export type Blamed = ProcessEnded & { readonly end: Exclude<EndOfProcess, 'no start'> };

export interface LoneLaneOptions extends ProcessOptions {
  /** Called with work that was stopped; `final`: it was alone, and is given up. */
  readonly observe: (queue: Work['queue'], why: Blamed['end'], final: boolean) => void;
}

interface Waiting {
  readonly work: Work;
  readonly done: PromiseWithResolvers<unknown>;
}

/** How long whoever had work given up has all other work done alone. */
const CONVICTION_MS = 10 * 60_000;

/**
 * 1. One piece of work after the other; whose work was done here least goes first, so that nobody waits behind a flood.
 * 2. What ends its process by processor time or memory is `Rejected`. A crash is an error like any other, for it may have
 *    come from outside.
 * 3. Whoever had work given up is convicted for ten minutes: the rest of theirs that waits here is put off, and of what
 *    comes one at a time is let in, so that it takes nobody's place in the queues.
 */
export class LoneLane {
  readonly #options: LoneLaneOptions;
  readonly #convictedUntil = new Map<string, number>();
  readonly #served = new Map<string, number>();
  #waiting: readonly Waiting[] = [];
  #running: Work | null = null;
  #process: RunningProcess | null = null;
  #isClosed = false;

  constructor(options: LoneLaneOptions) {
    this.#options = options;
  }

  /** Does the work with nothing beside it in its process; throws `Transient` where its turn would come too late. */
  async run(work: Work): Promise<unknown> {
    if (this.#isClosed) throw stopping();
    const taken = [...this.#waiting.map((one) => one.work), ...(this.#running === null ? [] : [this.#running])];
    if (this.isConvicted(work) && taken.some((one) => areOfOneTenant(one, work))) throw putOff();
    const done = Promise.withResolvers<unknown>();
    this.#waiting = [...this.#waiting, { work, done }];
    void this.#next();
    return done.promise;
  }

  /** Whether something of the same installation or repository was given up a moment ago. */
  isConvicted(work: Work): boolean {
    return tenantsOf(work).some((tenant) => (this.#convictedUntil.get(tenant) ?? 0) > performance.now());
  }

  /** Ends what runs, whatever it is at; what waits is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { done } of this.#waiting) done.reject(stopping());
    this.#waiting = [];
    await this.#process?.end();
  }

  async #next(): Promise<void> {
    const [first] = this.#waiting.toSorted((one, other) => this.#servedOf(one.work) - this.#servedOf(other.work));
    if (this.#running !== null || first === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== first);
    this.#running = first.work;
    for (const tenant of tenantsOf(first.work)) this.#served.set(tenant, (this.#served.get(tenant) ?? 0) + 1);
    await this.#do(first.work).then(first.done.resolve, first.done.reject);
    this.#running = null;
    if (this.#waiting.length > 0) return this.#next();
    this.#served.clear();
    const idle = this.#process;
    this.#process = null;
    await idle?.end();
  }

  async #do(work: Work): Promise<unknown> {
    const { observe, log, settings } = this.#options;
    if (this.#process === null || !this.#process.isRunning()) this.#process = startProcess(this.#options);
    try {
      return await this.#process.run(work);
    } catch (thrown) {
      if (this.#isClosed || !isBlamed(thrown)) throw withoutProcess(thrown);
      observe(work.queue, thrown.end, true);
      const about = { alert: 'work given up', ...nameOf(work), why: thrown.end, err: thrown };
      log.error(about, 'work ended the process that did it alone, too; it is given up');
      this.#convict(work);
      throw givenUp(thrown, settings.processorMs);
    }
  }

  #convict(work: Work): void {
    for (const tenant of tenantsOf(work)) this.#convictedUntil.set(tenant, performance.now() + CONVICTION_MS);
    const theirs = this.#waiting.filter((one) => areOfOneTenant(one.work, work));
    this.#waiting = this.#waiting.filter((one) => !theirs.includes(one));
    for (const { done } of theirs) done.reject(putOff());
  }

  #servedOf(work: Work): number {
    return Math.max(0, ...tenantsOf(work).map((tenant) => this.#served.get(tenant) ?? 0));
  }
}

function areOfOneTenant(one: Work, other: Work): boolean {
  const tenants = new Set(tenantsOf(other));
  return tenantsOf(one).some((tenant) => tenants.has(tenant));
}

function stopping(): Transient {
  return new Transient('not done: CodeRed is stopping');
}

function putOff(): Transient {
  return new Transient(
    'put off: something else of the same installation or repository was given up, and is followed one by one',
  );
}

/** Whether work that was under way in a process may have ended it. */
export function isBlamed(thrown: unknown): thrown is Blamed {
  return thrown instanceof ProcessEnded && thrown.end !== 'no start';
}

/** A process that does not begin, or that is ended with ours, says nothing of the work. */
export function withoutProcess(thrown: unknown): unknown {
  return thrown instanceof ProcessEnded ? new Transient(thrown.message, { cause: thrown }) : thrown;
}

function givenUp({ end, message }: Blamed, processorMs: number): Error {
  if (end === 'crash') return new Error(message);
  const limit = end === 'memory' ? 'the memory of its process' : `${processorMs / 1_000} s of processor time`;
  return new Rejected(`It took more than ${limit} twice, the second time alone; a person has to look at it`);
}

/** What the log calls work by. */
export function nameOf(work: Work): object {
  switch (work.queue) {
    case 'deliveries':
      return { queue: work.queue, guid: work.delivery.guid, event: work.delivery.event };
    case 'jobs':
      return { queue: work.queue, followUp: work.followUp.id, kind: work.followUp.kind };
    case 'publications':
      return { queue: work.queue, publication: work.claimed.id };
    default:
      return work satisfies never;
  }
}
