// Tries the patterns of a library on a streamed log, and finds the line that best explains the failure. Pure.
import { createBlocks } from '../log/line-blocks.ts';
import { concludeLog, type GreenLog, type LogMatch } from './conclude.ts';
import type { JobStep } from './failed-step.ts';
import type { Library } from './library.ts';
import { createLogReader } from './log-reader.ts';
import { makePlan } from './match-plan.ts';
import { type Clock, MOST_TRIED_CHARACTERS, NO_CLOCK, openBudget } from './tried-budget.ts';

/** A compiled set of patterns. Slow to make and quick to use; several logs can be read with it at the same time. */
export interface Matcher {
  /**
   * Begins a log: its bytes in chunks cut anywhere, then `end`. Memory is bounded whatever comes. `steps` are those of the
   * log's job, as far as GitHub told them; without them the log's own marks tell which failed.
   */
  start(steps?: readonly JobStep[]): LogMatching;
}

/** A log that is being read. */
export interface LogMatching {
  /** Takes the next bytes of the log; chunks may be cut anywhere. */
  write(chunk: Uint8Array): void;
  /** May be asked again with another green log; nothing may be written afterwards. */
  end(green?: GreenLog): LogMatch;
}

/** What matching a log may cost. */
export interface MatchLimits {
  readonly mostTried?: number;
  /** With one, slow patterns end a block early. */
  readonly clock?: Clock;
}

/** The matcher of a library. */
export function openLibrary(
  library: Library,
  { mostTried = MOST_TRIED_CHARACTERS, clock = NO_CLOCK }: MatchLimits = {},
): Matcher {
  const plan = makePlan(library);
  const { count, patternAt } = library;
  const capturesAt = (slot: number, text: string) => plan.testAt(slot).captures(text);
  return {
    start(steps = []) {
      const reader = createLogReader(plan, openBudget(mostTried, clock), steps);
      const blocks = createBlocks(reader.read);
      let read: { places: ReturnType<typeof reader.end>; counts: ReturnType<typeof blocks.end> } | null = null;
      return {
        write: blocks.write,
        end(green) {
          if (read === null) {
            const counts = blocks.end();
            read = { counts, places: reader.end() };
          }
          return concludeLog(read.places, { count, patternAt, capturesAt, green, ...read.counts });
        },
      };
    },
  };
}
