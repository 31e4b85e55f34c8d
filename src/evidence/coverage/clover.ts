// Clover's coverage XML, as Istanbul, Vitest, PHPUnit and OpenClover write it. Pure.
// Format: https://bitbucket.org/atlassian/clover/src/master/etc/schema/clover.xsd; https://docs.phpunit.de/en/12.0/code-coverage.html

import { holdsBefore } from '../reading/report-names.ts';
import type { ReportFormat, ReportSource } from '../reading/report-reader.ts';
import { countedOf, countOf, isAbsolute, isRun } from '../reading/report-values.ts';
import { type Attributes, readXml, rootTagOf } from '../reading/report-xml.ts';
import { type CountName, type CoverageCollector, createCoverage, type FileCollector } from './coverage-report.ts';

const METRICS: readonly [name: CountName, total: string, covered: string][] = [
  ['statements', 'statements', 'coveredstatements'],
  ['branches', 'conditionals', 'coveredconditionals'],
  ['functions', 'methods', 'coveredmethods'],
];

interface File {
  readonly of: FileCollector;
  /** The lines of statements, as often as they are listed. */
  readonly statements: { covered: number; total: number };
}

interface Place {
  readonly parent: string | undefined;
  readonly file: File | null;
  readonly coverage: CoverageCollector;
}

function openClover(): ReportSource {
  const coverage = createCoverage('clover');
  let file: File | null = null;
  let inTests = false;
  const way: string[] = [];
  return readXml({
    open(name, attributes) {
      const parent = way.at(-1);
      way.push(name);
      if (name === 'testproject') inTests = true;
      if (inTests) return;
      if (name === 'package') coverage.open(attributes.name ?? '');
      else if (name === 'file') {
        const path = attributes.path || attributes.name || '';
        const of = coverage.file(path, { anew: true, is_certain: isAbsolute(path) });
        file = { of, statements: { covered: 0, total: 0 } };
      } else if (name === 'line' && file !== null) readLine(file, attributes, coverage.remark);
      else if (name === 'metrics') readMetrics(attributes, { parent, file, coverage });
    },
    close(name) {
      way.pop();
      if (name === 'testproject') inTests = false;
      else if (inTests) return;
      if (name === 'package') coverage.close();
      if (name === 'file') file = null;
    },
    end: coverage.measurement,
  });
}

/** The line of a method is its signature: no statement, and not among the lines that PHPUnit counts. */
function readLine(file: File, { type, num, count, truecount }: Attributes, remark: (text: string) => void): void {
  if (type === 'method') return;
  const line = countOf(num, 'a line number');
  const ran = isRun(count ?? truecount ?? '', remark);
  file.of.lines.add(line, ran);
  if (type === 'cond') return;
  file.statements.total++;
  if (ran) file.statements.covered++;
}

/**
 * Statements are what Clover calls the lines that count. Clover itself lists a branch on a line of its own kind, which is none of
 * them, and each statement of a line.
 */
function readMetrics(attributes: Attributes, { parent, file, coverage }: Place): void {
  if (parent !== 'file' && parent !== 'package' && parent !== 'project') return;
  for (const [name, total, covered] of METRICS) {
    if (attributes[total] === undefined) continue;
    const count = countedOf(attributes[covered], attributes[total], name);
    if (parent === 'file') file?.of.count(name, count);
    else if (parent === 'project') coverage.claim(name, count.covered, count.total);
    if (name !== 'statements') continue;
    if (parent === 'file') file?.of.claim(count, file.statements);
    else coverage.claimCounted(count);
  }
}

export const clover: ReportFormat = {
  name: 'clover',
  looksLike: ({ text }) => /^<coverage\s.*(?:generated|clover)=/s.test(rootTagOf(text)),
  isNamed: ({ name }) => holdsBefore(name, 'clover', '.xml'),
  open: openClover,
};
