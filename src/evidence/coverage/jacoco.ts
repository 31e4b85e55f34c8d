// JaCoCo's XML report, also written by Kover. Pure; src/evidence/ only.
// Format: https://www.jacoco.org/jacoco/trunk/coverage/report.dtd; what the counters count: https://www.jacoco.org/jacoco/trunk/doc/counters.html

import type { Count, CoverageMeasurement } from '../reading/measurement.ts';
import { holdsBefore } from '../reading/report-names.ts';
import type { ReportFormat, ReportSource } from '../reading/report-reader.ts';
import { countOf, sharedFolder } from '../reading/report-values.ts';
import { type Attributes, readXml, rootTagOf } from '../reading/report-xml.ts';
import { type CountName, type CoverageCollector, createCoverage, type FileCollector } from './coverage-report.ts';

const COUNTERS: Readonly<Record<string, CountName>> = {
  LINE: 'lines',
  BRANCH: 'branches',
  METHOD: 'functions',
  INSTRUCTION: 'instructions',
};

/** What counts its files; a class counts lines that other classes of its file have too. */
const PARTS: ReadonlySet<string> = new Set(['report', 'group', 'package']);

function openJacoco(): ReportSource {
  const byLine = createCoverage('jacoco');
  const byInstruction = createCoverage('jacoco', { counted: 'instructions', hasLines: false });
  let module = '';
  let packageName = '';
  let file: FileCollector | null = null;
  let instructions: FileCollector | null = null;
  let hasLines = false;
  const way: string[] = [];
  return readXml({
    open(name, attributes) {
      if (name === 'report') module = moduleNamed(attributes.name ?? '');
      else if (name === 'group') openPart(attributes.name ?? '', { is_place: true });
      else if (name === 'package') {
        packageName = sharedFolder(attributes.name ?? '');
        // A report without groups is of the one module that it is named for.
        openPart(packageName, { is_place: false, place: way.at(-1) === 'report' ? module : '' });
      } else if (name === 'sourcefile') {
        const path = packageName === '' ? (attributes.name ?? '') : `${packageName}/${attributes.name ?? ''}`;
        file = byLine.file(path, { anew: true });
        instructions = byInstruction.file(path, { anew: true });
      } else if (name === 'line' && file !== null) {
        hasLines = true;
        file.lines.add(countOf(attributes.nr, 'a line number'), countOf(attributes.ci, 'covered instructions') > 0);
      } else if (name === 'counter') {
        readCounter(attributes, { byLine, byInstruction, file, instructions, of: way.at(-1) ?? '' });
      }
      way.push(name);
    },
    close(name) {
      way.pop();
      if (name === 'sourcefile') file = instructions = null;
      if (name !== 'group' && name !== 'package') return;
      byLine.close();
      byInstruction.close();
    },
    end: () => withoutLines(byLine, byInstruction, hasLines),
  });

  function openPart(name: string, how: { readonly is_place: boolean; readonly place?: string }): void {
    byLine.open(name, how);
    byInstruction.open(name, how);
  }
}

/** Names that tools give to every report, and those of a run of the tests. */
const NO_MODULE: ReadonlySet<string> = new Set(
  `jacoco kover intellij coverage code report reports gradle maven plugin xml of for the merged aggregate aggregated combined total all
  test tests unit integration it e2e functional acceptance smoke debug release shard part run`
    .replaceAll('\n', ' ')
    .split(' ')
    .filter((word) => word !== ''),
);

/** Gradle and Maven name a report for its project: `module-a`, `… for :libs:core`. Empty: the name tells of none. */
function moduleNamed(name: string): string {
  const [before = '', ...modules] = name.split(':').map((part) => part.trim());
  const modulePath = modules.length === 0 ? before : modules.filter((part) => part !== '').join('/');
  const words = modulePath
    .toLowerCase()
    .replaceAll('-', ' ')
    .replaceAll('_', ' ')
    .split(' ')
    .filter((word) => word !== '');
  return words.every((word) => NO_MODULE.has(word) || Number.isInteger(Number(word))) ? '' : modulePath;
}

interface Place {
  readonly byLine: CoverageCollector;
  readonly byInstruction: CoverageCollector;
  readonly file: FileCollector | null;
  readonly instructions: FileCollector | null;
  /** The tag around it. */
  readonly of: string;
}

function readCounter(
  { type = '', covered, missed }: Attributes,
  { byLine, byInstruction, file, instructions, of }: Place,
) {
  const name = COUNTERS[type];
  if (name === undefined) return;
  const count = counterOf(covered, missed, type);
  if (of === 'report') byLine.claim(name, count.covered, count.total);
  else if (of === 'sourcefile' && name === 'lines') file?.claim(count);
  else if (of === 'sourcefile') {
    file?.count(name, count);
    instructions?.count(name, count);
  } else if (PARTS.has(of) && name === 'lines') byLine.claimCounted(count);
  if (PARTS.has(of) && name === 'instructions') byInstruction.claimCounted(count);
}

function counterOf(covered: unknown, missed: unknown, type: string): Count {
  const ran = countOf(covered, 'covered', type);
  return { covered: ran, total: ran + countOf(missed, 'missed', type) };
}

/** Classes compiled without debug information have no lines: their instructions are the figure then. */
function withoutLines(
  byLine: CoverageCollector,
  byInstruction: CoverageCollector,
  hasLines: boolean,
): CoverageMeasurement {
  if (hasLines) return byLine.measurement();
  byInstruction.remark('the classes have no line numbers: instructions are counted');
  return byInstruction.measurement();
}

export const jacoco: ReportFormat = {
  name: 'jacoco',
  looksLike: ({ text }) =>
    /^<report\b/.test(rootTagOf(text)) && /-\/\/JACOCO\/\/DTD|<(?:sessioninfo|group|package)\b/.test(text),
  isNamed: ({ name }) => holdsBefore(name, 'jacoco', '.xml'),
  open: openJacoco,
};
