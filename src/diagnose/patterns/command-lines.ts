// Which patterns are worth trying on the decoded lines of a workflow command. Pure.
import { createCandidateFinder, type LiteralIndex } from '../literals/candidates.ts';

/** More such lines than this in a log are tried as they stand only. */
const MOST_COMMANDS = 2_000;

export interface CommandReader {
  /** The slots of which one of the texts holds a literal. */
  slotsIn(texts: readonly string[]): readonly number[];
}

export function createCommandReader(index: LiteralIndex): CommandReader {
  let find: ReturnType<typeof createCandidateFinder> | null = null;
  let left = MOST_COMMANDS;
  return {
    slotsIn(texts) {
      if (texts.length === 0 || left-- <= 0) return [];
      find ??= createCandidateFinder(index);
      const bytes = Buffer.from(`${texts.join('\n')}\n`);
      return [...new Set(find({ bytes, firstLine: 1, lineCount: texts.length }).slot)];
    },
  };
}
