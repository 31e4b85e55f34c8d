// Cobertura's coverage XML, as Cobertura, coverage.py, Istanbul, gcovr, coverlet and others write it. Pure.
// Format: https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd

import type { Count } from '../reading/measurement.ts';
import { holdsBefore } from '../reading/report-names.ts';
import type { ReportFormat, ReportSource } from '../reading/report-reader.ts';
import { countedOf, countOf, isAbsolute, isRun, repositoryPath, sharedFolder } from '../reading/report-values.ts';
import { type Attributes, readXml, rootTagOf } from '../reading/report-xml.ts';
import { type CoverageCollector, createCoverage, type FileCollector, type FileKind } from './coverage-report.ts';

/**
 * What one `<class>` has said so far. A file may have several classes. The lines of a method say whether the method ran; they
 * are only counted as lines when the class lists none of its own (Istanbul gives a method its signature's line, which is no line to cover).
 */
interface Class {
  readonly file: FileCollector;
  readonly functions: { covered: number; total: number };
  method: { covered: boolean } | null;
  hasLines: boolean;
  readonly ofMethods: { readonly line: number; readonly covered: boolean }[];
}

/** Branches of a file by line: a line that several classes share is counted once, with its larger figures. */
type Branches = Map<number, Count>;

function openCobertura(): ReportSource {
  const coverage = createCoverage('cobertura');
  const branches = new Map<FileCollector, Branches>();
  const functions = new Map<FileCollector, Count>();
  const sources: string[] = [];
  const classes = countClasses();
  let source: string | null = null;
  let current: Class | null = null;
  return readXml({
    open(name, attributes) {
      if (name === 'line') readLine(current, attributes, { branches, remark: coverage.remark });
      else if (name === 'coverage') readClaims(coverage, attributes);
      else if (name === 'source') source = '';
      else if (name === 'packages') coverage.open(placeOf(sources), { is_place: true });
      else if (name === 'package') coverage.open(classes.ofPackage(attributes));
      else if (name === 'method' && current !== null)
        current.method = { covered: isRun(attributes.hits ?? '0', coverage.remark) };
      else if (name === 'class') {
        const { filename = '' } = attributes;
        const file = coverage.file(joinSource(sources, filename), classes.kindOf(attributes, sources.length > 1));
        current = { file, functions: { covered: 0, total: 0 }, method: null, hasLines: false, ofMethods: [] };
      }
    },
    text(text) {
      if (source !== null) source += text;
    },
    close(name) {
      if (name === 'source' && source !== null) {
        sources.push(sharedFolder(source.trim()));
        source = null;
      } else if (name === 'package' || name === 'packages') coverage.close();
      else if (name === 'method' && current !== null && current.method !== null) {
        current.functions.total++;
        if (current.method.covered) current.functions.covered++;
        current.method = null;
      } else if (name === 'class' && current !== null) {
        closeClass(current, functions);
        current = null;
      }
    },
    end() {
      for (const [file, count] of functions) if (count.total > 0) file.count('functions', count);
      for (const [file, lines] of branches) file.count('branches', sumOf(lines.values()));
      return coverage.measurement();
    },
  });
}

function closeClass({ file, functions: own, hasLines, ofMethods }: Class, functions: Map<FileCollector, Count>): void {
  const { covered, total } = functions.get(file) ?? { covered: 0, total: 0 };
  if (!hasLines) for (const { line, covered: ran } of ofMethods) file.lines.add(line, ran);
  functions.set(file, { covered: covered + own.covered, total: total + own.total });
}

/** Java's inner classes are in the file of the one around them, but no class is in a file twice: that is another file of its name. */
function countClasses() {
  let before = new Map<string, number>();
  return {
    /** The name of a package that begins. */
    ofPackage({ name = '' }: Attributes): string {
      before = new Map();
      return sharedFolder(name);
    },
    /** One of several sources has another one's file. */
    kindOf({ name = '', filename = '' }: Attributes, hasSources: boolean): FileKind {
      const key = `${filename}\n${name}`;
      const count = name === '' ? 0 : (before.get(key) ?? 0);
      before.set(key, count + 1);
      return { anew: count > 0, copy: hasSources ? count : 0, is_certain: isAbsolute(filename) };
    },
  };
}

function readLine(
  current: Class | null,
  attributes: Attributes,
  { branches, remark }: { branches: Map<FileCollector, Branches>; remark(text: string): void },
): void {
  if (current === null) return;
  const line = countOf(attributes.number, 'a line number');
  const covered = isRun(attributes.hits ?? '', remark);
  if (current.method !== null) {
    if (covered) current.method.covered = true;
    current.ofMethods.push({ line, covered });
    return;
  }
  current.hasLines = true;
  current.file.lines.add(line, covered);
  const condition = /\((\d+)\/(\d+)\)/.exec(attributes['condition-coverage'] ?? '');
  if (condition === null) return;
  const count = countedOf(condition[1], condition[2], 'branches', line);
  const ofFile = branches.get(current.file) ?? new Map<number, Count>();
  branches.set(current.file, ofFile);
  const before = ofFile.get(line);
  ofFile.set(line, {
    covered: Math.max(count.covered, before?.covered ?? 0),
    total: Math.max(count.total, before?.total ?? 0),
  });
}

/** Old writers give rates only, which are no counts, and rounded. */
function readClaims(coverage: CoverageCollector, attributes: Attributes): void {
  const rate = attributes['line-rate'];
  if (rate !== undefined) coverage.claimRate(rate);
  for (const name of ['lines', 'branches'] as const) {
    const [covered, valid] = [attributes[`${name}-covered`], attributes[`${name}-valid`]];
    if (covered === undefined || valid === undefined) continue;
    const count = countedOf(covered, valid, `${name}-covered`);
    coverage.claim(name, count.covered, count.total);
  }
}

/** File names are below a source; with several sources nothing says which. */
function joinSource(sources: readonly string[], fileName: string): string {
  const [source = ''] = sources;
  if (sources.length !== 1 || source === '' || source === '.' || isAbsolute(fileName)) return fileName;
  return `${withoutSlash(source)}/${fileName}`;
}

/**
 * Several sources, of which any may be meant, as one text that is another for other sources: from the repository where that is known,
 * else from the folder that all are in. Of a single one the file's path tells.
 */
function placeOf(sources: readonly string[]): string {
  const paths = [...new Set(sources.map((source) => repositoryPath(withoutSlash(source))))].toSorted();
  if (paths.length < 2) return '';
  const names = paths.map((path) => path.split('/'));
  const [first = []] = names;
  const differs = first.findIndex((name, index) => names.some((other) => other[index] !== name));
  const start = isAbsolute(paths[0] ?? '') ? Math.max(0, differs - 1) : 0;
  return sharedFolder(names.map((of) => of.slice(start).join('/')).join(' or '));
}

function withoutSlash(folder: string): string {
  return folder.endsWith('/') || folder.endsWith('\\') ? folder.slice(0, -1) : folder;
}

function sumOf(counts: Iterable<Count>): Count {
  let [covered, total] = [0, 0];
  for (const count of counts) {
    covered += count.covered;
    total += count.total;
  }
  return { covered, total };
}

export const cobertura: ReportFormat = {
  name: 'cobertura',
  looksLike: ({ text }) => /^<coverage\s.*(?:line-rate|lines-valid|branch-rate)=/s.test(rootTagOf(text)),
  isNamed: ({ name }) => holdsBefore(name, 'cobertura', '.xml'),
  open: openCobertura,
};
