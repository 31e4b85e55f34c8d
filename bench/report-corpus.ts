// Makes report files of any size in every format that is read. Only bench/ and test/ import it.

/** A report of about `bytes`, always the same for the same size. */
export type RenderReport = (bytes: number) => string;

/** Repeats `part` with a rising number until the whole is long enough. */
function repeat(bytes: number, { head, part, tail, between = '' }: ReportParts): string {
  const parts: string[] = [];
  let length = head.length + tail.length;
  for (let n = 1; length < bytes || n === 1; n++) {
    const text = part(n);
    parts.push(text);
    length += text.length + between.length;
  }
  return head + parts.join(between) + tail;
}

interface ReportParts {
  readonly head: string;
  readonly part: (n: number) => string;
  readonly tail: string;
  readonly between?: string;
}

const list = (length: number, render: (index: number) => string, between = ''): string =>
  Array.from({ length }, (_, index) => render(index + 1)).join(between);
const trace = (n: number): string =>
  `AssertionError: expected ${n} to be ${n + 1} // Object.is equality\n    at test/module-${n}.test.ts:12:21\n    at run (node_modules/runner/dist/index.js:91:7)\n`;

const junitCase = (n: number, k: number): string =>
  `    <testcase classname="test/module-${n}.test.ts" name="module ${n} &gt; does what case ${k} says" time="0.00${k % 10}">\n${
    k === 7
      ? `      <failure message="expected ${n} to be ${n + 1}" type="AssertionError">\n${trace(n)}      </failure>\n`
      : ''
  }    </testcase>\n`;

const JUNIT: ReportParts = {
  head: '<?xml version="1.0" encoding="UTF-8" ?>\n<testsuites name="all tests">\n',
  part: (n) =>
    `  <testsuite name="test/module-${n}.test.ts" timestamp="2026-01-01T00:00:00.000Z" hostname="runner" tests="20" failures="1" errors="0" skipped="0" time="0.061">\n${list(20, (k) => junitCase(n, k))}  </testsuite>\n`,
  tail: '</testsuites>\n',
};

const LCOV: ReportParts = {
  head: '',
  part: (n) =>
    `TN:\nSF:src/module-${n}/calculate.ts\n${list(8, (k) => `FN:${k * 10},functionNumber${k}\n`)}FNF:8\nFNH:7\n${list(8, (k) => `FNDA:${k === 3 ? 0 : k},functionNumber${k}\n`)}${list(120, (k) => `DA:${k},${k % 9 === 0 ? 0 : k * 3}\n`)}LF:120\nLH:107\n${list(24, (k) => `BRDA:${k * 5},${k},${k % 2},${k % 5 === 0 ? '-' : 1}\n`)}BRF:24\nBRH:20\nend_of_record\n`,
  tail: '',
};

const COBERTURA: ReportParts = {
  head: '<?xml version="1.0" ?>\n<coverage version="7.6.1" timestamp="1764000000000" line-rate="0.9" branch-rate="0" complexity="0">\n<sources><source>/home/runner/work/shop/shop</source></sources>\n<packages><package name="." line-rate="0.9" branch-rate="0" complexity="0"><classes>\n',
  part: (n) =>
    `\t\t\t\t<class name="calculate.py" filename="shop/module_${n}/calculate.py" complexity="0" line-rate="0.9" branch-rate="0.5">\n\t\t\t\t\t<methods/>\n\t\t\t\t\t<lines>\n${list(150, (k) => (k % 10 === 0 ? `\t\t\t\t\t\t<line number="${k}" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="${k + 1}"/>\n` : `\t\t\t\t\t\t<line number="${k}" hits="${k % 7 === 0 ? 0 : 1}"/>\n`))}\t\t\t\t\t</lines>\n\t\t\t\t</class>\n`,
  tail: '</classes></package></packages></coverage>\n',
};

const JACOCO: ReportParts = {
  head: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><sessioninfo id="runner-1" start="1764000000000" dump="1764000001000"/><package name="com/example/shop">',
  part: (n) =>
    `<class name="com/example/shop/Cart${n}" sourcefilename="Cart${n}.java">${list(10, (k) => `<method name="method${k}" desc="(Ljava/lang/String;)I" line="${k * 8}"><counter type="INSTRUCTION" missed="3" covered="12"/><counter type="LINE" missed="1" covered="4"/><counter type="METHOD" missed="0" covered="1"/></method>`)}</class><sourcefile name="Cart${n}.java">${list(100, (k) => `<line nr="${k}" mi="${k % 6 === 0 ? 3 : 0}" ci="${k % 6 === 0 ? 0 : 4}" mb="0" cb="${k % 9 === 0 ? 2 : 0}"/>`)}<counter type="INSTRUCTION" missed="48" covered="336"/><counter type="BRANCH" missed="0" covered="22"/><counter type="LINE" missed="16" covered="84"/><counter type="METHOD" missed="0" covered="10"/></sourcefile>`,
  tail: '</package></report>',
};

const CLOVER: ReportParts = {
  head: '<?xml version="1.0" encoding="UTF-8"?>\n<coverage generated="1764000000000" clover="3.2.0">\n  <project timestamp="1764000000000" name="All files">\n    <package name="src">\n',
  part: (n) =>
    `      <file name="calculate.ts" path="/home/runner/work/shop/shop/src/module-${n}/calculate.ts">\n        <metrics statements="120" coveredstatements="107" conditionals="24" coveredconditionals="20" methods="8" coveredmethods="7"/>\n${list(120, (k) => `        <line num="${k}" count="${k % 9 === 0 ? 0 : 3}" type="stmt"/>\n`)}      </file>\n`,
  tail: '    </package>\n  </project>\n</coverage>\n',
};

const summaryCounts =
  '{"lines":{"total":120,"covered":107,"skipped":0,"pct":89.16},"functions":{"total":8,"covered":7,"skipped":0,"pct":87.5},"statements":{"total":130,"covered":117,"skipped":0,"pct":90},"branches":{"total":24,"covered":20,"skipped":0,"pct":83.33}}';
const ISTANBUL_SUMMARY: ReportParts = {
  head: `{"total": ${summaryCounts}\n,`,
  part: (n) => `"/home/runner/work/shop/shop/src/module-${n}/calculate.ts": ${summaryCounts}`,
  between: '\n,',
  tail: '\n}\n',
};

const span = (line: number): string => `{"start":{"line":${line},"column":2},"end":{"line":${line},"column":40}}`;
const ISTANBUL_FINAL: ReportParts = {
  head: '{',
  part: (n) => {
    const path = `"/home/runner/work/shop/shop/src/module-${n}/calculate.ts"`;
    return `${path}: {"path":${path},"statementMap":{${list(120, (k) => `"${k}":${span(k)}`, ',')}},"fnMap":{${list(8, (k) => `"${k}":{"name":"functionNumber${k}","decl":${span(k * 10)},"loc":${span(k * 10)}}`, ',')}},"branchMap":{${list(12, (k) => `"${k}":{"loc":${span(k)},"type":"if","locations":[${span(k)},${span(k)}]}`, ',')}},"s":{${list(120, (k) => `"${k}":${k % 9 === 0 ? 0 : k}`, ',')}},"f":{${list(8, (k) => `"${k}":${k % 3}`, ',')}},"b":{${list(12, (k) => `"${k}":[${k % 2},1]`, ',')}}}`;
  },
  between: '\n,',
  tail: '}\n',
};

const GO_COVER: ReportParts = {
  head: 'mode: atomic\n',
  part: (n) =>
    list(
      40,
      (k) => `example.com/shop/internal/module${n}/calculate.go:${k * 4}.31,${k * 4 + 3}.16 ${(k % 3) + 1} ${k % 5}\n`,
    ),
  tail: '',
};

const COVERAGE_PY: ReportParts = {
  head: '{"meta": {"format": 3, "version": "7.6.1", "timestamp": "2026-01-01T00:00:00", "branch_coverage": false, "show_contexts": false}, "files": {',
  part: (n) =>
    `"shop/module_${n}/calculate.py": {"executed_lines": [${list(100, (k) => String(k), ', ')}], "summary": {"covered_lines": 100, "num_statements": 112, "percent_covered": 89.28, "percent_covered_display": "89", "missing_lines": 12, "excluded_lines": 0}, "missing_lines": [${list(12, (k) => String(100 + k), ', ')}], "excluded_lines": []}`,
  between: ', ',
  tail: '}, "totals": {"covered_lines": 100, "num_statements": 112, "percent_covered": 89.28, "percent_covered_display": "89", "missing_lines": 12, "excluded_lines": 0}}',
};

const PLAYWRIGHT: ReportParts = {
  head: '{"config":{"configFile":"/home/runner/work/shop/shop/playwright.config.ts","rootDir":"/home/runner/work/shop/shop/e2e","forbidOnly":true,"fullyParallel":true,"projects":[]},"suites":[',
  part: (n) =>
    `{"title":"page-${n}.spec.ts","file":"page-${n}.spec.ts","line":0,"column":0,"specs":[${list(10, (k) => `{"title":"shows part ${k}","ok":true,"tags":[],"tests":[{"timeout":30000,"annotations":[],"expectedStatus":"passed","projectId":"chromium","projectName":"chromium","results":[{"workerIndex":0,"parallelIndex":0,"status":"passed","duration":${k * 31},"errors":[],"stdout":[],"stderr":[],"retry":0,"startTime":"2026-01-01T00:00:00.000Z","annotations":[],"attachments":[]}],"status":"expected"}],"id":"a${n}-${k}","file":"page-${n}.spec.ts","line":${k},"column":1}`, ',')}]}`,
  between: ',',
  tail: '],"errors":[],"stats":{"startTime":"2026-01-01T00:00:00.000Z","duration":61000.5,"expected":10,"skipped":0,"unexpected":0,"flaky":0}}',
};

const MOCHAWESOME: ReportParts = {
  head: '{"stats":{"suites":1,"tests":10,"passes":10,"pending":0,"failures":0,"testsRegistered":10,"passPercent":100,"duration":900},"results":[{"title":"","suites":[',
  part: (n) =>
    `{"uuid":"suite-${n}","title":"Page ${n}","fullFile":"cypress/e2e/page-${n}.cy.js","file":"cypress/e2e/page-${n}.cy.js","beforeHooks":[],"afterHooks":[],"tests":[${list(10, (k) => `{"title":"shows part ${k}","fullTitle":"Page ${n} shows part ${k}","timedOut":null,"duration":${k * 31},"state":"passed","speed":"fast","pass":true,"fail":false,"pending":false,"context":null,"code":"cy.visit('/page/${n}');\\ncy.get('.part').should('be.visible');","err":{},"uuid":"test-${n}-${k}","parentUUID":"suite-${n}","isHook":false,"skipped":false}`, ',')}],"suites":[]}`,
  between: ',',
  tail: '],"tests":[]}],"meta":{}}',
};

const LIGHTHOUSE: ReportParts = {
  head: '{"lighthouseVersion":"13.5.0","requestedUrl":"http://localhost:8080/","categories":{"performance":{"title":"Performance","score":0.92,"auditRefs":[]}},"audits":{',
  part: (n) =>
    `"audit-${n}":{"id":"audit-${n}","title":"A title","description":"What it is about and why it matters to people who wait.","score":1,"scoreDisplayMode":"numeric","numericValue":${n * 3.7},"details":{"type":"table","items":[{"url":"http://localhost:8080/script-${n}.js","wastedMs":${n}}]}}`,
  between: ',',
  tail: '}}',
};

const SARIF: ReportParts = {
  head: '{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":{"driver":{"name":"CodeQL","rules":[{"id":"js/unused","defaultConfiguration":{"level":"note"}}]}},"results":[',
  part: (n) =>
    `{"ruleId":"js/unused","ruleIndex":0,"level":"warning","message":{"text":"Unused variable value${n}."},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/module-${n}.ts","uriBaseId":"%SRCROOT%","index":0},"region":{"startLine":${n},"startColumn":7,"endColumn":12}}}],"partialFingerprints":{"primaryLocationLineHash":"${n}abc:1"}}`,
  between: ',',
  tail: ']}]}',
};

const ESLINT: ReportParts = {
  head: '[',
  part: (n) =>
    `{"filePath":"/home/runner/work/shop/shop/src/module-${n}.js","messages":[${list(5, (k) => `{"ruleId":"no-unused-vars","severity":${(k % 2) + 1},"message":"'value${k}' is assigned a value but never used.","line":${k},"column":7,"messageId":"unusedVar","endLine":${k},"endColumn":13}`, ',')}],"suppressedMessages":[],"errorCount":3,"fatalErrorCount":0,"warningCount":2,"fixableErrorCount":0,"fixableWarningCount":0,"usedDeprecatedRules":[]}`,
  between: ',',
  tail: ']',
};

const TSC: ReportParts = {
  head: '',
  part: (n) =>
    `src/module-${n}/calculate.ts(${(n % 90) + 1},7): error TS2322: Type 'string' is not assignable to type 'number'.\n`,
  tail: '',
};

const render =
  (parts: ReportParts): RenderReport =>
  (bytes) =>
    repeat(bytes, parts);

/** File name in an artifact, and how a report of any size is made. */
export const REPORTS: Readonly<Record<string, { readonly file: string; readonly render: RenderReport }>> = {
  junit: { file: 'junit.xml', render: render(JUNIT) },
  lcov: { file: 'lcov.info', render: render(LCOV) },
  cobertura: { file: 'coverage.xml', render: render(COBERTURA) },
  jacoco: { file: 'jacoco.xml', render: render(JACOCO) },
  clover: { file: 'clover.xml', render: render(CLOVER) },
  'istanbul-summary': { file: 'coverage-summary.json', render: render(ISTANBUL_SUMMARY) },
  'istanbul-final': { file: 'coverage-final.json', render: render(ISTANBUL_FINAL) },
  'go-cover': { file: 'coverage.out', render: render(GO_COVER) },
  'coverage-py': { file: 'coverage.json', render: render(COVERAGE_PY) },
  playwright: { file: 'playwright.json', render: render(PLAYWRIGHT) },
  mochawesome: { file: 'mochawesome.json', render: render(MOCHAWESOME) },
  lighthouse: { file: 'lhr-1.json', render: render(LIGHTHOUSE) },
  sarif: { file: 'results.sarif', render: render(SARIF) },
  eslint: { file: 'eslint.json', render: render(ESLINT) },
  tsc: { file: 'tsc.txt', render: render(TSC) },
};
