// A stretch of text that is a secret, and how stretches are taken out. Pure.

/** Every replacement of a secret begins with this. */
export const MARK = '[redacted:';

/** The most characters of a whole replacement. */
export const MOST_OF_MARK = 60;

/** Index after the replacement that begins at `at` or around it; `at` when it has no end. */
export function endOfMark(text: string, at: number): number {
  const end = text.slice(at, at + MOST_OF_MARK + 1).indexOf(']');
  return end < 0 ? at : at + end + 1;
}

/** The place of a secret: from index `start` to before `end`, in UTF-16 units. `kind` stands in the replacement. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/**
 * The text with `[redacted:<kind>]` instead of every span. A span of several lines gets one replacement for each line, so that lines
 * keep their numbers. Spans that overlap are replaced as one, with the kind of the one that comes first in the list.
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
