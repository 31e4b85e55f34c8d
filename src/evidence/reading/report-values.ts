// Numbers, texts and paths of a report, checked and made fit for keeping. Pure.

import { saidText, storableText, TEXT_LIMITS } from '../../text/storable-text.ts';
import type { Count } from './measurement.ts';
import { KEPT } from './report-limits.ts';
import { Unreadable } from './report-reader.ts';

/** The checkouts of GitHub's runners: Linux, containers, container actions, macOS, Windows. */
const CHECKOUT =
  /^(?:\/home\/runner\/work|\/__w|\/Users\/runner\/work|[A-Za-z]:\/a)\/[^/]+\/[^/]+\/|^\/github\/workspace\//;

/** What stands before the repository may be as long as what stands in it; of a longer path the rest is cut before it is read. */
const LONGEST_RAW_PATH = 2 * TEXT_LIMITS.path;
const DIGIT_ZERO = 0x30;
const LONGEST_FOLDER = 1_000;
const MOST_DIGITS = 16;
const SHOWN_CHARACTERS = 60;

/** A whole number from 0 up, `what` of `place`; throws at anything else, NaN and numbers too big to be exact included. */
export function countOf(value: unknown, what: string, place: string | number = ''): number {
  const count = typeof value === 'string' ? wholeNumberIn(value, 0, value.length) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw new Unreadable(`${placed(what, place)} is ${shown(value)}; a whole number from 0 up is allowed`);
}

/** The digits of a text from `start` to `end` as a number; NaN when there is anything else, or more than a number holds exactly. */
export function wholeNumberIn(text: string, start: number, end: number): number {
  let number = start < end && end - start <= MOST_DIGITS ? 0 : Number.NaN;
  for (let i = start; i < end && number >= 0; i++) {
    const digit = text.charCodeAt(i) - DIGIT_ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/** `covered` of `total`; throws when it is more. */
export function countedOf(covered: unknown, total: unknown, what: string, place: string | number = ''): Count {
  const count = { covered: countOf(covered, what, place), total: countOf(total, what, place) };
  if (count.covered <= count.total) return count;
  throw new Unreadable(`${placed(what, place)}: ${count.covered} of ${count.total} is more than all`);
}

const COUNT = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i;
const NEGATIVE = /^-\d+$/;

/**
 * Whether something ran that often. A count may be larger than a number holds exactly: only zero or more matters. gcov has written
 * negative ones, of which nothing says that it ran.
 */
export function isRun(count: string, remark: (text: string) => void): boolean {
  if (count === '0') return false;
  if (NEGATIVE.test(count)) {
    remark('a count of executions is negative, and was read as 0');
    return false;
  }
  if (!COUNT.test(count)) throw new Unreadable(`a count is ${shown(count)}; a number from 0 up is allowed`);
  return Number(count) > 0;
}

/** Put together only for a message: counts are checked by the million. */
function placed(what: string, place: string | number): string {
  return place === '' ? what : `${what} of ${place}`;
}

/** Null when nothing was counted. */
export function measured(count: Count): Count | null {
  return count.total === 0 ? null : count;
}

/** Milliseconds, whole, of seconds as a report writes them (`1,234.5` too); null when it is no time, which decides nothing. */
export function durationOf(seconds: string | number | null | undefined): number | null {
  if (seconds === null || seconds === undefined || seconds === '') return null;
  const ms = Math.round(
    Number(typeof seconds === 'string' && seconds.includes(',') ? seconds.replaceAll(',', '') : seconds) * 1000,
  );
  return Number.isSafeInteger(ms) && ms >= 0 ? ms : null;
}

/** A sum in which null means "unknown": it is null only when both are null. */
export function addDuration(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}

/** A folder that a report names once and that begins the path of each file: no longer than any is, since each file pays for it. */
export const sharedFolder = (raw: string): string => raw.slice(0, LONGEST_FOLDER);

export const nameText = (raw: string): string => storableText(raw, TEXT_LIMITS.name);
export const messageText = (raw: string): string => saidText(raw, TEXT_LIMITS.description);

/** A path from the root of a file system, which no two files have on one machine. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\]|file:)/.test(path);
}

/**
 * A path with `/`, from the repository when the report was written in a checkout of GitHub's runners or of one's own; other absolute paths
 * stay as they are, and whoever knows the repository's files finds theirs by its end.
 */
export function repositoryPath(raw: string): string {
  const path = raw
    .slice(0, LONGEST_RAW_PATH)
    .replaceAll('\\', '/')
    .replace(/^file:\/\//, '');
  return storableText(withoutWorkFolder(path.replace(CHECKOUT, '')).replace(/^(?:\.\/)+/, ''), TEXT_LIMITS.path);
}

/** A runner of one's own checks out into `_work/<repository>/<repository>` wherever it is installed. */
function withoutWorkFolder(path: string): string {
  const at = isAbsolute(path) ? path.indexOf('/_work/') : -1;
  if (at === -1) return path;
  const [one = '', other = '', ...inside] = path.slice(at + '/_work/'.length).split('/');
  return one !== '' && one === other && inside.length > 0 ? inside.join('/') : path;
}

/** Remarks about a report: what it says of itself and what was found differ. At most 20, no two the same. */
export function createRemarks(): { add(remark: string): void; all(): string[] } {
  const remarks = new Set<string>();
  return {
    add: (remark) => {
      if (remarks.size < KEPT.remarks) remarks.add(saidText(remark, TEXT_LIMITS.title));
    },
    all: () => [...remarks],
  };
}

/** The bytes so far, as long as they are not more than `limit`. */
export function refuseMore(bytes: number, limit: number): number {
  if (bytes <= limit) return bytes;
  throw new Unreadable(`the report is larger than the ${limit} bytes that are read`);
}

/** A value as a message may quote it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 2 * SHOWN_CHARACTERS)) : String(value);
  return saidText(text, SHOWN_CHARACTERS);
}
