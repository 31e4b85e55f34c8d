// lcov's tracefile (`lcov.info`), as lcov, Istanbul, Vitest, coverage.py, grcov and others write it. Pure.
// Format: `man geninfo`, "TRACEFILE FORMAT", https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1
//
// An own parser: @friedemannsommer/lcov-parser 5.0.2, the one that streams, makes an object of every line; see docs/bench.md.

import { readLines } from '../reading/report-lines.ts';
import { type ReportFormat, type ReportSource, Unreadable } from '../reading/report-reader.ts';
import { countedOf, countOf, isAbsolute, isRun, shown, wholeNumberIn } from '../reading/report-values.ts';
import { type CoverageCollector, createCoverage, type FileCollector } from './coverage-report.ts';

interface Record {
  readonly file: FileCollector;
  /** Function or branch, and whether it ran. */
  readonly functions: Map<string, boolean>;
  readonly branches: Map<string, boolean>;
  remark(text: string): void;
  lineCount: number;
  /** The summary's own figures, by their two-letter names. */
  readonly claimed: Map<string, number>;
}

const DA = 'DA:';
const SUMMARY: ReadonlySet<string> = new Set(['LF', 'LH', 'FNF', 'FNH', 'BRF', 'BRH']);

function openLcov(): ReportSource {
  const coverage = createCoverage('lcov');
  let record: Record | null = null;
  let last = '';
  let test = '';
  return readLines(
    (line) => {
      // Nearly all lines are of this kind.
      if (record !== null && line.startsWith(DA)) {
        readLine(record, line);
        last = line;
        return;
      }
      if (line === '' || line.startsWith('#')) return;
      last = line;
      if (line === 'end_of_record') {
        if (record !== null) endRecord(coverage, record);
        record = null;
        return;
      }
      const colon = line.indexOf(':');
      const key = line.slice(0, Math.max(colon, 0));
      if (!/^[A-Z]+$/.test(key)) throw new Unreadable(`${shown(line)} is no line of a tracefile`);
      const value = line.slice(colon + 1);
      if (key === 'SF') {
        if (record !== null) throw new Unreadable('a record begins before the one before it ended');
        record = startRecord(coverage, value, test);
      } else if (key === 'TN') test = value;
      else if (record !== null) readField(record, key, value);
    },
    () => {
      if (last !== '' && last !== 'end_of_record')
        throw new Unreadable('the file does not end with end_of_record: it was cut off');
      return coverage.measurement();
    },
  );
}

function startRecord(coverage: CoverageCollector, path: string, test: string): Record {
  // geninfo has a record of a header for each file that includes it, by its whole path. A path from somewhere in the repository may
  // be that of several files, where reports of several packages were put into one.
  const file = coverage.file(path, { anew: true, is_certain: isAbsolute(path), test });
  const { remark } = coverage;
  return { file, functions: new Map(), branches: new Map(), remark, lineCount: 0, claimed: new Map() };
}

function readField(record: Record, key: string, value: string): void {
  if (key === 'BRDA') readBranch(record, value);
  else if (key === 'FN') mark(record.functions, value.replace(/^\d+,(?:\d+,)?/, ''), false);
  else if (key === 'FNDA' || key === 'FNA') readFunction(record, key, value);
  else if (SUMMARY.has(key)) record.claimed.set(key, countOf(value, key));
}

/** `DA:line,count[,checksum]` */
function readLine(record: Record, text: string): void {
  const comma = text.indexOf(',', DA.length);
  const second = text.indexOf(',', comma + 1);
  const end = second === -1 ? text.length : second;
  const line = wholeNumberIn(text, DA.length, comma);
  if (!(line >= 0)) throw new Unreadable(`${shown(text)} has no line number`);
  const hits = wholeNumberIn(text, comma + 1, end);
  record.file.lines.add(line, hits >= 0 ? hits > 0 : isRun(text.slice(comma + 1, end), record.remark));
  record.lineCount++;
}

/** `line,[e]block,branch,taken`; the branch may be an expression that holds commas. */
function readBranch(record: Record, value: string): void {
  const comma = value.lastIndexOf(',');
  const taken = value.slice(comma + 1);
  mark(record.branches, value.slice(0, comma), taken !== '-' && isRun(taken, record.remark));
}

/** `FNDA:count,name` and lcov 2's `FNA:index,count,name`. */
function readFunction(record: Record, key: string, value: string): void {
  const parts = /^(-?[^,]*),(.*)$/.exec(key === 'FNA' ? value.slice(value.indexOf(',') + 1) : value);
  mark(record.functions, parts?.[2] ?? '', isRun(parts?.[1] ?? '', record.remark));
}

function mark(seen: Map<string, boolean>, key: string, covered: boolean): void {
  seen.set(key, covered || seen.get(key) === true);
}

function endRecord(coverage: CoverageCollector, { file, functions, branches, lineCount, claimed }: Record): void {
  const count = (name: 'functions' | 'branches', seen: Map<string, boolean>, hit: string, found: string): void => {
    const covered = [...seen.values()].filter(Boolean).length;
    if (seen.size > 0) file.count(name, { covered, total: seen.size });
    else if (claimed.has(found)) file.count(name, countedOf(claimed.get(hit), claimed.get(found), name));
    if (seen.size > 0 && (claimed.get(found) ?? seen.size) !== seen.size) {
      coverage.remark(`${found} says ${claimed.get(found)} ${name}, ${seen.size} are listed`);
    }
  };
  count('functions', functions, 'FNH', 'FNF');
  count('branches', branches, 'BRH', 'BRF');
  const lines = claimed.get('LF');
  if (lineCount > 0 && (lines ?? lineCount) !== lineCount)
    coverage.remark(`LF says ${lines} lines, ${lineCount} are listed`);
  if (lines === undefined) return;
  if (lineCount === 0) file.count('lines', countedOf(claimed.get('LH'), lines, 'lines'));
  else if (claimed.has('LH')) file.claim(countedOf(claimed.get('LH'), lines, 'lines'));
}

export const lcov: ReportFormat = {
  name: 'lcov',
  looksLike: ({ text }) => /^\s*(?:(?:TN:|VER:|#).*\n)*SF:/.test(text),
  isNamed: ({ name }) => /(?:^|[._-])lcov(?:[._-]|$)/.test(name),
  open: openLcov,
};
