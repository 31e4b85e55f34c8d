// Go's cover profile (`go test -coverprofile`), also merged from several. Pure.
// Format: https://pkg.go.dev/golang.org/x/tools/cover#ParseProfiles; go tool cover counts statements, not lines, and so do we.

import type { CoverageMeasurement } from '../reading/measurement.ts';
import { REPORT_LIMITS } from '../reading/report-limits.ts';
import { readLines } from '../reading/report-lines.ts';
import { type ReportFormat, type ReportSource, Unreadable } from '../reading/report-reader.ts';
import { countOf, shown } from '../reading/report-values.ts';
import { createCoverage } from './coverage-report.ts';

interface Block {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly statements: number;
  covered: boolean;
}

const MODE = /^mode: (set|count|atomic)$/;
const BLOCK = /^(.+):((\d+)\.\d+,(\d+)\.\d+) (\d+) (\d+)$/;

function openGoCover(): ReportSource {
  const files = new Map<string, Map<string, Block>>();
  let hasMode = false;
  return readLines(
    (line) => {
      if (MODE.test(line)) {
        hasMode = true;
        return;
      }
      if (!hasMode)
        throw new Unreadable(`the first line is ${shown(line)}; "mode: set", "count" or "atomic" is allowed`);
      if (line !== '') readBlock(files, line);
    },
    () => {
      if (!hasMode) throw new Unreadable('the file is empty');
      return measure(files);
    },
  );
}

/** The same block may come once for each package that was tested: it ran when it did in one of them. */
function readBlock(files: Map<string, Map<string, Block>>, line: string): void {
  const [, path = '', place = '', first, last, statementCount, hits] = BLOCK.exec(line) ?? [];
  if (path === '') throw new Unreadable(`${shown(line)} is no line of a cover profile, or cut off`);
  const blocks = files.get(path) ?? new Map<string, Block>();
  files.set(path, blocks);
  const statements = countOf(statementCount, 'a number of statements');
  const covered = !/^0+$/.test(hits ?? '0');
  const known = blocks.get(place);
  if (known === undefined) {
    const [firstLine, lastLine] = [countOf(first, 'a line number'), countOf(last, 'a line number')];
    blocks.set(place, { firstLine, lastLine, statements, covered });
  } else if (known.statements === statements) known.covered ||= covered;
  else throw new Unreadable(`${path}:${place} has ${known.statements} statements once and ${statements} another time`);
}

function measure(files: ReadonlyMap<string, ReadonlyMap<string, Block>>): CoverageMeasurement {
  const coverage = createCoverage('go-cover', { counted: 'statements' });
  let room: number = REPORT_LIMITS.lineNumber;
  for (const [path, blocks] of files) {
    const file = coverage.file(path);
    let [covered, total] = [0, 0];
    for (const { firstLine, lastLine, statements, covered: ran } of blocks.values()) {
      total += statements;
      if (ran) covered += statements;
      room -= Math.max(lastLine - firstLine, 0) + 1;
      if (room < 0) throw new Unreadable(`the blocks span more than ${REPORT_LIMITS.lineNumber} lines`);
      for (let line = firstLine; line <= lastLine; line++) file.lines.add(line, ran);
    }
    file.consistsOf(inOrder(blocks));
    file.count('statements', { covered: countOf(covered, 'covered statements'), total: countOf(total, 'statements') });
  }
  return coverage.measurement();
}

/** Profiles of parts of a suite have the same blocks in whatever order. */
function inOrder(blocks: ReadonlyMap<string, Block>) {
  const sorted = [...blocks]
    .toSorted(([one, first], [other, second]) => first.firstLine - second.firstLine || (one < other ? -1 : 1))
    .map(([, block]) => block);
  return {
    statements: sorted.map(({ statements }) => statements),
    ran: sorted.map(({ covered }) => (covered ? '1' : '0')).join(''),
  };
}

export const goCover: ReportFormat = {
  name: 'go-cover',
  looksLike: ({ text }) => /^mode: (?:set|count|atomic)\r?\n/.test(text),
  isNamed: ({ name }) => /^(?:cover(?:age|profile)?|c)\.out$|\.coverprofile$|^coverprofile/.test(name),
  open: openGoCover,
};
