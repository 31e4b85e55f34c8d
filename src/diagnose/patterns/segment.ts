// A stretch of a log that belongs to one step, and what patterns found in it. Pure.
import type { CleanLine } from '../log/clean-log.ts';
import type { Surroundings } from '../log/context.ts';
import type { Step } from '../log/log-marks.ts';
import { createTail, type Tail } from '../log/tail.ts';

/** Before the first step; a step; what is done after the last one; the logs of service containers. */
export type SegmentKind = 'setup' | 'step' | 'post' | 'services';

/** A line on which a pattern matched. */
export interface FoundLine extends CleanLine {
  /** The reading of the line that matched: without what stands before a tool's own words. */
  readonly said: string;
  readonly step: Step | null;
}

/** What one pattern found in a stretch. */
export interface Hit {
  first: FoundLine;
  last: FoundLine;
  /** How many lines matched, as far as they were counted. */
  count: number;
  /** The first of them, shortened. */
  readonly some: CleanLine[];
}

export type Hits = Map<number, Hit>;

export interface Segment {
  readonly kind: SegmentKind;
  readonly step: Step | null;
  /** When its first line was written, in milliseconds; null without a stamp. */
  readonly startedAt: number | null;
  /** Its last raw line so far. */
  lastLine: number;
  /** The last line that the runner marks as an error; 0 for none. */
  lastError: number;
  /** How many lines the runner marks as errors. */
  errors: number;
  /** Whether the runner said that the step failed. */
  hasEnded: boolean;
  /** Whether the job was cancelled while it ran: the steps after it run whatever happened. */
  wasCanceled: boolean;
  /** Whether it said so of a script. */
  hasEndedScript: boolean;
  readonly hits: Hits;
  /** The lines around the best pattern's line. */
  around: Surroundings | null;
  bestSlot: number;
  readonly tail: Tail;
}

/** One more than are ever told, so that the line that counts may be among them. */
const SOME = 4;
const SHORT = 300;

export function openSegment(
  kind: SegmentKind,
  { step, startedAt, tail }: { step: Step | null; startedAt: number | null; tail: Tail | undefined },
): Segment {
  tail?.clear();
  const none = { lastLine: step?.line ?? 0, lastError: 0, errors: 0, around: null };
  const notYet = { hasEnded: false, hasEndedScript: false, wasCanceled: false };
  return {
    ...{ kind, step, startedAt, ...none, ...notYet, hits: new Map(), bestSlot: Number.POSITIVE_INFINITY },
    tail: tail ?? createTail(),
  };
}

/** Adds a line that lies behind all that were added to `hits` before. */
export function addHit(hits: Hits, slot: number, found: FoundLine): void {
  const hit = hits.get(slot);
  if (hit === undefined) {
    hits.set(slot, { first: found, last: found, count: 1, some: [shortened(found)] });
    return;
  }
  hit.last = found;
  hit.count++;
  if (hit.some.length < SOME) hit.some.push(shortened(found));
}

/** Adds what a later stretch has to what an earlier one has; `later` is not used any more. */
export function mergeHits(earlier: Hits, later: Hits): void {
  for (const [slot, hit] of later) {
    const known = earlier.get(slot);
    if (known === undefined) earlier.set(slot, hit);
    else {
      known.last = hit.last;
      known.count += hit.count;
      known.some.push(...hit.some.slice(0, SOME - known.some.length));
    }
  }
}

/** Makes the lines part of another step. */
export function moveHits(hits: Hits, step: Step | null): void {
  for (const hit of hits.values()) {
    hit.first = { ...hit.first, step };
    hit.last = { ...hit.last, step };
  }
}

/** A copy, so that the whole line is not kept for the sake of its beginning. */
function shortened({ line, text }: CleanLine): CleanLine {
  if (text.length <= SHORT) return { line, text };
  return { line, text: Buffer.from(`${text.slice(0, SHORT - 1).toWellFormed()}…`).toString() };
}
