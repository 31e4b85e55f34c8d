import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

type Odd = readonly [name: string, file: string, content: string, result: unknown];

const unreadable = (reason: string) => ({
  kind: 'unreadable',
  code: 'ARTIFACT_UNREADABLE',
  reason: expect.stringContaining(reason),
});

const lcov = (lines: string) => `TN:\nSF:a.c\n${lines}\nend_of_record\n`;
const junit = (inside: string) => `<testsuites>${inside}</testsuites>`;
const cobertura = (inside: string, root = '') =>
  `<coverage line-rate="1" ${root}><packages><package><classes>${inside}</classes></package></packages></coverage>`;
const summaryOf = (lines: string) =>
  `{"total":{"lines":${lines}},"a.js":{"lines":${lines},"statements":${lines},"branches":${lines},"functions":${lines}}}`;
const wholeSummary = (lines: string) =>
  summaryOf(lines).replace(
    `{"lines":${lines}}`,
    `{"lines":${lines},"statements":${lines},"branches":${lines},"functions":${lines}}`,
  );
const eslint = (messages: string, counts = '"errorCount":0,"warningCount":0') =>
  `[{"filePath":"a.js","messages":[${messages}],${counts}}]`;
const sarif = (run: string) => `{"version":"2.1.0","runs":[${run}]}`;
const driver =
  '"tool":{"driver":{"name":"T","rules":[{"id":"r1","defaultConfiguration":{"level":"error"}},{"id":"r2","defaultConfiguration":{"level":"none"}}]}}';
const lhr = (score: string) =>
  `{"lighthouseVersion":"13","requestedUrl":"http://a/","categories":{"performance":{"score":${score}}}}`;
const manifest = (...runs: readonly [url: string, representative: boolean, score: string][]) =>
  `[${runs.map(([url, isIt, score]) => `{"url":"${url}","isRepresentativeRun":${isIt},"summary":{"performance":${score}}}`).join(',')}]`;

const FIGURES = 'Files:              83\nParse time:     0.047s\nCheck time:     0.276s\nTotal time:     0.344s';

describe('coverage', () => {
  const odd: readonly Odd[] = [
    [
      'of the same file in two records adds up line by line',
      'lcov.info',
      `${lcov('DA:1,0\nDA:2,1')}${lcov('DA:1,3\nDA:2,0')}`,
      {
        totals: { lines: { covered: 2, total: 2 } },
        files: [{ path: 'a.c', line_hits: { covered: [1, 2], uncovered: [] } }],
      },
    ],
    [
      'of two files of one path in two records has both',
      'lcov.info',
      `${lcov('DA:1,0\nDA:2,1')}${lcov('DA:1,3\nDA:3,0')}`,
      {
        totals: { lines: { covered: 2, total: 4 } },
        files: [
          { path: 'a.c', line_hits: { covered: [2], uncovered: [1] } },
          { path: 'a.c', line_hits: { covered: [1], uncovered: [3] } },
        ],
      },
    ],
    [
      'with counts larger than a number holds is covered',
      'lcov.info',
      lcov('DA:1,18446744073709551615\nDA:2,1e+20'),
      { totals: { lines: { covered: 2, total: 2 } } },
    ],
    [
      'with a negative count',
      'lcov.info',
      lcov('DA:1,-1\nDA:2,1'),
      {
        totals: { lines: { covered: 1, total: 2 } },
        remarks: ['a count of executions is negative, and was read as 0'],
      },
    ],
    ['with half a negative count', 'lcov.info', lcov('DA:1,-'), unreadable('"-"')],
    ['with a count that is no number', 'lcov.info', lcov('DA:1,NaN'), unreadable('"NaN"')],
    ['with a line past every file', 'lcov.info', lcov('DA:99999999999,1'), unreadable('line 99999999999')],
    ['with more lines hit than found', 'lcov.info', lcov('LF:1\nLH:2'), unreadable('2 of 1')],
    [
      'of records that give sums only',
      'lcov.info',
      lcov('LF:10\nLH:4'),
      { totals: { lines: { covered: 4, total: 10 } } },
    ],
    ['of no line is nothing measured', 'lcov.info', lcov('LF:0\nLH:0'), { totals: { lines: null } }],
    ['of no file', 'coverage-final.json', '{}', unreadable('nothing was measured')],
    ['that was cut off in a record', 'lcov.info', 'TN:\nSF:a.c\nDA:1,1\n', unreadable('cut off')],
    ['that was cut off between records', 'lcov.info', `${lcov('DA:1,1')}TN:\n`, unreadable('cut off')],
    [
      'of two classes in one file counts a line once',
      'coverage.xml',
      cobertura(
        '<class filename="a.cs"><lines><line number="1" hits="0"/></lines></class><class filename="a.cs"><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class>',
      ),
      { totals: { lines: { covered: 1, total: 2 } } },
    ],
    [
      'whose total differs from its lines says so',
      'coverage.xml',
      cobertura(
        '<class filename="a.cs"><lines><line number="1" hits="0"/></lines></class>',
        'lines-covered="9" lines-valid="9"',
      ),
      { totals: { lines: { covered: 0, total: 1 } }, remarks: ['the report says 9 of 9 lines, its files 0 of 1'] },
    ],
    [
      'with hits of NaN',
      'coverage.xml',
      cobertura('<class filename="a.cs"><lines><line number="1" hits="NaN"/></lines></class>'),
      unreadable('"NaN"'),
    ],
    [
      'with more branches taken than there are',
      'coverage.xml',
      cobertura(
        '<class filename="a.cs"><lines><line number="1" hits="1" condition-coverage="150% (3/2)"/></lines></class>',
      ),
      unreadable('3 of 2'),
    ],
    [
      'without line numbers counts instructions',
      'jacoco.xml',
      '<report name="x"><package name="p"><sourcefile name="A.java"><counter type="INSTRUCTION" missed="1" covered="3"/></sourcefile></package></report>',
      { counted: 'instructions', totals: { instructions: { covered: 3, total: 4 }, lines: null } },
    ],
    [
      'over 100 %',
      'coverage-summary.json',
      wholeSummary('{"total":2,"covered":2,"skipped":0,"pct":101}'),
      unreadable('101'),
    ],
    [
      'of more lines than there are',
      'coverage-summary.json',
      wholeSummary('{"total":2,"covered":3,"skipped":0,"pct":100}'),
      unreadable('3 of 2'),
    ],
    [
      'of a negative number',
      'coverage-summary.json',
      wholeSummary('{"total":-2,"covered":-3,"skipped":0,"pct":100}'),
      unreadable('-3'),
    ],
    [
      'of NaN, which is no JSON',
      'coverage-summary.json',
      wholeSummary('{"total":NaN,"covered":3,"skipped":0,"pct":100}'),
      unreadable('not whole JSON'),
    ],
    [
      'of a number too big to be exact',
      'coverage-summary.json',
      wholeSummary('{"total":1e300,"covered":3,"skipped":0,"pct":0}'),
      unreadable('1e+300'),
    ],
    [
      'of nothing is nothing, whatever it calls its percentage',
      'coverage-summary.json',
      wholeSummary('{"total":0,"covered":0,"skipped":0,"pct":100}'),
      { totals: { lines: null } },
    ],
    [
      'of a file called __proto__ counts',
      'coverage-summary.json',
      wholeSummary('{"total":2,"covered":1,"skipped":0,"pct":50}').replace('a.js', '__proto__'),
      { files: [{ path: '__proto__', covered: 1, total: 2 }] },
    ],
    [
      'of statements without counts',
      'coverage-final.json',
      '{"a.js":{"path":"a.js","statementMap":{"0":{"start":{"line":1}}},"s":{},"f":{},"b":{}}}',
      unreadable('1 statements and counts of 0'),
    ],
    [
      'of a block that two packages tested counts it once',
      'c.out',
      'mode: set\na.go:1.1,2.2 3 0\na.go:1.1,2.2 3 1\n',
      { totals: { statements: { covered: 3, total: 3 } } },
    ],
    [
      'of profiles put behind one another',
      'c.out',
      'mode: set\na.go:1.1,2.2 3 0\nmode: set\nb.go:1.1,2.2 1 1\n',
      { totals: { statements: { covered: 1, total: 4 } } },
    ],
    [
      'of a block that contradicts itself',
      'c.out',
      'mode: set\na.go:1.1,2.2 3 0\na.go:1.1,2.2 4 1\n',
      unreadable('3 statements once and 4'),
    ],
    ['that was cut off in a block', 'c.out', 'mode: set\na.go:1.1,2.2 3 0\na.go:3.1,4', unreadable('cut off')],
    ['without a mode', 'c.out', 'a.go:1.1,2.2 3 0\n', unreadable('mode: set')],
    [
      'over 100 % in Python',
      'coverage.json',
      '{"meta":{"version":"7","branch_coverage":false},"files":{},"totals":{"percent_covered":120,"covered_lines":1,"num_statements":1}}',
      unreadable('120'),
    ],
    [
      'with Windows paths',
      'lcov.info',
      'SF:D:\\a\\shop\\shop\\src\\a.c\nDA:1,1\nend_of_record\n',
      { files: [{ path: 'src/a.c' }] },
    ],
    [
      'in UTF-16, as PowerShell writes it',
      'lcov.info',
      `\uFEFF${lcov('DA:1,1')}`,
      { totals: { lines: { covered: 1, total: 1 } } },
    ],
  ];
  test.each(odd)('%s', (name, file, content, result) => {
    const bytes = Buffer.from(content, name.includes('UTF-16') ? 'utf16le' : 'utf8');
    expect(measureFile(file, bytes)).toMatchObject(result as object);
  });
});

describe('tests', () => {
  const odd: readonly Odd[] = [
    [
      'are counted once however deep their suites are',
      'junit.xml',
      junit(
        '<testsuite tests="2" failures="1"><testsuite tests="2" failures="1"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite></testsuite>',
      ),
      { passed: 1, failed: 1, errored: 0, remarks: [] },
    ],
    [
      'that a suite claims to have failed and does not show are errored',
      'junit.xml',
      junit('<testsuite name="s" tests="1" failures="0" errors="2"><testcase name="a"/></testsuite>'),
      {
        passed: 1,
        failed: 0,
        errored: 2,
        cases: [],
        cases_omitted: 2,
        remarks: [expect.stringContaining('2 more failures and errors')],
      },
    ],
    [
      'that an inner suite claims are not lost to an outer one that claims none',
      'junit.xml',
      junit('<testsuite failures="0"><testsuite errors="1"/></testsuite>'),
      { errored: 1 },
    ],
    [
      'that are missing are remarked on',
      'junit.xml',
      junit('<testsuite tests="3"><testcase name="a"/></testsuite>'),
      { passed: 1, remarks: ['the report says 3 tests, 1 are listed'] },
    ],
    [
      'with a failure and an error are one',
      'junit.xml',
      junit('<testsuite><testcase name="a"><error message="x"/><failure message="y"/></testcase></testsuite>'),
      { failed: 0, errored: 1, cases: [{ message: 'x' }] },
    ],
    [
      'that were skipped and failed have failed',
      'junit.xml',
      junit('<testsuite><testcase name="a"><skipped/><failure message="y"/></testcase></testsuite>'),
      { failed: 1, skipped: 0 },
    ],
    [
      'with a status in an attribute',
      'junit.xml',
      junit(
        '<testsuite><testcase name="a" status="notrun"/><testcase name="b" status="run" result="suppressed"/><testcase name="c" status="failed"/><testcase name="d" status="constructor"/></testsuite>',
      ),
      { passed: 0, failed: 1, errored: 1, skipped: 2 },
    ],
    ['of which there are none', 'junit.xml', junit(''), { passed: 0, failed: 0, errored: 0, skipped: 0 }],
    ['whose claims are no numbers', 'junit.xml', junit('<testsuite failures="many"/>'), unreadable('"many"')],
    ['whose claims are negative', 'junit.xml', junit('<testsuite failures="-1"/>'), unreadable('"-1"')],
    [
      'with a time that is none have no time',
      'junit.xml',
      junit('<testsuite><testcase name="a" time="NaN"/><testcase name="b" time="-3"/></testsuite>'),
      { passed: 2, duration_ms: null },
    ],
    [
      'with colours in their output, as reference and raw',
      'junit.xml',
      junit(
        '<testsuite><testcase name="a"><failure message="&#27;[31mred"/></testcase><testcase name="b"><failure>\x1b[31mred</failure></testcase></testsuite>',
      ),
      { failed: 2 },
    ],
    [
      'with NUL in a message, which Postgres refuses',
      'junit.xml',
      junit('<testsuite><testcase name="a"><failure message="x">a\0b</failure></testcase></testsuite>'),
      { cases: [{ message: 'x\na\uFFFDb' }] },
    ],
    [
      'in ISO-8859-1 when the file says so',
      'junit.xml',
      `<?xml version="1.0" encoding="ISO-8859-1"?>${junit('<testsuite><testcase name="a"><failure message="x"/></testcase></testsuite>')}`,
      { failed: 1 },
    ],
    [
      'in an encoding that is not read',
      'junit.xml',
      `<?xml version="1.0" encoding="EBCDIC"?>${junit('')}`,
      unreadable('EBCDIC'),
    ],
    ['that were cut off', 'junit.xml', '<testsuites><testsuite tests="1"><testcase name="a"/>', unreadable('cut off')],
    [
      'of a run that broke outside of a test',
      'playwright.json',
      '{"config":{"rootDir":"/"},"suites":[],"errors":[{"message":"no server"}],"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}',
      { errored: 1, cases: [{ message: 'no server' }] },
    ],
    [
      'that failed by the sum only',
      'playwright.json',
      '{"config":{"rootDir":"/"},"suites":[],"stats":{"expected":0,"unexpected":3,"flaky":0,"skipped":0}}',
      { errored: 3 },
    ],
    [
      'with a status that Playwright does not have',
      'playwright.json',
      '{"config":{"rootDir":"/"},"suites":[{"specs":[{"title":"a","tests":[{"status":"great","results":[]}]}]}],"stats":{"expected":1,"unexpected":0,"flaky":0,"skipped":0}}',
      unreadable('status'),
    ],
    [
      'of Cypress that failed by the sum only',
      'mochawesome.json',
      '{"stats":{"tests":1,"passes":1,"failures":1,"passPercent":100},"results":[false]}',
      { errored: 1, remarks: expect.arrayContaining(['the report says 1 passed, 0 are listed']) },
    ],
    [
      'of Cypress of which more than all passed',
      'mochawesome.json',
      '{"stats":{"tests":1,"passes":1,"failures":0,"passPercent":101},"results":[]}',
      unreadable('passPercent'),
    ],
  ];
  test.each(odd)('%s', (_name, file, content, result) => {
    expect(measureFile(file, content)).toMatchObject(result as object);
  });

  test('that failed are kept up to 1,000, the others counted', () => {
    const cases = Array.from({ length: 1_500 }, (_, n) => `<testcase name="${n}"><failure message="no"/></testcase>`);
    const measured = measureFile('junit.xml', junit(`<testsuite>${cases.join('')}</testsuite>`));
    expect(measured).toMatchObject({ failed: 1_500, cases_omitted: 500 });
    expect(measured?.kind === 'tests' && measured.cases.length).toBe(1_000);
  });
});

describe('findings', () => {
  const odd: readonly Odd[] = [
    ['of no file', 'eslint.json', '[]', unreadable('no file was linted')],
    [
      'that are counted and not listed are an error',
      'eslint.json',
      eslint('', '"errorCount":2,"warningCount":0'),
      { errors: 1, remarks: ['2 more errors are counted than listed'] },
    ],
    ['that a warning is fatal', 'eslint.json', eslint('{"severity":1,"fatal":true,"message":"x"}'), { errors: 1 }],
    [
      'with a severity that there is not',
      'eslint.json',
      eslint('{"severity":3,"message":"x"}'),
      unreadable('severity'),
    ],
    ['with a negative count', 'eslint.json', eslint('', '"errorCount":-1,"warningCount":0'), unreadable('errorCount')],
    ['of no run', 'a.sarif', sarif(''), unreadable('no tool ran')],
    ['of a run without results', 'a.sarif', sarif(`{${driver}}`), unreadable('has no results')],
    ['of a run that found nothing', 'a.sarif', sarif(`{${driver},"results":[]}`), { errors: 0, warnings: 0, notes: 0 }],
    [
      'of a run that was not successful',
      'a.sarif',
      sarif(`{${driver},"invocations":[{"executionSuccessful":false}],"results":[]}`),
      { errors: 1 },
    ],
    [
      'take the level of their rule',
      'a.sarif',
      sarif(
        `{${driver},"results":[{"ruleIndex":0,"message":{"text":"a"}},{"ruleId":"r1","message":{"text":"b"}},{"ruleId":"r2","message":{"text":"c"}},{"ruleId":"r9","message":{"text":"d"}}]}`,
      ),
      { errors: 2, warnings: 1, notes: 0 },
    ],
    [
      'that passed, were suppressed or are gone',
      'a.sarif',
      sarif(
        `{${driver},"results":[{"kind":"pass","level":"error","message":{}},{"level":"error","suppressions":[{"kind":"inSource"}],"message":{}},{"level":"error","baselineState":"absent","message":{}},{"level":"error","suppressions":[{"status":"rejected"}],"message":{"text":"stays"}}]}`,
      ),
      { errors: 1 },
    ],
    ['of another version', 'a.sarif', '{"$schema":"sarif","version":"1.0.0","runs":[]}', unreadable('version')],
    ['of tsc that were cut off before the first', 'tsc.txt', 'src/a.ts(1,2): err', unreadable('proves nothing')],
    ['of tsc that has said nothing', 'tsc.txt', '', unreadable('proves nothing')],
    ['of tsc that has said nothing: what to do', 'tsc.txt', '', unreadable('&& echo "Found 0 errors." >> tsc.log')],
    ['of tsc that lists files only', 'tsc.txt', '/a/lib.d.ts\n/a/a.ts', unreadable('proves nothing')],
    ['of tsc with its figures', 'tsc.txt', FIGURES, { errors: 0 }],
    ['of tsc without checking', 'tsc.txt', FIGURES.replace('0.276', '0.000'), unreadable('proves nothing')],
    ['of tsc whose figures are cut off', 'tsc.txt', FIGURES.slice(0, -25), unreadable('proves nothing')],
    ['of tsc of no file', 'tsc.txt', FIGURES.replace('83', '0'), unreadable('proves nothing')],
    ['of tsc --build cut off', 'tsc.txt', `Config time: 0.1s\n${FIGURES}`, unreadable('proves nothing')],
    [
      'of tsc --build',
      'tsc.txt',
      `Config time: 0.1s\n${FIGURES}\nProjects in scope: 2\nAggregate Total time: 1.2s\n`,
      { errors: 0 },
    ],
    ['of tsc with figures and an error', 'tsc.txt', `a.ts(1,2): error TS2322: no\n${FIGURES}`, { errors: 1 }],
    [
      'of tsc that found nothing and says so',
      'tsc.txt',
      '12:00:00 - Found 0 errors. Watching for file changes.',
      { errors: 0 },
    ],
    [
      'of tsc in its sum only',
      'tsc.txt',
      'Found 3 errors in 2 files.',
      { errors: 1, remarks: ['tsc says 3 errors, 0 are listed'] },
    ],
    [
      'of tsc whose message holds what ends a line elsewhere',
      'tsc.txt',
      'src/a.ts(1,2): error TS2322: Type \u2028 is none.\nsrc/b.ts:3:4 - error TS1005: c(1,2): error TS1: d',
      {
        errors: 2,
        findings: [
          { file: 'src/a.ts', line: 1, rule: 'TS2322', message: 'Type \u2028 is none.' },
          { file: 'src/b.ts', line: 3, rule: 'TS1005', message: 'c(1,2): error TS1: d' },
        ],
      },
    ],
    [
      'of tsc without a file',
      'tsc.txt',
      "error TS18003: No inputs were found in config file 'tsconfig.json'.",
      { errors: 1, findings: [{ file: null, line: null, rule: 'TS18003' }] },
    ],
  ];
  test.each(odd)('%s', (_name, file, content, result) => {
    expect(measureFile(file, content)).toMatchObject(result as object);
  });
});

describe('Lighthouse', () => {
  const page = (url: string, score: number | null, runs = 1) => ({
    url,
    runs,
    scores: [{ category: 'performance', score }],
  });
  const odd: readonly Odd[] = [
    [
      'takes the representative run',
      'manifest.json',
      manifest(['http://a/', false, '0.2'], ['http://a/', true, '0.9'], ['http://a/', false, '0.1']),
      { pages: [page('http://a/', 90, 3)] },
    ],
    [
      'takes the lower median without one',
      'manifest.json',
      manifest(
        ['http://a/', false, '0.2'],
        ['http://a/', false, '0.9'],
        ['http://a/', false, '0.5'],
        ['http://a/', false, '0.7'],
      ),
      { pages: [page('http://a/', 50, 4)] },
    ],
    [
      'takes the lowest of the pages',
      'manifest.json',
      manifest(['http://a/', true, '0.97'], ['http://b/', true, '0.845']),
      { lowest: [{ category: 'performance', score: 84.5 }] },
    ],
    [
      'has no score when a page has none',
      'manifest.json',
      manifest(['http://a/', true, '0.97'], ['http://b/', true, 'null']),
      { lowest: [{ category: 'performance', score: null }] },
    ],
    ['is exact about 0.29', 'lhr.json', lhr('0.29'), { pages: [page('http://a/', 29)] }],
    ['over 100', 'lhr.json', lhr('1.01'), unreadable('1.01')],
    ['below 0', 'lhr.json', lhr('-0.5'), unreadable('-0.5')],
    ['as text', 'lhr.json', lhr('"0.9"'), unreadable('"0.9')],
    [
      'of a page that did not load',
      'lhr.json',
      lhr('null').replace('{"l', '{"runtimeError":{"code":"NO_FCP","message":"nothing painted"},"l'),
      unreadable('NO_FCP'),
    ],
    [
      'of no category',
      'lhr.json',
      lhr('1').replace(/"categories".*/, '"categories":{}}'),
      unreadable('nothing was measured'),
    ],
    ['of no run', 'manifest.json', '[ ]', null],
  ];
  test.each(odd)('%s', (_name, file, content, result) => {
    const measured = measureFile(file, content);
    if (result === null) expect(measured).toBeNull();
    else expect(measured).toMatchObject(result as object);
  });
});

describe('the summary', () => {
  const summary = (more: string) =>
    `{"status":"PASSED","tests":{"unit":{"passed":1,"failed":0${more}}},"duration_seconds":1}`;
  const odd: readonly Odd[] = [
    ['with coverage over 1', 'summary.json', summary(',"coverage":1.2'), unreadable('coverage')],
    ['with a negative count', 'summary.json', summary('').replace('"failed":0', '"failed":-1'), unreadable('failed')],
    [
      'with a status that it does not have',
      'summary.json',
      summary('').replace('PASSED', 'GREEN'),
      unreadable('status'),
    ],
  ];
  test.each(odd)('%s', (_name, file, content, result) => {
    expect(measureFile(file, content)).toMatchObject(result as object);
  });
});

describe('a file', () => {
  const files: readonly (readonly [name: string, file: string, content: string, format: string | null | undefined])[] =
    [
      ['is known by its content, whatever its name', 'report.txt', junit(''), 'junit'],
      [
        'is known by its content where its name says something else',
        'lcov.xml',
        cobertura('<class filename="a"><lines><line number="1" hits="1"/></lines></class>'),
        'cobertura',
      ],
      ['that no format knows is read as its name says, and is unreadable', 'junit.xml', 'hello', 'junit'],
      ['that is a page is no report', 'index.json', '<!doctype html><p>', undefined],
      ['that is empty and of no name is no report', 'notes.txt', '', undefined],
      [
        'that may be two formats is neither',
        'both.json',
        '{"lighthouseVersion":"1","status":"PASSED","tests":{}}',
        null,
      ],
      [
        'that may be two formats is the one it is named for',
        'summary.json',
        '{"lighthouseVersion":"1","status":"PASSED","tests":{}}',
        'summary',
      ],
    ];
  test.each(files)('%s', (_name, file, content, format) => {
    expect(measureFile(file, content)?.format).toBe(format);
  });
});
