// The pipeline as the loops see it, with the work done in a process that can be stopped: one piece of work that never comes
// to an end holds up neither the receiver nor, for long, the other work.
import type { Json } from '../../model/json.ts';
import type { Pipeline } from '../../pipeline.ts';
import type { Outcome as PublicationOutcome } from '../../publish/outcome.ts';
import { isBlamed, LoneLane, type LoneLaneOptions, nameOf, withoutProcess } from './lone-lane.ts';
import type { Work } from './messages.ts';
import { startProcess } from './running-process.ts';

export interface IsolatedPipeline extends Pipeline {
  /** Ends the process, whatever it is at. */
  readonly close: () => Promise<void>;
}

/**
 * All work shares one process. When that ends (processor time, memory, a crash) a new one takes its place, and what was
 * under way in it is done once more, alone. What belongs to somebody whose work was given up a moment ago is done alone from
 * the start: it ends no process in which other work is under way.
 */
export function startIsolatedPipeline(options: LoneLaneOptions): IsolatedPipeline {
  const { log, observe } = options;
  const alone = new LoneLane(options);
  let shared = startProcess(options);
  let isClosed = false;

  const run = async (work: Work): Promise<unknown> => {
    if (alone.isConvicted(work)) return alone.run(work);
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
