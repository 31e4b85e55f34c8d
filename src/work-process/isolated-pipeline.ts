// The pipeline as the loops see it, with the work done in a process that can be stopped: one piece of work that never comes
// to an end holds up neither the door nor, for long, the other work. server.ts makes it.
import { type Json, Rejected, Transient } from '../model.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Outcome as PublicationOutcome } from '../publish/outcome.ts';
import type { Work } from './messages.ts';
import {
  type EndOfProcess,
  ProcessEnded,
  type ProcessOptions,
  type RunningProcess,
  startProcess,
} from './running-process.ts';

export interface IsolatedPipeline extends Pipeline {
  /** Ends the process, whatever it is at. */
  readonly close: () => Promise<void>;
}

export interface IsolatedPipelineOptions extends ProcessOptions {
  /** Told of work that was stopped; `final`: it was alone, and is given up. */
  readonly observe: (queue: Work['queue'], why: Blamed['end'], final: boolean) => void;
}

/** Nothing but the work itself is to blame for such an end. */
type Blamed = ProcessEnded & { readonly end: Exclude<EndOfProcess, 'no start'> };

/**
 * 1. All work shares one process. When that ends (processor time, memory, a crash) a new one takes its place.
 * 2. What was under way in it is done once more, one after the other, with nothing beside it in its process.
 * 3. What then ends its process by processor time or memory is `Rejected`: it is dead, and told so loudly. A crash is an
 *    error like any other, for it may have come from outside.
 */
export function startIsolatedPipeline(options: IsolatedPipelineOptions): IsolatedPipeline {
  const { log, observe } = options;
  const alone = oneAtATime(options);
  let shared = startProcess(options);
  let isClosed = false;

  const run = async (work: Work): Promise<unknown> => {
    if (!shared.isRunning() && !isClosed) shared = startProcess(options);
    try {
      return await shared.run(work);
    } catch (thrown) {
      if (isClosed || !isBlamed(thrown)) throw withoutProcess(thrown);
      observe(work.queue, thrown.end, false);
      const about = { alert: 'work stopped', ...nameOf(work), why: thrown.end, err: thrown };
      log.warn(about, 'the process of this work ended; the work is done once more, alone');
      return alone.run(work);
    }
  };

  return {
    process: async (delivery) => {
      await run({ queue: 'deliveries', delivery });
    },
    work: async (followUp) => (await run({ queue: 'jobs', followUp })) as Json,
    publish: async (claimed, worker) =>
      (await run({ queue: 'publications', claimed, worker })) as PublicationOutcome['kind'],
    close: async () => {
      isClosed = true;
      await Promise.all([shared.end(), alone.close()]);
    },
  };
}

/** A process for what is to be done alone; it is there as long as there is such work. */
function oneAtATime(options: IsolatedPipelineOptions) {
  const { log, observe, settings } = options;
  let lone: RunningProcess | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let queued = 0;
  let isClosed = false;

  const runNow = async (work: Work): Promise<unknown> => {
    if (isClosed) throw new Transient('not done: CodeRed is stopping');
    if (lone === null || !lone.isRunning()) lone = startProcess(options);
    try {
      return await lone.run(work);
    } catch (thrown) {
      if (isClosed || !isBlamed(thrown)) throw withoutProcess(thrown);
      observe(work.queue, thrown.end, true);
      const about = { alert: 'work given up', ...nameOf(work), why: thrown.end, err: thrown };
      log.error(about, 'work ended the process that did it alone, too; it is given up');
      throw givenUp(thrown, settings.processorMs);
    } finally {
      queued -= 1;
      if (queued === 0) {
        await lone.end();
        lone = null;
      }
    }
  };

  return {
    run: (work: Work): Promise<unknown> => {
      queued += 1;
      const mine = turn.then(() => runNow(work));
      turn = mine.catch(() => {});
      return mine;
    },
    close: async () => {
      isClosed = true;
      await lone?.end();
    },
  };
}

function isBlamed(thrown: unknown): thrown is Blamed {
  return thrown instanceof ProcessEnded && thrown.end !== 'no start';
}

/** A process that does not begin, or that is ended with ours, says nothing of the work. */
function withoutProcess(thrown: unknown): unknown {
  return thrown instanceof ProcessEnded ? new Transient(thrown.message, { cause: thrown }) : thrown;
}

function givenUp({ end, message }: Blamed, processorMs: number): Error {
  if (end === 'crash') return new Error(message);
  const limit = end === 'memory' ? 'the memory of its process' : `${processorMs / 1_000} s of processor time`;
  return new Rejected(`It took more than ${limit} twice, the second time alone; a person has to look at it`);
}

function nameOf(work: Work): object {
  switch (work.queue) {
    case 'deliveries':
      return { queue: work.queue, guid: work.delivery.guid, event: work.delivery.event };
    case 'jobs':
      return { queue: work.queue, job: work.followUp.id, agent_type: work.followUp.agent_type };
    case 'publications':
      return { queue: work.queue, publication: work.claimed.id };
    default:
      return work satisfies never;
  }
}
