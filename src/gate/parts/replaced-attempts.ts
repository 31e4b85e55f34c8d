// Artifacts that a re-run made anew under another name, because the attempt, a time or a commit stands in it. Pure.
//
// 1. An artifact replaces one of an earlier attempt of its run, never one of its own attempt.
// 2. Their names differ in one number that is the attempt of each (`report-1`, `report-2`), or in dates, times and commits alone.
// 3. What made the older one has run again: the brain says so (is_stale), or each job does whose value of a matrix the rest of the
//    name carries; and all that ran again ended well. Where the word `attempt` stands before the number, or both say that they are
//    the same shard, it is enough that no job that may have made the older one has not run again (likely-makers.ts).
// 4. A number may be a shard's: then nothing is replaced. It is one where the reports say that they are different shards, where jobs
//    of the workflow are numbered so and the rest of the name carries no job's value, or where artifacts of one attempt differ in it.

import type { EvidenceModel, Report } from '../model/evidence-model.ts';
import { alikeByName, type Difference, differenceOf, hasAttempt, type Named } from '../names/attempt-names.ts';
import { type Makers, makersOf } from '../names/likely-makers.ts';
import { tokensOf } from '../names/sibling-jobs.ts';

/** The reports without those that a later attempt replaced, by the rules at the head of this file. */
export function withoutReplaced(
  reports: readonly Report[],
  { signals }: Pick<EvidenceModel, 'signals'>,
): readonly Report[] {
  const groups = alikeByName(reports);
  if (groups.length === 0) return reports;
  const others = othersOf(reports);
  const makers = new Map<string, Makers>();
  const replaced = new Set<Report>();
  for (const group of groups) {
    for (const older of group) {
      const { workflow, foreign_event } = older.report;
      const place = JSON.stringify([workflow, foreign_event ?? null]);
      const known = makers.get(place) ?? makersOf(older.report, signals);
      makers.set(place, known);
      if (group.some((newer) => isReplacedBy(older, newer, { others, makers: known }))) replaced.add(older.report);
    }
  }
  return replaced.size === 0 ? reports : reports.filter((report) => !replaced.has(report));
}

/** Says in words what to do when a report may have been replaced and nothing shows whether it was; null when there is no such report. */
export function mayBeReplaced(reports: readonly Report[]): string | null {
  for (const group of alikeByName(reports)) {
    for (const older of group) {
      const newer = group.find((one) => isLater(one, older) && differenceOf(older, one) !== null);
      if (newer !== undefined)
        return sentence(`artifact ${newer.report.artifact} may replace ${older.report.artifact}`);
    }
  }
  const named = reports.find((report) => report.is_stale && hasAttempt(report));
  return named === undefined ? null : sentence(`if artifact ${named.artifact} is named for its attempt`);
}

function sentence(why: string): string {
  return `${why}: name it without the attempt and with overwrite: true`;
}

function isLater(newer: Named, older: Named): boolean {
  return newer.report.run_id === older.report.run_id && newer.report.attempt > older.report.attempt;
}

interface OtherReports {
  readonly others: Others;
  readonly makers: Makers;
}

function isReplacedBy(older: Named, newer: Named, { others, makers }: OtherReports): boolean {
  if (!isLater(newer, older)) return false;
  const difference = differenceOf(older, newer);
  const [shards, newShards] = [shardsOf(older.report), shardsOf(newer.report)];
  const tellShards = shards.length > 0 && newShards.length > 0;
  if (difference === null || (tellShards && String(shards) !== String(newShards))) return false;
  const { attempt } = newer.report;
  const rest = older.tokens.filter((_, place) => !difference.places.includes(place));
  const ofValue = makers.ofValue(rest);
  const hasRunAgain = older.report.is_stale || (ofValue.length > 0 && ofValue.every((job) => job.attempt >= attempt));
  if (difference.isWritten || tellShards) return hasRunAgain || (ofValue.length === 0 && !makers.rests(rest, attempt));
  // One that did not end well may have left out what only looks as if it were replaced.
  if (!hasRunAgain || !makers.allEndedWell(attempt)) return false;
  return isOnlyOne(older, newer, difference, { others, makers, isMade: ofValue.length > 0 });
}

/** Whether the number can be no shard's. */
function isOnlyOne(
  older: Named,
  newer: Named,
  { number, places }: Difference,
  { others, makers, isMade }: OtherReports & { readonly isMade: boolean },
): boolean {
  // Two of one attempt that differ in nothing else are two parts of something.
  if (!others.isAlone(older, places) || !others.isAlone(newer, places)) return false;
  if (number === null) return true;
  const isNumbered = makers.isValue([String(older.report.attempt), String(newer.report.attempt)]);
  return !isNumbered || (isMade && others.haveAttempt(older, number));
}

/** What else there is of the attempt of an artifact. */
interface Others {
  /** Whether no other differs from it in these places alone. */
  readonly isAlone: (named: Named, places: readonly number[]) => boolean;
  /** Whether those named like it, at least two, all have the attempt there. */
  readonly haveAttempt: (named: Named, number: number) => boolean;
}

function othersOf(reports: readonly Report[]): Others {
  const keyOf = ({ run_id, attempt }: Report, { length }: readonly string[]) =>
    JSON.stringify([run_id, attempt, length]);
  const names = Map.groupBy(
    reports.map((report) => ({ report, tokens: tokensOf(report.artifact) })),
    ({ report, tokens }) => keyOf(report, tokens),
  );
  const beside = ({ report, tokens }: Named) => names.get(keyOf(report, tokens)) ?? [];
  const known = new Map<string, boolean>();
  const once = (key: string, find: () => boolean) => {
    const found = known.get(key) ?? find();
    known.set(key, found);
    return found;
  };
  return {
    isAlone: (named, places) =>
      once(JSON.stringify([named.report.run_id, named.report.attempt, named.tokens, places]), () => {
        const isLike = ({ tokens }: Named) =>
          tokens.every((token, place) => token === named.tokens[place] || places.includes(place));
        return beside(named).filter(isLike).length < 2;
      }),
    haveAttempt: (named, number) =>
      once(JSON.stringify([keyOf(named.report, named.tokens), number]), () => {
        const of = beside(named);
        return of.length > 1 && of.every(({ tokens }) => tokens[number] === String(named.report.attempt));
      }),
  };
}

/** Which shards an artifact's reports say that they are. */
function shardsOf({ measured }: Report): string[] {
  return measured.flatMap((one) =>
    one.kind === 'tests' && one.shard ? `${one.shard.current}/${one.shard.total}` : [],
  );
}
