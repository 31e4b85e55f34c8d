// JaCoCo's XML report, also written by Kover. Pure; src/evidence/ only.
// Format: https://www.jacoco.org/jacoco/trunk/coverage/report.dtd; what the counters count: https://www.jacoco.org/jacoco/trunk/doc/counters.html

import { type CountName, type CoverageCollector, createCoverage, type FileCollector } from './coverage-report.ts';
import type { Count, CoverageMeasurement } from './measurement.ts';
import { holdsBefore } from './report-names.ts';
import type { ReportFormat, ReportSource } from './report-reader.ts';
import { countOf, sharedFolder } from './report-values.ts';
import { type Attributes, readXml, rootTagOf } from './report-xml.ts';

const COUNTERS: Readonly<Record<string, CountName>> = {
  LINE: 'lines',
  BRANCH: 'branches',
  METHOD: 'functions',
  INSTRUCTION: 'instructions',
};

function openJacoco(): ReportSource {
  const byLine = createCoverage('jacoco');
  const byInstruction = createCoverage('jacoco', { counted: 'instructions', hasLines: false });
  let packageName = '';
  let file: FileCollector | null = null;
  let instructions: FileCollector | null = null;
  let hasLines = false;
  const way: string[] = [];
  return readXml({
    open(name, attributes) {
      if (name === 'package') packageName = sharedFolder(attributes.name ?? '');
      else if (name === 'sourcefile') {
        const path = packageName === '' ? (attributes.name ?? '') : `${packageName}/${attributes.name ?? ''}`;
        file = byLine.file(path);
        instructions = byInstruction.file(path);
      } else if (name === 'line' && file !== null) {
        hasLines = true;
        file.lines.add(countOf(attributes.nr, 'a line number'), countOf(attributes.ci, 'covered instructions') > 0);
      } else if (name === 'counter') readCounter(attributes, { file, instructions, ofReport: way.length === 1 });
      way.push(name);
    },
    close(name) {
      way.pop();
      if (name === 'sourcefile') file = instructions = null;
    },
    end: () => withoutLines(byLine, byInstruction, hasLines),
  });

  function readCounter({ type = '', covered, missed }: Attributes, place: Place): void {
    const name = COUNTERS[type];
    if (name === undefined) return;
    const count = counterOf(covered, missed, type);
    if (place.ofReport) byLine.claim(name, count.covered, count.total);
    if (name !== 'lines') place.file?.count(name, count);
    if (name !== 'lines') place.instructions?.count(name, count);
  }
}

interface Place {
  readonly file: FileCollector | null;
  readonly instructions: FileCollector | null;
  readonly ofReport: boolean;
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
