// Finds every secret of a text, in all the ways there are to read it. Pure.
import { findInAddresses } from './addresses.ts';
import { findAssigned } from './assigned-secrets.ts';
import { findCalled } from './called-secrets.ts';
import { findInCommands } from './command-options.ts';
import { findEncoded } from './encoded-secrets.ts';
import { findHeaders } from './headers.ts';
import { findKeyBlocks } from './key-blocks.ts';
import { findInPairs } from './pairs.ts';
import { isRandomLooking } from './reading/randomness.ts';
import { endOfMark, MARK, MOST_OF_MARK, type Span } from './reading/span.ts';
import { decodedView, joinedView, spanBehind, type TextView } from './reading/text-view.ts';
import { type FoundToken, findTokens } from './token-forms.ts';
import { findVendorSecrets } from './vendor-secrets.ts';

/** In the order in which they name what they share. */
const FINDERS = [
  findKeyBlocks,
  findTokens,
  findVendorSecrets,
  findInAddresses,
  findHeaders,
  findAssigned,
  findInCommands,
  findCalled,
  findInPairs,
  findEncoded,
];

/** Escapes may be escaped in turn. */
const MOST_DECODINGS = 2;

/** The places of all secrets of the text, in no order; they may overlap. */
export function findSecrets(text: string): Span[] {
  const found = findAsWritten(text);
  let view = decodedView(text);
  const views: TextView[] = [];
  for (let times = 0; view !== null && times < MOST_DECODINGS; times++) {
    views.push(view);
    found.push(...findAsWritten(view.text).map((span) => behindAll(views, span)));
    view = decodedView(view.text);
  }
  const marks = placesOf(text, MARK);
  return found.flatMap((span) => besideMarks(text, marks, span));
}

function behindAll(views: readonly TextView[], span: Span): Span {
  return views.reduceRight((behind: Span, view) => spanBehind(view, behind), span);
}

function findAsWritten(text: string): Span[] {
  const found = FINDERS.flatMap((find) => find(text));
  const joined = joinedView(text);
  if (joined === null) return found;
  const broken = findTokens(joined.text).flatMap((token) => acrossLines(joined, token));
  const encoded = findEncoded(joined.text).filter(
    ({ start, end }) => firstFrom(joined.joins, start + 1) < firstFrom(joined.joins, end),
  );
  return [...found, ...[...broken, ...encoded].map((span) => spanBehind(joined, span))];
}

/**
 * The part of a token that goes over the ends of lines. Beyond what it has to have, the next line belongs to it only when
 * it is nothing but more of the same.
 */
function acrossLines({ text, joins }: TextView, token: FoundToken): Span[] {
  const crossed = joins.slice(firstFrom(joins, token.start + 1), firstFrom(joins, token.end));
  if (crossed.length === 0) return [];
  const foreign = crossed.findIndex((join, index) => {
    const piece = text.slice(join, Math.min(crossed[index + 1] ?? token.end, join + 200));
    return join >= token.leastEnd && !(piece.length >= 8 && isRandomLooking(piece));
  });
  const end = foreign < 0 ? token.end : (crossed[foreign] ?? token.end);
  return foreign === 0 ? [] : [{ start: token.start, end, kind: token.kind }];
}

/** What was taken out before stays as it is. */
function besideMarks(text: string, marks: readonly number[], { start: from, end, kind }: Span): Span[] {
  const start = afterMark(text, from);
  const mark = marks[firstFrom(marks, start)] ?? text.length;
  if (mark + MARK.length > end) return start < end ? [{ start, end, kind }] : [];
  return mark > start ? [{ start, end: mark, kind }] : [];
}

function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** Which of the places, in order, is the first at `from` or behind it. */
function firstFrom(places: readonly number[], from: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The end of the mark that `at` stands in; `at` where it stands in none. */
function afterMark(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - MOST_OF_MARK), at);
  const mark = before.lastIndexOf(MARK);
  if (mark < 0 || before.indexOf(']', mark) >= 0) return at;
  return endOfMark(text, at);
}
