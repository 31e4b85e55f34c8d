// Artifacts as their reports are written, judged as the gate does: read, kept, read again, measured.
import { keepArtifact, parseKept } from '../../src/evidence/kept-artifact.ts';
import { criterionValues } from '../../src/gate/collect/criterion-values.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Report } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { measureFile } from '../support/measure.ts';
import { artifact, commit, criterion, NOW } from './evidence-cases.ts';

/** The reports of an artifact by their paths in it. */
export type Files = Readonly<Record<string, string>>;

function reportOf(name: string, files: Files): Report {
  const read = Object.entries(files).flatMap(([path, content]) => {
    const measurement = measureFile(path, Buffer.from(content));
    return measurement === null ? [] : [{ path, measurement }];
  });
  const { content } = keepArtifact({ id: 1, name, digest: null }, { state: 'read', files: read });
  return artifact(name, [], criterionValues(name, parseKept(content)));
}

function reportsOf(artifacts: Readonly<Record<string, Files>>): Report[] {
  return Object.entries(artifacts).map(([name, files]) => reportOf(name, files));
}

/** The verdict on `coverage_min` of 0.8, or another criterion. */
export function verdictOf(
  artifacts: Readonly<Record<string, Files>>,
  asked: Partial<Criterion> & { readonly key?: Criterion['key'] } = {},
  model: Partial<EvidenceModel> = {},
) {
  const { key = 'coverage_min', ...fields } = asked;
  const criteria = [criterion(key, fields)];
  const reports = reportsOf(artifacts);
  const [verdict] = evaluate(commit({ reports, ...model }), { criteria, deadline_minutes: 60, now: NOW }).criteria;
  if (verdict === undefined) throw new Error('no criterion was judged');
  return verdict;
}

/** Numbers from one to another, both included. */
export const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** One record of a tracefile; the lines that ran, those that did not, and the summary as lcov writes it unless told. */
export function lcov(path: string, run: readonly number[], missed: readonly number[] = [], totals = true): string {
  const lines = [...run.map((line) => `DA:${line},1`), ...missed.map((line) => `DA:${line},0`)];
  const sums = totals ? [`LF:${run.length + missed.length}`, `LH:${run.length}`] : [];
  return `TN:\nSF:${path}\n${[...lines, ...sums].join('\n')}\nend_of_record\n`;
}

export interface ClassOf {
  readonly name: string;
  readonly path: string;
  readonly run: readonly number[];
  readonly missed?: readonly number[];
}

/** A Cobertura report, a package to each class. */
export function cobertura(classes: readonly ClassOf[], { head = '', sources = [] as readonly string[] } = {}): string {
  const packages = classes.map(({ name, path, run, missed = [] }) => {
    const lines = [
      ...run.map((line) => `<line number="${line}" hits="1"/>`),
      ...missed.map((line) => `<line number="${line}" hits="0"/>`),
    ];
    return `<package name="${name}"><classes><class name="c" filename="${path}"><lines>${lines.join('')}</lines></class></classes></package>`;
  });
  const places = sources.map((source) => `<source>${source}</source>`).join('');
  return `<?xml version="1.0"?><coverage line-rate="1" ${head}><sources>${places}</sources><packages>${packages.join('')}</packages></coverage>`;
}

/** A JaCoCo report, a group to each module. */
export function jacoco(modules: Readonly<Record<string, string>>, counters = ''): string {
  const groups = Object.entries(modules).map(([name, inside]) => `<group name="${name}">${inside}</group>`);
  return `<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="r">${groups.join('')}${counters}</report>`;
}

/** A package of JaCoCo's with one source file. */
export function sourceFile(path: string, run: readonly number[], missed: readonly number[], counters = ''): string {
  const at = path.lastIndexOf('/');
  const lines = [
    ...run.map((line) => `<line nr="${line}" mi="0" ci="2" mb="0" cb="0"/>`),
    ...missed.map((line) => `<line nr="${line}" mi="2" ci="0" mb="0" cb="0"/>`),
  ];
  return `<package name="${path.slice(0, at)}"><sourcefile name="${path.slice(at + 1)}">${lines.join('')}${counters}</sourcefile></package>`;
}
