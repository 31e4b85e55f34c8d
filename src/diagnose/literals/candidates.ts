// Says which patterns are worth trying on which lines of a block, in one pass over its bytes. Pure.
import { cleanBytes } from '../log/clean-log.ts';
import type { Block } from '../log/line-blocks.ts';
import { type GramTable, openTable } from './gram-table.ts';
import type { KeptIndex } from './literal-index.ts';

/** An index of literals, ready to be searched for. */
export interface LiteralIndex extends KeptIndex {
  readonly table: GramTable;
}

/** The lines of a block that hold a literal, and the slots to try on each, in the order of the block. */
export interface Candidates {
  /** For each such line: its raw line number, and the index of its first byte and of its newline in the block. */
  readonly line: number[];
  readonly start: number[];
  readonly end: number[];
  /** Pairs of equal index: a slot to try, and on which line (an index into the three lists above). */
  readonly slot: number[];
  readonly at: number[];
}

const NEWLINE = 0x0a;
const ESC = 0x1b;

/** Makes an index ready. */
export function openIndex(kept: KeptIndex): LiteralIndex {
  return { ...kept, table: openTable(kept, [NEWLINE, ESC]) };
}

/**
 * Returns a function that finds the candidates of a block. Its result is valid until it is called again. A line with terminal
 * escapes is searched without them.
 */
export function createCandidateFinder(index: LiteralIndex): (block: Block) => Candidates {
  const found: Candidates = { line: [], start: [], end: [], slot: [], at: [] };
  const collect = createCollector(index, found);
  const { table } = index;

  return ({ bytes, firstLine }) => {
    collect.clear();
    let line = firstLine;
    let start = 0;
    for (let at = table.next(bytes, 0); at < bytes.length; at = table.next(bytes, at + 1)) {
      if (bytes[at] === ESC) {
        at = bytes.indexOf(NEWLINE, at);
        searchLine(cleanBytes(bytes, start, at));
      }
      if (bytes[at] === NEWLINE) {
        collect.endLine(line, start, at);
        line++;
        start = at + 1;
      } else table.find(bytes, at + 1, collect.note);
    }
    return found;
  };

  function searchLine(bytes: Buffer): void {
    for (let at = table.next(bytes, 0); at < bytes.length; at = table.next(bytes, at + 1))
      table.find(bytes, at + 1, collect.note);
  }
}

interface Collector {
  clear(): void;
  /** Notes the slots of a word that the line holds. */
  note(word: number): void;
  endLine(line: number, start: number, end: number): void;
}

function createCollector({ slots, slotStarts, slotCount }: LiteralIndex, found: Candidates): Collector {
  // Which slots the line that is being read has already; a new line takes a new number.
  const seen = new Uint32Array(slotCount);
  let lineNumber = 0;
  let pairsBefore = 0;

  return {
    clear() {
      for (const list of Object.values(found)) list.length = 0;
      pairsBefore = 0;
      lineNumber = 1;
      seen.fill(0);
    },
    note(word) {
      const last = slotStarts[word + 1] ?? 0;
      for (let at = slotStarts[word] ?? 0; at < last; at++) {
        const slot = slots[at] ?? 0;
        if (seen[slot] === lineNumber) continue;
        seen[slot] = lineNumber;
        found.slot.push(slot);
        found.at.push(found.line.length);
      }
    },
    endLine(line, start, end) {
      if (found.slot.length === pairsBefore) return;
      found.line.push(line);
      found.start.push(start);
      found.end.push(end);
      pairsBefore = found.slot.length;
      lineNumber++;
    },
  };
}
