// Measures how much of the code was run, by the reports, and compares it with the threshold. Pure.

import { isAbsolute } from '../../evidence/reading/report-values.ts';
import { globMatcher } from '../../policy/globs/glob.ts';
import type { Criterion } from '../../policy/schema/criteria.ts';
import type { ChangedLines, CoveredLines, Report } from '../model/evidence-model.ts';
import { broken, type Figure, failed, passed } from '../model/figure.ts';
import { REMEDY } from '../model/remedies.ts';
import { type ChangedFile, changedFiles } from './changed-coverage.ts';
import { type MergedCoverage, mergeCoverage } from './merge-coverage.ts';
import type { MergedFile } from './merge-file.ts';
import { rememberLines } from './merge-lines.ts';
import { scopedFiles } from './scoped-files.ts';

interface Count {
  readonly covered: number;
  readonly total: number;
}

/** The most doubts about the reports that a reason lists. */
const DOUBTS_SHOWN = 2;
/** So many files are named where none fits. */
const FILES_SHOWN = 3;
const CHARACTERS_SHOWN = 120;
const ZERO: Count = { covered: 0, total: 0 };

/** Measures the share of lines that were run, of all files or of those that the criterion's scope names. */
export function measureCoverage({ scope, threshold }: Criterion, reports: readonly Report[]): Figure {
  // What else a pull request changes says nothing of the figure.
  const merged = mergeOnce(reports, null);
  if (typeof merged === 'string') return broken('ARTIFACTS_DISAGREE', merged);
  const shares = reports.flatMap(({ measured }) =>
    measured.flatMap((one) => (one.kind === 'coverage share' ? one.share : [])),
  );
  if (merged.files.length === 0 && shares.length > 0) return atLeast(Math.min(...shares), threshold ?? 0);
  const work = { left: scope.kind === 'path' ? scope.work : 0 };
  const fits = scope.kind === 'path' ? globMatcher(scope.glob, work) : () => true;
  const least = threshold ?? 0;
  const files = scope.kind === 'path' ? scopedFiles(merged.files, scope.glob, fits) : merged.files;
  const isAround = (folder: string) => {
    work.left -= files.length;
    return work.left >= 0 && files.some((file) => wholePath(file).startsWith(`${folder}/`));
  };
  // Of what a report does not list nobody knows whether it is in a folder, unless the report tells its own.
  const unlisted = merged.unlisted.filter(({ path }) => path === '' || fits(`${path}/unlisted`) || isAround(path));
  if (work.left < 0) {
    const reason = 'the globs of the policy and the files of the report are too many to be matched';
    return broken('NOTHING_MEASURED', reason, REMEDY.fewerGlobs);
  }
  if (scope.kind === 'path' && files.length === 0 && merged.files.length > 0)
    return broken('NOTHING_MEASURED', noneFits(scope.glob, merged.files), REMEDY.fitsGlob);
  const counts = [...files.map(({ ways }) => worst(ways.map(sumOf), least)), ...(files.length === 0 ? [] : unlisted)];
  return withDoubts(shareOf(sumOf(counts), least), merged.doubts);
}

/** What the reports name instead, so that a mistyped glob is seen. */
function noneFits(glob: string, files: readonly MergedFile[]): string {
  const shown = files.slice(0, FILES_SHOWN).map((file) => wholePath(file).slice(0, CHARACTERS_SHOWN));
  return `no file of the reports fits ${glob}; they name ${shown.join(', ')}${files.length > FILES_SHOWN ? ', …' : ''}`;
}

function wholePath({ path, place }: MergedFile): string {
  return place === '' ? path : `${place}/${path}`;
}

/** Measures the share of lines that were run among those that the pull request adds or changes, as far as reports know them. */
export function measureChangedLines(
  { threshold }: Criterion,
  reports: readonly Report[],
  changed: ChangedLines | null,
): Figure {
  if (changed === null)
    return broken('EVIDENCE_MISSING', 'GitHub does not tell which lines changed', REMEDY.linesUnknown);
  const merged = mergeOnce(reports, changed);
  if (typeof merged === 'string') return broken('ARTIFACTS_DISAGREE', merged);
  const touched = changedFiles(merged.files, changed);
  if (touched === null) {
    return broken(
      'NOTHING_MEASURED',
      'the coverage report knows none of the changed files; its paths have to be those of the repository',
    );
  }
  const unknown = unknownOf(touched);
  if (unknown !== null) return unknown;
  // Many changed files may mean one file of the report: its lines are looked through once, the changed ones each time.
  const linesOf = rememberLines();
  const countOf = (file: CoveredLines, lines: readonly number[]): Count => {
    const among = (which: 'run' | 'missed') => {
      const there = linesOf(file, which);
      return lines.reduce((found, line) => found + (there.has(line) ? 1 : 0), 0);
    };
    const covered = among('run');
    return { covered, total: covered + among('missed') };
  };
  const least = threshold ?? 0;
  const counts = touched.map(({ files, lines }) => {
    // It is one of them, or what they come to together.
    const ways = files.flatMap((file) => file.ways.flat());
    return worst(
      ways.map((file) => countOf(file, lines ?? [])),
      least,
    );
  });
  const sum = sumOf(counts);
  const figure = sum.total === 0 ? passed('no changed line is one that tests can run') : shareOf(sum, least);
  return figure.state === 'pass' ? (doubtOf(touched) ?? figure) : figure;
}

/** What else a changed file may be than it was counted as; null when nothing. */
function doubtOf(touched: readonly ChangedFile[]): Figure | null {
  for (const { path, doubt } of touched) {
    if (doubt === null) continue;
    const named = doubt.place === '' || isAbsolute(doubt.path) ? doubt.path : `${doubt.place}/${doubt.path}`;
    return broken(
      'NOTHING_MEASURED',
      `${path} may be ${named} of the coverage report, or another file; let its package have a report, and reports name files from the repository's root`,
    );
  }
  return null;
}

/** Why the coverage of the changed files is not known; null when it is. */
function unknownOf(touched: readonly ChangedFile[]): Figure | null {
  const unknown = touched.find(({ lines }) => lines === null);
  if (unknown !== undefined) {
    return broken(
      'EVIDENCE_MISSING',
      `GitHub does not tell which lines of ${unknown.path} changed, as of very large files`,
      REMEDY.overrideLines,
    );
  }
  if (
    touched.some(({ files }) => files.some(({ ways }) => ways.some((way) => way.some(({ lines }) => lines === null))))
  ) {
    return broken(
      'NOTHING_MEASURED',
      'the coverage report does not name lines; lcov, Cobertura, Clover, JaCoCo and Istanbul’s coverage-final do',
      REMEDY.namesLines,
    );
  }
  return null;
}

/** Of several ways to count the one that is the least above the threshold, or the most below it, whatever else is added. */
function worst(ways: readonly Count[], least: number): Count {
  const above = ({ covered, total }: Count) => covered - least * total;
  return ways.reduce((one, other) => (above(other) < above(one) ? other : one), ways[0] ?? ZERO);
}

function sumOf(counts: readonly Count[]): Count {
  let [covered, total] = [0, 0];
  for (const count of counts) {
    covered += count.covered;
    total += count.total;
  }
  return { covered, total };
}

function atLeast(share: number, threshold: number): Figure {
  const reason = 'as the summary tells it';
  return share >= threshold ? passed(reason, share) : failed('COVERAGE_BELOW_MIN', reason, share);
}

/** A share of zero lines is no measurement: an empty report must not be a green one. */
function shareOf({ covered: run, total }: Count, threshold: number): Figure {
  const covered = Math.max(0, run);
  if (total <= 0) return broken('NOTHING_MEASURED', 'the report counts no lines');
  const share = covered / total;
  const counted = `${covered} of ${total} lines`;
  // Held against each other as counts: no rounding lifts 79.96 % over 80 %.
  return covered >= threshold * total ? passed(counted, share) : failed('COVERAGE_BELOW_MIN', counted, share);
}

function withDoubts(figure: Figure, doubts: readonly string[]): Figure {
  if (doubts.length === 0) return figure;
  const shown = doubts.slice(0, DOUBTS_SHOWN).join('; ');
  const more = doubts.length > DOUBTS_SHOWN ? `; and ${doubts.length - DOUBTS_SHOWN} more` : '';
  return { ...figure, reason: `${figure.reason}; ${shown}${more}` };
}

/**
 * A policy may have hundreds of criteria that rest on the same reports: they are put together once, for as long as they are kept, and
 * once more where what changed tells of roots.
 */
function mergeOnce(reports: readonly Report[], changed: ChangedLines | null): MergedCoverage | string {
  const [first] = reports;
  const mergedBefore = changed === null ? plain : withChanged;
  const known = first && mergedBefore.get(first);
  const isSame = known?.changed === changed && known.reports.length === reports.length;
  if (known !== undefined && isSame && known.reports.every((one, index) => one === reports[index])) return known.merged;
  const merged = mergeCoverage(reports, Object.keys(changed ?? {}));
  if (first !== undefined) mergedBefore.set(first, { reports, changed, merged });
  return merged;
}

interface Merged {
  readonly reports: readonly Report[];
  readonly changed: ChangedLines | null;
  readonly merged: MergedCoverage | string;
}

const [plain, withChanged] = [new WeakMap<Report, Merged>(), new WeakMap<Report, Merged>()];
