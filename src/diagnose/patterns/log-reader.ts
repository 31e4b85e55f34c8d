// Goes through one log block by block and keeps each pattern's last matching line. Pure.
import { type CleanLine, cleanLine } from '../log/clean-log.ts';
import { extend, type LineSpan, lastLines, type Surroundings, surround } from '../log/context.ts';
import type { Block } from '../log/line-blocks.ts';
import { readLogMark, type Step } from '../log/log-marks.ts';
import type { LineGroup } from './every-line.ts';
import { type LineTest, type StretchTracker, trackStretches } from './ignores.ts';
import { type Candidates, createCandidateFinder, type LiteralIndex } from './literal-index.ts';

/** A compiled set of patterns. A slot below `tests.length` is the index of a pattern; higher slots are log marks and ends of stretches. */
export interface MatchPlan {
  /** The compiled patterns, those of the highest priority first. */
  readonly tests: readonly LineTest[];
  /** The patterns that have to be tried on every line. */
  readonly everyLine: readonly LineGroup[];
  readonly ignore: readonly LineTest[];
  readonly stretches: readonly { readonly start: LineTest; readonly stop: LineTest }[];
  /** True when a stretch can begin or end on a line that the index does not find. */
  readonly stretchesUnlit: boolean;
  readonly index: LiteralIndex;
}

/** A line that may explain why the job failed. */
export interface Witness {
  /** The line with its neighbours. */
  readonly around: Surroundings;
  /** The step that it stands in; null before the first step of the log. */
  readonly step: Step | null;
}

const WITNESS_KINDS = ['match', 'error', 'exit'] as const;
/** Why a line is kept: a pattern matched it, it is an `##[error]`, or it says an exit code. */
export type WitnessKind = (typeof WITNESS_KINDS)[number];

const NEWLINE = 0x0a;

/**
 * The most characters that are matched in one log, counted once for each pattern that is tried on them: some seconds of work.
 * A log of a gigabyte that holds the literals of every pattern on each line, on purpose, would take a quarter of an hour
 * without this limit; ordinary logs stay far below it.
 */
export const MOST_TRIED_CHARACTERS = 1_500_000_000;

/** Reads one log and knows what was found so far. */
export interface LogReader {
  /** Reads the next block; blocks come in order. */
  read(block: Block): void;
  /** For each pattern (in the order of `MatchPlan.tests`): the last line that it matched, null where it matched none. */
  readonly found: readonly (CleanLine | null)[];
  /** The last line of the best pattern that matched, the last error and the last exit code; null where there was none. */
  readonly witnesses: Readonly<Record<WitnessKind, Witness | null>>;
  /** The last lines read (at most 30), and the step they stand in (null before the first). */
  tail(): { readonly lines: readonly CleanLine[]; readonly step: Step | null };
}

interface State {
  readonly plan: MatchPlan;
  readonly found: (CleanLine | null)[];
  readonly witnesses: Record<WitnessKind, Witness | null>;
  readonly stretches: StretchTracker;
  /** The best slot that has matched so far. */
  best: number;
  tail: readonly CleanLine[];
  step: Step | null;
  /** What is left of `MOST_TRIED_CHARACTERS`; from zero on only what no literal narrows down is tried, and steps and errors are still found. */
  left: number;
}

/** One block and what was made of it so far. */
interface Page {
  readonly block: Block;
  readonly candidates: Candidates;
  /** By index of the candidate line; decoded when first asked for. */
  readonly texts: (string | undefined)[];
  /** By raw line number, where it has been asked. */
  readonly ignored: Map<number, boolean>;
  readonly steps: Step[];
  /** By slot: 1 when its last match in the block is known. */
  readonly done: Uint8Array;
  readonly spans: Record<WitnessKind, LineSpan | null>;
}

/** Begins a log. After `mostTried` characters (see `MOST_TRIED_CHARACTERS`) only the patterns of `everyLine` are still tried. */
export function createLogReader(plan: MatchPlan, mostTried: number): LogReader {
  const find = createCandidateFinder(plan.index);
  const state: State = {
    plan,
    found: plan.tests.map(() => null),
    witnesses: { match: null, error: null, exit: null },
    stretches: trackStretches(plan.stretches),
    best: plan.tests.length,
    tail: [],
    step: null,
    left: mostTried,
  };
  return {
    found: state.found,
    witnesses: state.witnesses,
    tail: () => ({ lines: state.tail, step: state.step }),
    read(block) {
      const page = openPage(block, find(block), plan);
      for (const kind of WITNESS_KINDS) state.witnesses[kind] = extendWitness(state.witnesses[kind], block);
      if (plan.stretchesUnlit) markEveryLine(state, block);
      readMarks(state, page);
      tryCandidates(state, page);
      tryEveryLine(state, page);
      keepWitnesses(state, page);
      state.tail = lastLines(block, state.tail);
      state.step = page.steps.at(-1) ?? state.step;
      state.stretches.forgetBefore(block.firstLine + block.lineCount);
    },
  };
}

function openPage(block: Block, candidates: Candidates, plan: MatchPlan): Page {
  return {
    block,
    candidates,
    texts: [],
    ignored: new Map(),
    steps: [],
    done: new Uint8Array(plan.tests.length),
    spans: { match: null, error: null, exit: null },
  };
}

function spanOf({ candidates }: Page, index: number): LineSpan {
  return { line: candidates.line[index] ?? 0, start: candidates.start[index] ?? 0, end: candidates.end[index] ?? 0 };
}

function textOf(page: Page, index: number): string {
  const known = page.texts[index];
  if (known !== undefined) return known;
  const { start, end } = spanOf(page, index);
  const text = cleanLine(page.block.bytes, start, end);
  page.texts[index] = text;
  return text;
}

function isIgnored(state: State, page: Page, { line, text }: CleanLine): boolean {
  const known = page.ignored.get(line);
  if (known !== undefined) return known;
  const ignored = state.stretches.covers(line) || isOneToIgnore(state, text);
  page.ignored.set(line, ignored);
  return ignored;
}

function isOneToIgnore(state: State, text: string): boolean {
  if (state.left <= 0) return false;
  state.left -= text.length * state.plan.ignore.length;
  return state.plan.ignore.some((pattern) => pattern.test(text));
}

function markEveryLine(state: State, { bytes, firstLine }: Block): void {
  let line = firstLine;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    state.stretches.mark(line, cleanLine(bytes, start, end));
    start = end + 1;
  }
}

/** Forward through the lines with marks: where steps and stretches begin, and which errors come last. */
function readMarks(state: State, page: Page): void {
  const { slot, at } = page.candidates;
  let last = -1;
  for (let pair = 0; pair < slot.length; pair++) {
    const index = at[pair] ?? 0;
    if (index === last || (slot[pair] ?? 0) < state.plan.tests.length) continue;
    last = index;
    const text = textOf(page, index);
    const span = spanOf(page, index);
    if (!state.plan.stretchesUnlit) state.stretches.mark(span.line, text);
    const mark = readLogMark(text);
    if (mark?.kind === 'step') page.steps.push({ name: mark.name, line: span.line });
    // Where a step ended is never ignored: it is no evidence, but it shows where to look for some.
    else if (mark?.kind === 'exit') page.spans.exit = span;
    else if (mark && !isIgnored(state, page, { line: span.line, text })) page.spans.error = span;
  }
}

/** Backward through the candidates, so that the first match of a slot is its last in the log so far. */
function tryCandidates(state: State, page: Page): void {
  const { slot, at } = page.candidates;
  for (let pair = slot.length - 1; pair >= 0 && state.left > 0; pair--) {
    const candidate = slot[pair] ?? 0;
    if (page.done[candidate] !== 0) continue;
    const index = at[pair] ?? 0;
    const text = textOf(page, index);
    state.left -= text.length;
    if (state.plan.tests[candidate]?.test(text))
      keepMatch(state, page, { slot: candidate, span: spanOf(page, index), text });
  }
}

function keepMatch(
  state: State,
  page: Page,
  { slot, span, text }: { slot: number; span: LineSpan; text: string },
): void {
  if (isIgnored(state, page, { line: span.line, text })) return;
  page.done[slot] = 1;
  state.found[slot] = { line: span.line, text };
  if (slot > state.best) return;
  state.best = slot;
  page.spans.match = span;
}

/** Backward through all lines, until each slot without a literal has matched. */
function tryEveryLine(state: State, page: Page): void {
  let groups = state.plan.everyLine;
  const { bytes, firstLine, lineCount } = page.block;
  let end = bytes.length - 1;
  for (let line = firstLine + lineCount - 1; line >= firstLine && groups.length > 0; line--) {
    const start = end === 0 ? 0 : bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    const text = cleanLine(bytes, start, end);
    for (const group of groups) {
      for (const slot of group.match(text)) {
        if (page.done[slot] === 0) keepMatch(state, page, { slot, span: { line, start, end }, text });
      }
    }
    groups = groups.filter(({ slots }) => slots.some((slot) => page.done[slot] === 0));
    end = start - 1;
  }
}

function keepWitnesses(state: State, page: Page): void {
  for (const kind of WITNESS_KINDS) {
    const span = page.spans[kind];
    if (span === null) continue;
    const step = page.steps.findLast(({ line }) => line <= span.line) ?? state.step;
    state.witnesses[kind] = { around: surround(page.block, span, state.tail), step };
  }
}

function extendWitness(witness: Witness | null, block: Block): Witness | null {
  return witness && { ...witness, around: extend(witness.around, block) };
}
