// How names of artifacts of two attempts differ. Pure.

import type { Report } from '../model/evidence-model.ts';
import { tokensOf } from './sibling-jobs.ts';

/** A report with the tokens of its name, which many others are held against. */
export interface Named {
  readonly report: Report;
  readonly tokens: readonly string[];
}

/** How two names differ. */
export interface Difference {
  readonly places: readonly number[];
  /** Where the attempt stands; null: the names differ in times and commits alone. */
  readonly number: number | null;
  /** The word before says that it is the attempt. */
  readonly isWritten: boolean;
}

const SAYS_ATTEMPT: ReadonlySet<string> = new Set(['attempt', 'attempts', 'try', 'retry', 'rerun']);

/** Groups reports of several attempts of a run whose names may differ only in attempts, times and commits. */
export function alikeByName(reports: readonly Report[]): Named[][] {
  const named = reports.map((report) => ({ report, tokens: tokensOf(report.artifact) }));
  const groups = Map.groupBy(named, ({ report, tokens }) =>
    JSON.stringify([report.run_id, tokens.map((token) => (mayDiffer(token) ? '#' : token))]),
  );
  return [...groups.values()].filter(([first, ...others]) =>
    others.some(({ report }) => report.attempt !== first?.report.attempt),
  );
}

/** Whether the name of the artifact holds the number of the attempt that made it. */
export function hasAttempt({ artifact, attempt }: Report): boolean {
  const tokens = tokensOf(artifact);
  return tokens.some((token, place) => SAYS_ATTEMPT.has(token) && tokens[place + 1] === String(attempt));
}

/** How the names of two attempts' artifacts differ; null when they are equal, or differ in anything else. */
export function differenceOf(older: Named, newer: Named): Difference | null {
  const [tokens, others] = [older.tokens, newer.tokens];
  if (tokens.length !== others.length) return null;
  const places = tokens.flatMap((token, place) => (token === others[place] ? [] : [place]));
  const isAttempt = (place: number) =>
    tokens[place] === String(older.report.attempt) && others[place] === String(newer.report.attempt);
  const numbers = places.filter((place) => !isStamp(tokens, place) || !isStamp(others, place));
  const [number = null, second] = numbers;
  if (places.length === 0 || second !== undefined || (number !== null && !isAttempt(number))) return null;
  return { places, number, isWritten: number !== null && SAYS_ATTEMPT.has(tokens[number - 1] ?? '') };
}

/** Whether it may be a number or a stamp, wherever it stands. */
function mayDiffer(token: string): boolean {
  return /^\d+(?:t\d+)?z?$/.test(token) || isCommit(token);
}

function isCommit(token: string): boolean {
  return /^[0-9a-f]{7,40}$/.test(token) && /\d/.test(token);
}

/** A date, a time, a commit or a number so long that it is none of a part. */
function isStamp(tokens: readonly string[], place: number): boolean {
  const token = tokens[place] ?? '';
  if (/^\d{6,}$/.test(token) || /^\d{8}t\d{4,6}z?$/.test(token)) return true;
  if (isCommit(token)) return true;
  // Two figures after a year, and what follows those.
  const year = tokens.slice(0, place).findLastIndex((one) => /^20\d\d$/.test(one));
  return year !== -1 && tokens.slice(year + 1, place + 1).every((one) => /^\d\d(?:t\d\d)?z?$/.test(one));
}
