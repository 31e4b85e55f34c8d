// The figures of a coverage report out of what its parts say. Pure; coverage-report.ts uses it.
//
// 1. Of a part that says what its files come to, and of a file that says what its lines come to, the worse counts: what is listed,
//    or what is said. A total that is better than the list is remarked on alone.
// 2. What one path means that comes several times, unite-files.ts decides.

import type { Count, CoverageFile, CoverageTotals, CoverageUnit, UnlistedLines } from '../reading/measurement.ts';
import { KEPT } from '../reading/report-limits.ts';
import { measured } from '../reading/report-values.ts';
import type { CollectedFile, CountName, Part } from './coverage-parts.ts';
import { type CountedFile, uniteFiles } from './unite-files.ts';

interface AddedUp {
  readonly totals: CoverageTotals;
  /** What the files list, whatever is said of them. */
  readonly listed: Readonly<Record<CountName, Count>>;
  readonly files: readonly CoverageFile[];
  readonly unlisted: readonly UnlistedLines[];
  /** Where something said was worse than what is listed, in words. */
  readonly doubts: readonly string[];
}

const ZERO: Count = { covered: 0, total: 0 };

export function addUp(report: Part, counted: CoverageUnit, hasLines: boolean): AddedUp {
  const reading: Reading = { counted, files: [], unlisted: [], doubts: [] };
  readPart(report, reading);
  const { unlisted, doubts } = reading;
  const files = uniteFiles(reading.files, hasLines);
  const listed = sumsOf(files);
  return {
    totals: totalsOf(listed, counted, [...files.map(({ counts }) => counts), ...unlisted]),
    listed,
    files: files.map(({ path, place, counts, hits, blocks }) => ({
      path,
      ...counts,
      line_hits: hasLines ? hits : null,
      ...(place === '' ? {} : { place }),
      ...(blocks === null ? {} : { blocks }),
    })),
    unlisted,
    doubts,
  };
}

/** What is found while the parts are read. */
interface Reading {
  readonly counted: CoverageUnit;
  readonly files: CountedFile[];
  readonly unlisted: UnlistedLines[];
  readonly doubts: string[];
}

/** What a part comes to. */
interface Sum {
  readonly counts: Count;
  /** What its files list: each line once; as often as it is listed; and by their own totals, where those are what they list. */
  readonly listed: Count;
  readonly raw: Count;
  readonly own: Count;
}

function readPart(part: Part, reading: Reading): Sum {
  let sum: Sum = { counts: ZERO, listed: ZERO, raw: ZERO, own: ZERO };
  const add = ({ counts, listed, raw, own }: Sum) => {
    sum = {
      counts: plus(sum.counts, counts),
      listed: plus(sum.listed, listed),
      raw: plus(sum.raw, raw),
      own: plus(sum.own, own),
    };
  };
  for (const file of part.files) {
    const { counts, listed } = readFile(file, reading);
    const raw = file.lines.reported() ?? listed;
    const said = file.claimed?.said;
    const isListed = said !== undefined && isOneOf(said, [raw, ...(file.claimed?.same ?? [])]);
    add({ counts, listed, raw, own: isListed ? said : counts });
  }
  for (const inner of part.parts) add(readPart(inner, reading));
  let own = sum.own;
  for (const said of part.claimed) {
    const { counts, listed, raw } = sum;
    if (isOneOf(said, [listed, raw, sum.own])) own = said;
    else if (isWorse(said, counts)) {
      doubt(reading, { where: part.name === '' ? 'the report' : part.name, said, found: counts });
      reading.unlisted.push({ path: folderOf(part), ...minus(said, counts) });
      sum = { ...sum, counts: said };
      own = said;
    }
  }
  const worse = worseRate(part, sum, reading);
  return worse === null ? { ...sum, own } : { ...sum, counts: worse, own: worse };
}

/** Decimals that a rate is known to have at least: zeros at its end are not written. */
const [LEAST_DECIMALS, MOST_DECIMALS] = [2, 6];
const LONGEST_RATE = 40;

/** What a rate comes to that is worse than what is listed, however that is counted, by more than rounding. */
function worseRate(part: Part, { counts, listed, raw, own }: Sum, reading: Reading): Count | null {
  for (const rate of part.rates) {
    const share = rate.trim() === '' || rate.length > LONGEST_RATE ? Number.NaN : Number(rate);
    // Some write "NaN" where there is nothing, or a share of a hundred.
    if (!(share >= 0 && share <= 1) || counts.total === 0) continue;
    const decimals = /^\d*\.(\d+)$/.exec(rate.trim())?.[1]?.length ?? 0;
    const rounding = 10 ** -Math.min(MOST_DECIMALS, Math.max(LEAST_DECIMALS, decimals));
    const isWorseThan = ({ covered, total }: Count) => total > 0 && (share + rounding) * total < covered;
    if (![counts, listed, raw, own].every((one) => one.total === 0 || isWorseThan(one))) continue;
    const said = { covered: Math.round(share * counts.total), total: counts.total };
    if (said.covered >= counts.covered) continue;
    doubt(reading, { where: `a line rate of ${rate.trim()}: the report`, said, found: counts });
    reading.unlisted.push({ path: folderOf(part), ...minus(said, counts) });
    return said;
  }
  return null;
}

function doubt(
  { doubts, counted }: Reading,
  { where, said, found }: { readonly where: string; readonly said: Count; readonly found: Count },
): void {
  if (doubts.length >= KEPT.doubts) return;
  doubts.push(
    `${where} says ${said.covered} of ${said.total} ${counted} and lists ${found.covered} of ${found.total}: the worse counts`,
  );
}

/** Where the files of a part are: a package is a folder to JaCoCo. */
function folderOf({ name, place, is_place }: Part): string {
  return [place, is_place ? '' : name].filter((one) => one !== '').join('/');
}

/** Keeps the file as it is told. */
function readFile(file: CollectedFile, reading: Reading): CountedFile {
  const hits = file.lines.hits();
  const total = hits.covered.length + hits.uncovered.length;
  if (total > 0) file.counts.set('lines', { covered: hits.covered.length, total });
  const listed = file.counts.get(reading.counted) ?? ZERO;
  const { path, place, part, is_certain, test, blocks, claimed } = file;
  const isClaimWorse =
    claimed !== null &&
    !isOneOf(claimed.said, [file.lines.reported() ?? listed, ...claimed.same]) &&
    isWorse(claimed.said, listed);
  if (isClaimWorse) doubt(reading, { where: path, said: claimed.said, found: listed });
  const counts = isClaimWorse ? claimed.said : listed;
  const counted = { path, place, part, is_certain, test, blocks, hits, listed, counts, others: file.counts };
  reading.files.push(counted);
  return counted;
}

/** Whether what is said is found by counting in another of the usual ways. */
function isOneOf(said: Count, same: readonly Count[]): boolean {
  return same.some(({ covered, total }) => covered === said.covered && total === said.total);
}

/** Whether what is said is a smaller share than what was found. */
function isWorse(said: Count, found: Count): boolean {
  return said.total > 0 && (found.total === 0 || said.covered * found.total < found.covered * said.total);
}

function plus(one: Count, other: Count): Count {
  return { covered: one.covered + other.covered, total: one.total + other.total };
}

function minus(one: Count, other: Count): Count {
  return { covered: one.covered - other.covered, total: one.total - other.total };
}

function sumsOf(files: readonly CountedFile[]): Record<CountName, Count> {
  const sums = { lines: ZERO, statements: ZERO, branches: ZERO, functions: ZERO, instructions: ZERO };
  for (const { others } of files) for (const [name, count] of others) sums[name] = plus(sums[name], count);
  return sums;
}

function totalsOf(listed: Record<CountName, Count>, counted: CoverageUnit, counts: readonly Count[]): CoverageTotals {
  const sums = { ...listed, [counted]: counts.reduce(plus, ZERO) };
  return {
    lines: measured(sums.lines),
    statements: measured(sums.statements),
    branches: measured(sums.branches),
    functions: measured(sums.functions),
    instructions: measured(sums.instructions),
  };
}
