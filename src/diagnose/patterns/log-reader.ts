// Goes through one log block by block and keeps, for each of its steps, on which lines patterns matched. Pure.
import { createCandidateFinder } from '../literals/candidates.ts';
import { type CleanLine, cleanLine, isScript, readStamp } from '../log/clean-log.ts';
import { extend, type LineSpan, lastLines, surround } from '../log/context.ts';
import { isDiffering } from '../log/error-words.ts';
import type { Block } from '../log/line-blocks.ts';
import { readingsOf } from '../log/prefixes.ts';
import type { Tail } from '../log/tail.ts';
import { type CommandReader, createCommandReader } from './command-lines.ts';
import { matchGroups } from './every-line.ts';
import { type JobStep, type Places, type StepSorter, sortSteps } from './failed-step.ts';
import { type StretchTracker, trackStretches } from './ignores.ts';
import { type Page, readingsAt, spanOf, textOf } from './log-page.ts';
import type { MatchPlan } from './match-plan.ts';
import { type MarkState, markEveryLine, markStretch, type Part, readMarks } from './page-marks.ts';
import { addHit, openSegment, type Segment } from './segment.ts';
import type { TriedBudget } from './tried-budget.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A pattern is tried on so many lines to count its matches; from then on only its last one in each block is sought. */
const MOST_COUNTED = 200;
const MOST_SURROUNDINGS = 2_000;
/** No job has so many steps and errors: what comes after them belongs to the last step. */
const MOST_MARKS = 100_000;

/** Reads one log and knows what was found so far. */
export interface LogReader {
  /** Reads the next block; blocks come in order. */
  read(block: Block): void;
  /** What was found, by the steps; nothing may be read afterwards. */
  end(): Places;
}

interface State {
  readonly plan: MatchPlan;
  readonly stretches: StretchTracker;
  readonly sorter: StepSorter;
  readonly commands: CommandReader;
  /** By slot: on how many lines it was tried. */
  readonly tried: Uint32Array;
  segment: Segment;
  freeTail: Tail | undefined;
  /** The last lines of the blocks so far. */
  earlier: readonly CleanLine[];
  readonly marks: MarkState;
  /** The line of this block around which lines are to be kept. */
  best: LineSpan | null;
  /** How many more times the lines around a match are kept. */
  surroundings: number;
  readonly budget: TriedBudget;
}

/** Begins to read a log of a job with these steps, as far as GitHub told them. */
export function createLogReader(plan: MatchPlan, budget: TriedBudget, steps: readonly JobStep[]): LogReader {
  const find = createCandidateFinder(plan.index);
  const stretches = trackStretches(plan.stretches);
  const onLine = (line: number, text: string) => {
    if (plan.stretches.length > 0 && !plan.stretchesUnlit) markStretch(stretches, line, text);
  };
  const state: State = {
    plan,
    stretches,
    sorter: sortSteps(steps),
    commands: createCommandReader(plan.index),
    tried: new Uint32Array(plan.count),
    segment: openSegment('setup', { step: null, startedAt: null, tail: undefined }),
    freeTail: undefined,
    earlier: [],
    marks: { firstMark: plan.count, hasBareSteps: false, hasQuotedErrors: false, left: MOST_MARKS, onLine },
    best: null,
    surroundings: MOST_SURROUNDINGS,
    budget,
  };
  let isEmpty = true;
  return {
    read(block) {
      isEmpty = false;
      const page: Page = { block, candidates: find(block), texts: [], readings: [], ignored: new Map() };
      if (plan.stretchesUnlit) markEveryLine(stretches, block);
      const { segment } = state;
      if (segment.around !== null) segment.around = extend(segment.around, block);
      state.budget.nextBlock();
      readParts(state, page);
      state.earlier = lastLines(block, state.earlier);
      state.stretches.forgetBefore(block.firstLine + block.lineCount);
    },
    end() {
      if (!isEmpty) state.sorter.close(state.segment);
      return state.sorter.end(state.marks.hasQuotedErrors);
    },
  };
}

function readParts(state: State, page: Page): void {
  const { block, candidates } = page;
  const { parts, errors } = readMarks(page, state.marks);
  const endLine = block.firstLine + block.lineCount;
  let error = 0;
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (part.opens !== null) nextSegment(state, page, part);
    const { segment } = state;
    const end = next?.start ?? block.bytes.length;
    if (end > part.start) segment.tail.push(block.bytes.subarray(part.start, end), part.firstLine);
    segment.lastLine = (next?.firstLine ?? endLine) - 1;
    for (; (errors[error]?.line ?? Number.POSITIVE_INFINITY) <= segment.lastLine; error++) {
      segment.hasEnded ||= errors[error]?.isExit === true;
      segment.wasCanceled ||= errors[error]?.isCancel === true;
      segment.hasEndedScript ||= errors[error]?.ofScript === true;
      segment.lastError = errors[error]?.line ?? 0;
      segment.errors++;
    }
    const pairs = { from: part.firstPair, to: next?.firstPair ?? candidates.slot.length };
    const bounds = { start: part.start, end, firstLine: part.firstLine, lastLine: segment.lastLine };
    tryPairs(state, page, pairs);
    tryEveryLine(state, page, bounds);
    keepSurroundings(state, page);
  });
}

function nextSegment(state: State, { block }: Page, { opens, firstLine, start }: Part): void {
  state.freeTail = state.sorter.close(state.segment) ?? state.freeTail;
  const step = opens === null ? null : { name: opens.name, line: firstLine };
  const startedAt = readStamp(block.bytes, start);
  state.segment = openSegment(opens?.kind ?? 'step', { step, startedAt, tail: state.freeTail });
  state.freeTail = undefined;
}

function isIgnored(state: State, page: Page, { line, start, end }: LineSpan, text: string): boolean {
  const known = page.ignored.get(line);
  if (known !== undefined) return known;
  const isDivided = page.block.bytes.subarray(start, end).includes(CARRIAGE_RETURN);
  const whole = isDivided ? cleanLine(page.block.bytes, start, end) : text;
  const ignored = state.stretches.covers(line) || isOneToIgnore(state, whole);
  page.ignored.set(line, ignored);
  return ignored;
}

function isOneToIgnore(state: State, text: string): boolean {
  const { ignore } = state.plan;
  if (ignore.length === 0 || !state.budget.hasLeft()) return false;
  return [text, ...readingsOf(text)].some((reading) => {
    state.budget.take(reading.length * ignore.length);
    return ignore.some((pattern) => pattern.test(reading));
  });
}

/** Forward while matches are counted; then backward, so that the first match of a slot is its last in the block. */
function tryPairs(state: State, page: Page, { from, to }: { from: number; to: number }): void {
  const { slot, at } = page.candidates;
  const patterns = state.plan.count;
  /** By slot: the first pair that was not tried any more. */
  const hot = new Map<number, number>();
  for (let pair = from; pair < to && state.budget.hasLeft(); pair++) {
    const candidate = slot[pair] ?? 0;
    if (candidate === state.plan.encoded) tryCommand(state, page, at[pair] ?? 0);
    else if (candidate >= patterns) continue;
    else if ((state.tried[candidate] ?? 0) < MOST_COUNTED) tryLine(state, page, candidate, at[pair] ?? 0);
    else if (!hot.has(candidate)) hot.set(candidate, pair);
  }
  for (let pair = to - 1; pair >= from && hot.size > 0 && state.budget.hasLeft(); pair--) {
    const candidate = slot[pair] ?? 0;
    const first = hot.get(candidate);
    if (first === undefined) continue;
    const isKnown = state.plan.testAt(candidate).takesFirst && state.segment.hits.has(candidate);
    if (isKnown || pair < first || tryLine(state, page, candidate, at[pair] ?? 0)) hot.delete(candidate);
  }
}

function tryLine(state: State, page: Page, slot: number, index: number, isCommand = false): boolean {
  if (slot >= state.plan.count) return false;
  const test = state.plan.testAt(slot);
  state.tried[slot] = (state.tried[slot] ?? 0) + 1;
  const text = textOf(page, index);
  state.budget.take(text.length);
  // What else it may be read as are parts of it, but for what a workflow command has encoded.
  if (!test.mayMatch(text) && !text.includes('%')) return false;
  const isDivided = text.includes('\r');
  if (!isDivided) {
    if (test.test(text)) return keepMatch(state, page, { slot, span: spanOf(page, index), text, said: text });
    if (!test.isAnchored && !isCommand) return false;
  }
  const said = readingsAt(page, index).find((reading) => {
    state.budget.take(reading.length + 1);
    return test.test(reading);
  });
  if (said === undefined) return false;
  return keepMatch(state, page, { slot, span: spanOf(page, index), text: isDivided ? said : text, said });
}

/** The message of a workflow command may hold, encoded, what a pattern looks for. */
function tryCommand(state: State, page: Page, index: number): void {
  const { line } = spanOf(page, index);
  for (const slot of state.commands.slotsIn(readingsAt(page, index))) {
    const isKnown = state.segment.hits.get(slot)?.last.line === line;
    if (!isKnown && state.budget.hasLeft()) tryLine(state, page, slot, index, true);
  }
}

function keepMatch(
  state: State,
  page: Page,
  { slot, span, text, said }: { slot: number; span: LineSpan; text: string; said: string },
): boolean {
  if (isScript(page.block.bytes, span.start) || isDiffering(said) || isIgnored(state, page, span, text)) return false;
  const { segment } = state;
  const isNews = !(state.plan.testAt(slot).takesFirst && segment.hits.has(slot));
  addHit(segment.hits, slot, { line: span.line, text, said, step: segment.step });
  if (slot <= segment.bestSlot && isNews && state.surroundings > 0) {
    segment.bestSlot = slot;
    state.best = span;
  }
  return true;
}

/** Once for all matches of a step in a block: of most the next one is the better. */
function keepSurroundings(state: State, { block }: Page): void {
  if (state.best === null) return;
  state.surroundings--;
  state.segment.around = surround(block, state.best, state.earlier);
  state.best = null;
}

/** Through all lines, for the patterns that no literal narrows down. */
function tryEveryLine(state: State, page: Page, bounds: { start: number; end: number; firstLine: number }): void {
  const { everyLine, testAt } = state.plan;
  if (everyLine.length === 0) return;
  let line = bounds.firstLine;
  for (let start = bounds.start; start < bounds.end && state.budget.hasTime(); line++) {
    const end = page.block.bytes.indexOf(NEWLINE, start);
    const text = cleanLine(page.block.bytes, start, end);
    const isDivided = text.includes('\r');
    const readings = readingsOf(text);
    const found = new Map<number, string>();
    for (const reading of isDivided ? readings : [text, ...readings]) {
      for (const slot of matchGroups(everyLine, reading, state.budget)) {
        const counts = isDivided || reading === text || testAt(slot).isAnchored;
        if (counts && !found.has(slot)) found.set(slot, reading);
      }
    }
    const span = { line, start, end };
    for (const [slot, said] of found) keepMatch(state, page, { slot, span, text: isDivided ? said : text, said });
    start = end + 1;
  }
}
