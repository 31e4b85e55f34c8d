// Artifacts that a re-run made anew under another name, because the attempt, a time or a commit stands in it. Pure; evaluate.ts uses it.
//
// 1. An artifact replaces one of an earlier attempt of its run, never one of its own attempt.
// 2. Their names differ in one number that is the attempt of each (`report-1`, `report-2`), or in dates, times and commits alone.
// 3. What made the older one has run again: the brain says so (is_stale), or the job does whose value of a matrix the rest of the
//    name carries; and all that ran again ended well. Where the word `attempt` stands before the number, or both say that they are
//    the same shard, the newer one itself says so.
// 4. A number may be a shard's: then nothing is replaced. It is one where the reports say that they are different shards, where jobs
//    of the workflow are numbered so and the rest of the name carries no job's value, or where artifacts of one attempt differ in it.

import type { Gathered, Report, Signal } from './gathered.ts';
import { carries, matricesOf, type Part, tokensOf } from './sibling-jobs.ts';

/** The reports without those that a later attempt replaced. */
export function withoutReplaced(reports: readonly Report[], { signals }: Pick<Gathered, 'signals'>): readonly Report[] {
  const of = (older: Report) => reports.some((newer) => isReplacedBy(older, newer, { reports, signals }));
  const replaced = new Set(reports.filter(of));
  return replaced.size === 0 ? reports : reports.filter((report) => !replaced.has(report));
}

/** What may have been replaced without anybody being able to tell, in words: what to do about it; null: nothing. */
export function mayBeReplaced(reports: readonly Report[]): string | null {
  for (const older of reports) {
    const newer = reports.find((one) => isLater(one, older) && differenceOf(older, one) !== null);
    if (newer !== undefined) return sentence(`artifact ${newer.artifact} may replace ${older.artifact}`);
  }
  const [named] = reports.filter(({ artifact, is_stale, attempt }) => is_stale && hasAttempt(artifact, attempt));
  return named === undefined ? null : sentence(`if artifact ${named.artifact} is named for its attempt`);
}

function sentence(why: string): string {
  return `${why}: name it without the attempt and with overwrite: true`;
}

function hasAttempt(artifact: string, attempt: number): boolean {
  const tokens = tokensOf(artifact);
  return tokens.some((token, place) => SAYS_ATTEMPT.has(token) && tokens[place + 1] === String(attempt));
}

function isLater(newer: Report, older: Report): boolean {
  return newer.run_id === older.run_id && newer.attempt > older.attempt;
}

interface Told {
  readonly reports: readonly Report[];
  readonly signals: readonly Signal[];
}

function isReplacedBy(older: Report, newer: Report, { reports, signals }: Told): boolean {
  if (!isLater(newer, older)) return false;
  const difference = differenceOf(older, newer);
  const [shards, others] = [shardsOf(older), shardsOf(newer)];
  const tellShards = shards.length > 0 && others.length > 0;
  if (difference === null || (tellShards && String(shards) !== String(others))) return false;
  if (difference.isWritten || tellShards) return true;
  const jobs = signals.filter(({ kind, origin }) => kind === 'job' && origin === older.workflow);
  // One that did not end well may have left out what only looks as if it were replaced.
  if (jobs.some((job) => job.attempt >= newer.attempt && !hasEndedWell(job))) return false;
  const parts = matricesOf(jobs).flatMap((matrix) => matrix.parts);
  const rest = difference.tokens.filter((_, place) => !difference.places.includes(place));
  const makers = parts.filter(({ own }) => carries(rest, own));
  const hasRunAgain = older.is_stale || makers.some(({ job }) => job.attempt >= newer.attempt);
  return hasRunAgain && isOnlyOne(older, newer, difference, { reports, parts, isMade: makers.length > 0 });
}

/** Whether the number can be no shard's. */
function isOnlyOne(
  older: Report,
  newer: Report,
  { number, places }: Difference,
  { reports, parts, isMade }: { reports: readonly Report[]; parts: readonly Part[]; isMade: boolean },
): boolean {
  const alike = (of: Report) =>
    reports.filter((one) => one.run_id === of.run_id && one.attempt === of.attempt && differsOnlyAt(one, of, places));
  // Two of one attempt that differ in nothing else are two parts of something.
  if (alike(older).length > 1 || alike(newer).length > 1) return false;
  if (number === null) return true;
  const values = [String(older.attempt), String(newer.attempt)];
  const isNumbered = parts.some(({ own }) => own.some((token) => values.includes(token)));
  return !isNumbered || (isMade && isAttemptOfAll(older, number, reports));
}

/** Whether the artifacts of the older one's attempt, named like it, at least two, all have the attempt there, and something else elsewhere. */
function isAttemptOfAll(older: Report, number: number, reports: readonly Report[]): boolean {
  const { length } = tokensOf(older.artifact);
  const of = reports
    .filter((one) => one.run_id === older.run_id && one.attempt === older.attempt)
    .map(({ artifact }) => tokensOf(artifact))
    .filter((tokens) => tokens.length === length);
  return of.length > 1 && of.every((tokens) => tokens[number] === String(older.attempt));
}

function differsOnlyAt(one: Report, other: Report, places: readonly number[]): boolean {
  const [tokens, others] = [tokensOf(one.artifact), tokensOf(other.artifact)];
  if (tokens.length !== others.length) return false;
  return tokens.every((token, place) => token === others[place] || places.includes(place));
}

interface Difference {
  readonly tokens: readonly string[];
  readonly places: readonly number[];
  /** Where the attempt stands; null: the names differ in times and commits alone. */
  readonly number: number | null;
  /** The word before says that it is the attempt. */
  readonly isWritten: boolean;
}

const SAYS_ATTEMPT: ReadonlySet<string> = new Set(['attempt', 'attempts', 'try', 'retry', 'rerun']);

/** How names of two attempts differ; null: in something else, or not at all. */
function differenceOf(older: Report, newer: Report): Difference | null {
  const [tokens, others] = [tokensOf(older.artifact), tokensOf(newer.artifact)];
  if (tokens.length !== others.length) return null;
  const places = tokens.flatMap((token, place) => (token === others[place] ? [] : [place]));
  const isAttempt = (place: number) =>
    tokens[place] === String(older.attempt) && others[place] === String(newer.attempt);
  const numbers = places.filter((place) => !isStamp(tokens, place) || !isStamp(others, place));
  const [number = null, second] = numbers;
  if (places.length === 0 || second !== undefined || (number !== null && !isAttempt(number))) return null;
  return { tokens, places, number, isWritten: number !== null && SAYS_ATTEMPT.has(tokens[number - 1] ?? '') };
}

/** A date, a time, a commit or a number so long that it is none of a part. */
function isStamp(tokens: readonly string[], place: number): boolean {
  const token = tokens[place] ?? '';
  if (/^\d{6,}$/.test(token) || /^\d{8}t\d{4,6}z?$/.test(token)) return true;
  if (/^[0-9a-f]{7,40}$/.test(token) && /\d/.test(token)) return true;
  // Two figures after a year, and what follows those.
  const year = tokens.slice(0, place).findLastIndex((one) => /^20\d\d$/.test(one));
  return year !== -1 && tokens.slice(year + 1, place + 1).every((one) => /^\d\d(?:t\d\d)?z?$/.test(one));
}

/** Which shards an artifact's reports say that they are. */
function shardsOf({ measured }: Report): string[] {
  return measured.flatMap((one) =>
    one.kind === 'tests' && one.shard ? `${one.shard.current}/${one.shard.total}` : [],
  );
}

function hasEndedWell({ conclusion }: Signal): boolean {
  return conclusion === 'success' || conclusion === 'skipped';
}
