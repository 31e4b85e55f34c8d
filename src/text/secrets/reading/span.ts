// A stretch of text that is a secret, and how stretches are taken out. Pure.

/** What stands where a secret was begins so. */
export const MARK = '[redacted:';

/** No mark is longer. */
export const MOST_OF_MARK = 60;

/** Where the mark ends that begins at `at` or that `at` stands in; `at` where it has no end. */
export function endOfMark(text: string, at: number): number {
  const end = text.slice(at, at + MOST_OF_MARK + 1).indexOf(']');
  return end < 0 ? at : at + end + 1;
}

/** From `start` to before `end`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/**
 * The text with `[redacted:<kind>]` in place of every span, once a line, so that lines keep their numbers. Where spans
 * overlap they are taken out as one, named after the one that comes first in the list.
 */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let safe = '';
  let at = 0;
  for (const { start, end, kind } of united(spans)) {
    safe += text.slice(at, start) + eachLine(text.slice(start, end), `${MARK}${kind}]`);
    at = end;
  }
  return safe + text.slice(at);
}

interface Ranked extends Span {
  readonly rank: number;
}

function united(spans: readonly Span[]): readonly Span[] {
  const sorted = spans
    .map((span, rank): Ranked => ({ ...span, rank }))
    .sort((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank);
  const whole: Ranked[] = [];
  for (const span of sorted) {
    const last = whole.at(-1);
    if (last === undefined || span.start >= last.end) whole.push(span);
    else {
      const named = span.rank < last.rank ? span : last;
      whole[whole.length - 1] = { ...named, start: last.start, end: Math.max(last.end, span.end) };
    }
  }
  return whole;
}

function eachLine(secret: string, replacement: string): string {
  if (!secret.includes('\n')) return replacement;
  return secret
    .split('\n')
    .map((line) => (line.trim() === '' ? line : replacement))
    .join('\n');
}
