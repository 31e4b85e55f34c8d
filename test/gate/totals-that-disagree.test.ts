// Reports that say otherwise of themselves than they list: the worse counts, and the row says so.
import { describe, expect, it } from 'vitest';
import { cobertura, from, jacoco, lcov, sourceFile, verdictOf } from './coverage-verdict.ts';

const ALL = from(1, 100);
const one = (content: string, name: string) => ({ coverage: { [name]: content } });
const HEADER = 'lines-covered="100" lines-valid="200"';
const line = (number: number, hits = 1) => `<line num="${number}" type="stmt" count="${hits}"/>`;
const metrics = (statements: number, covered: number) =>
  `<metrics statements="${statements}" coveredstatements="${covered}" conditionals="0" coveredconditionals="0" methods="0" coveredmethods="0"/>`;
const clover = (project: string, inPackage: string, inFile: string, lines = ALL) =>
  `<?xml version="1.0"?><coverage generated="1" clover="3.2.0"><project name="p">${project}<package name="x">${inPackage}<file name="a.ts" path="/w/a.ts">${inFile}${lines.map((number) => line(number)).join('')}</file></package></project></coverage>`;
const counter = (missed: number, covered: number, type = 'LINE') =>
  `<counter type="${type}" missed="${missed}" covered="${covered}"/>`;
const summary = (lines: string) => `{"lines":${lines},"statements":${lines},"branches":${lines},"functions":${lines}}`;
const counts = (covered: number, total: number) =>
  `{"total":${total},"covered":${covered},"skipped":0,"pct":${(100 * covered) / total}}`;
const python = (file: string, totals: string) =>
  `{"meta":{"version":"7","branch_coverage":false,"show_contexts":false},"files":{"a.py":{"executed_lines":${JSON.stringify(ALL)},"missing_lines":[],"excluded_lines":[],"summary":${file}}},"totals":${totals}}`;
const pySummary = (covered: number, total: number) =>
  `{"covered_lines":${covered},"num_statements":${total},"percent_covered":${(100 * covered) / total}}`;
const inPackage = (path: string, lines: string, outside: string) =>
  sourceFile(path, ALL, [], lines).replace('</package>', `${outside}</package>`);

describe('what a report says of itself counts where it is worse than what it lists', () => {
  it.each([
    ['Cobertura', 'cobertura.xml', cobertura([{ name: 'a', path: 'a.ts', run: ALL }], { head: HEADER })],
    ['Clover’s project', 'clover.xml', clover(metrics(200, 100), '', '')],
    ['Clover’s package', 'clover.xml', clover('', metrics(200, 100), '')],
    ['Clover’s file', 'clover.xml', clover('', '', metrics(200, 100))],
    ['Clover at every level', 'clover.xml', clover(metrics(200, 100), metrics(200, 100), metrics(200, 100))],
    ['JaCoCo’s report', 'jacoco.xml', jacoco({ a: sourceFile('com/A.java', ALL, []) }, counter(100, 100))],
    ['JaCoCo’s group', 'jacoco.xml', jacoco({ a: sourceFile('com/A.java', ALL, []) + counter(100, 100) })],
    ['JaCoCo’s package', 'jacoco.xml', jacoco({ a: inPackage('com/A.java', '', counter(100, 100)) })],
    ['JaCoCo’s source file', 'jacoco.xml', jacoco({ a: sourceFile('com/A.java', ALL, [], counter(100, 100)) })],
    [
      'JaCoCo at every level',
      'jacoco.xml',
      jacoco(
        { a: inPackage('com/A.java', counter(100, 100), counter(100, 100)) + counter(100, 100) },
        counter(100, 100),
      ),
    ],
    [
      'JaCoCo without lines',
      'jacoco.xml',
      `<report name="r"><package name="com"><sourcefile name="A.java">${counter(0, 100, 'INSTRUCTION')}</sourcefile></package>${counter(100, 100, 'INSTRUCTION')}</report>`,
    ],
    ['lcov', 'lcov.info', lcov('a.ts', ALL, [], false).replace('end_of', 'LF:200\nLH:100\nend_of')],
    ['coverage.py’s totals', 'coverage.json', python(pySummary(100, 100), pySummary(100, 200))],
    ['coverage.py’s file', 'coverage.json', python(pySummary(100, 200), pySummary(100, 200))],
    [
      'Istanbul’s summary',
      'coverage-summary.json',
      `{"total":${summary(counts(100, 200))},"a.ts":${summary(counts(100, 100))}}`,
    ],
  ])('of %s', (_, name, content) => {
    const { state, measured, reason } = verdictOf(one(content, name));
    expect({ state, measured, reason }).toEqual({
      state: 'fail',
      measured: 0.5,
      reason: expect.stringMatching(
        /^100 of 200 lines; .* says 100 of 200 \w+ and lists 100 of 100: the worse counts$/,
      ),
    });
    expect(reason).toContain(name);
  });

  it('and fewer that ran of as many', () => {
    const content = cobertura([{ name: 'a', path: 'a.ts', run: ALL }], {
      head: 'lines-covered="40" lines-valid="100"',
    });
    expect(verdictOf(one(content, 'cobertura.xml'))).toMatchObject({ state: 'fail', measured: 0.4 });
  });

  it('and not where it is better', () => {
    const content = cobertura([{ name: 'a', path: 'a.ts', run: from(1, 10), missed: from(11, 100) }], { head: HEADER });
    expect(verdictOf(one(content, 'cobertura.xml'))).toMatchObject({ measured: 0.1, reason: '10 of 100 lines' });
  });

  it.each([
    ['nothing', ''],
    ['zero of zero', 'lines-covered="0" lines-valid="0"'],
    ['the same', 'lines-covered="100" lines-valid="100"'],
    ['as much, of more', 'lines-covered="400" lines-valid="400"'],
  ])('a header that says %s changes nothing', (_, head) => {
    const content = cobertura([{ name: 'a', path: 'a.ts', run: ALL }], { head });
    expect(verdictOf(one(content, 'cobertura.xml'))).toMatchObject({ state: 'pass', reason: '100 of 100 lines' });
  });

  it('a header that counts a line for each method on it lists the same', () => {
    const twice = '<line number="1" hits="1"/><line number="1" hits="0"/><line number="2" hits="1"/>';
    const content = `<coverage line-rate="0.66" lines-covered="2" lines-valid="3"><packages><package name="a"><classes><class name="c" filename="a.cs"><lines>${twice}</lines></class></classes></package></packages></coverage>`;
    expect(verdictOf(one(content, 'cobertura.xml'))).toMatchObject({ state: 'pass', reason: '2 of 2 lines' });
  });

  it('Clover’s own statements, several on a line, are the lines that it lists', () => {
    const lines = `${line(1)}${line(1)}${line(2, 0)}<line num="2" type="cond" truecount="0" falsecount="0"/>${line(2, 0)}`;
    const content = `<coverage generated="1" clover="4.4.1"><project name="p">${metrics(4, 2)}<file name="A.java" path="/w/A.java">${metrics(4, 2)}${lines}</file></project></coverage>`;
    expect(verdictOf(one(content, 'clover.xml'))).toMatchObject({ reason: '1 of 2 lines' });
  });

  it('in a part of a suite it counts once, however many parts say it', () => {
    const shard = cobertura([{ name: 'a', path: 'a.ts', run: ALL }], { head: 'lines-covered="100" lines-valid="110"' });
    const artifacts = { 'c-1': { 'cobertura.xml': shard }, 'c-2': { 'cobertura.xml': shard } };
    expect(verdictOf(artifacts)).toMatchObject({ state: 'pass', reason: expect.stringMatching(/^100 of 110 lines/) });
  });

  it('for a folder of the policy it counts where nobody knows what was not listed', () => {
    const scope = { kind: 'path', glob: 'src/**', work: 1_000_000 } as const;
    const content = cobertura([{ name: 'a', path: 'src/a.ts', run: ALL }], { head: HEADER });
    expect(verdictOf(one(content, 'cobertura.xml'), { scope })).toMatchObject({ state: 'fail', measured: 0.5 });
  });
});

describe('negative counts are zero', () => {
  it.each([
    ['lcov', 'lcov.info', 'TN:\nSF:a.c\nFNDA:-4,f\nBRDA:1,0,0,-3\nDA:1,1\nDA:12,-1\nend_of_record\n'],
    [
      'Cobertura',
      'cobertura.xml',
      '<coverage line-rate="1"><packages><package name="a"><classes><class filename="a.c"><lines><line number="1" hits="1"/><line number="12" hits="-1"/></lines></class></classes></package></packages></coverage>',
    ],
    [
      'Clover',
      'clover.xml',
      `<coverage generated="1"><project><file name="a.c" path="a.c">${line(1)}${line(12, -1)}</file></project></coverage>`,
    ],
  ])('in %s', (_, name, content) => {
    expect(verdictOf(one(content, name))).toMatchObject({ reason: '1 of 2 lines' });
  });
});
