// Clover's coverage XML, as Istanbul, Vitest, PHPUnit and OpenClover write it. Pure; src/evidence/ only.
// Format: https://bitbucket.org/atlassian/clover/src/master/etc/schema/clover.xsd; https://docs.phpunit.de/en/12.0/code-coverage.html

import { type CountName, createCoverage, type FileCollector } from './coverage-report.ts';
import { holdsBefore } from './report-names.ts';
import type { ReportFormat, ReportSource } from './report-reader.ts';
import { countedOf, countOf } from './report-values.ts';
import { type Attributes, readXml, rootTagOf } from './report-xml.ts';

const METRICS: readonly [name: CountName, total: string, covered: string][] = [
  ['statements', 'statements', 'coveredstatements'],
  ['branches', 'conditionals', 'coveredconditionals'],
  ['functions', 'methods', 'coveredmethods'],
];

function openClover(): ReportSource {
  const coverage = createCoverage('clover');
  let file: FileCollector | null = null;
  let inTests = false;
  const way: string[] = [];
  return readXml({
    open(name, attributes) {
      const parent = way.at(-1);
      way.push(name);
      if (name === 'testproject') inTests = true;
      if (inTests) return;
      if (name === 'file') file = coverage.file(attributes.path || attributes.name || '');
      else if (name === 'line' && file !== null) readLine(file, attributes);
      else if (name === 'metrics' && parent === 'file' && file !== null) readMetrics(file, attributes);
      else if (name === 'metrics' && parent === 'project') {
        for (const [of, total, covered] of METRICS) {
          if (attributes[total] === undefined) continue;
          const count = countedOf(attributes[covered], attributes[total], of);
          coverage.claim(of, count.covered, count.total);
        }
      }
    },
    close(name) {
      way.pop();
      if (name === 'testproject') inTests = false;
      if (name === 'file') file = null;
    },
    end: coverage.measurement,
  });
}

/** The line of a method is its signature: no statement, and not among the lines that PHPUnit counts. */
function readLine(file: FileCollector, { type, num, count, truecount }: Attributes): void {
  if (type === 'method') return;
  const line = countOf(num, 'a line number');
  const hits = count ?? truecount;
  file.lines.add(line, countOf(hits, 'the count', line) > 0);
}

function readMetrics(file: FileCollector, attributes: Attributes): void {
  for (const [name, total, covered] of METRICS) {
    if (attributes[total] !== undefined) file.count(name, countedOf(attributes[covered], attributes[total], name));
  }
}

export const clover: ReportFormat = {
  name: 'clover',
  looksLike: ({ text }) => /^<coverage\s.*(?:generated|clover)=/s.test(rootTagOf(text)),
  isNamed: ({ name }) => holdsBefore(name, 'clover', '.xml'),
  open: openClover,
};
