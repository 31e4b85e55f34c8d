// What lies beside reports and is none is left alone; a report that is cut off, empty or another thing than its name says is not.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

const BESIDE: readonly (readonly [path: string, content: string])[] = [
  ['.eslintrc.json', '{ "root": true, "rules": { "no-console": "warn" } }'],
  ['.eslintrc.json', '// what we lint by\n{\n  "extends": ["eslint:recommended"], // all of it\n}\n'],
  ['.eslintrc.json', '/* eslint */ { "rules": {} }'],
  ['packages/web/.eslintrc.json', '\uFEFF{ "extends": "../../.eslintrc.json" }'],
  ['.eslintrc', 'root: true\n'],
  ['eslint.config.json', '{ "files": ["src/**"] }'],
  ['eslint-config.json', `{ "rules": { ${'"a": 1, '.repeat(1_000)}"b": 2 } }`],
  ['eslint-suppressions.json', '{ "src/cart.js": { "no-console": { "count": 2 } } }'],
  ['eslint-plugin-meta.json', '{ "name": "eslint-plugin-shop" }'],
  ['.eslintcache', '[{"a.js":"1"}]'],
  ['biome.json', '{ "linter": { "enabled": true } }'],
  ['tsconfig.json', '{ "compilerOptions": { "strict": true } }'],
  ['tsconfig.build.json', '{ /* all */ "extends": "./tsconfig.json" }'],
  ['tsconfig.tsbuildinfo', '{"fileNames":["a.ts"],"version":"5.9.2"}'],
  ['package.json', '{ "name": "shop", "scripts": { "lint": "eslint ." }, "version": "2.1.0" }'],
  ['package-lock.json', '{ "name": "shop", "lockfileVersion": 3, "packages": {} }'],
  ['playwright.config.json', '{ "testDir": "e2e", "retries": 1 }'],
  ['playwright-report/data/report.json', '{ "name": "x" }'],
  ['test-results/.last-run.json', '{ "status": "passed", "failedTests": [] }'],
  ['playwright-options.json', '{ "browsers": ["chromium"] }'],
  ['cypress.json', '{ "baseUrl": "http://localhost:3000" }'],
  ['cypress.config.json', '{ "e2e": {} }'],
  ['jest.config.json', '{ "rootDir": "src", "testMatch": [] }'],
  ['.mocharc.json', '{ "reporter": "mochawesome" }'],
  ['mochawesome-config.json', '{ "reportDir": "out" }'],
  ['vitest.config.json', '{ "test": {} }'],
  ['coverage/.nycrc', '{ "all": true }'],
  ['.nycrc.json', '{ "all": true, "lines": 80 }'],
  ['.c8rc.json', '{ "reporter": ["lcov"] }'],
  ['.lcovrc', 'genhtml_branch_coverage = 1\n'],
  ['coverage/.tmp/coverage-1234-0.json', '{"result":[{"scriptId":"1","url":"file:///a.js","functions":[]}]}'],
  ['coverage/.last_run.json', '{ "result": { "line": 91.3 } }'],
  ['lighthouserc.json', '{ "ci": { "collect": { "numberOfRuns": 3 } } }'],
  ['.lighthouserc.json', '{ "ci": {} }'],
  ['lighthouse-budget.json', '{ "path": "/*", "timings": [] }'],
  ['lighthouse-budgets.json', '[{ "path": "/*", "timings": [] }]'],
  ['.lighthouseci/assertion-results.json', '[{"name":"minScore","expected":0.9,"actual":0.8,"passed":false}]'],
  ['.lighthouseci/links.json', '{ "http://localhost/": "https://storage.example/1.html" }'],
  ['trace.json', '{ "traceEvents": [{ "name": "Found 3 errors in the page" }] }'],
  ['meta.json', '{ "meta": { "version": "1" }, "files": {} }'],
  ['renovate.json', '{ "$schema": "https://docs.renovatebot.com/renovate-schema.json" }'],
  ['status.json', '{ "status": "PASSED", "tests": ["unit", "e2e"] }'],
  ['jacoco-config.xml', '<?xml version="1.0"?><configuration><rule/></configuration>'],
  ['test-context.xml', '<?xml version="1.0"?><beans xmlns="http://www.springframework.org/schema/beans"/>'],
  ['testng.xml', '<suite name="all"><test name="unit"/></suite>'],
  [
    'phpunit.xml',
    '<phpunit bootstrap="vendor/autoload.php"><testsuites><testsuite name="unit"/></testsuites></phpunit>',
  ],
  ['pom.xml', '<project><artifactId>shop</artifactId></project>'],
  ['checkstyle-config.xml', '<module name="Checker"/>'],
  ['requirements.txt', 'pytest==9.0.3\n'],
  ['server.log', '12:00:01 validation: Found 12 errors in the order\n12:00:02 listening\n'],
  ['ruff.txt', 'src/cart.py:1:1: F401 imported but unused\nFound 3 errors.\n'],
  ['npm-debug.log', '0 verbose cli node npm\n'],
  ['LICENSE', 'MIT License\n'],
];

describe('what is no report', () => {
  test.each(BESIDE)('%s: %s', (path, content) => {
    expect(measureFile(path, content)).toBeNull();
  });
});

const BROKEN: readonly (readonly [path: string, content: string])[] = [
  ['eslint.json', ''],
  ['eslint.json', '{ "results": [] }'],
  ['eslint-report.json', '[{"filePath":"/a.js","messages":['],
  ['eslint-src.json', '{ "error": "out of memory" }'],
  // Named like a configuration, but neither whole nor one.
  ['eslint-config.json', ''],
  ['eslint-config.json', '[{"filePath":"a.js","messages":['],
  ['eslint-config.json', '{ "rules": {'],
  ['playwright-settings.json', '{ "confi'],
  ['playwright-options.json', 'Error: out of memory'],
  ['playwright.json', '{ "config": {'],
  ['playwright-report.json', '{}'],
  ['mochawesome.json', '{"stats":{"suites":'],
  ['lhr-1.json', '{'],
  ['lighthouse.json', ''],
  ['lighthouse-mobile.json', '{"lighthouseVersion":"13.0.0","requestedUrl":"http://a/","categ'],
  ['coverage-final.json', '{"/a.js":{"path":"/a.js"'],
  ['coverage-summary.json', ''],
  ['a.sarif', '{"version":"2.1.0","runs":[{'],
  ['config.sarif', '{}'],
  ['junit.xml', ''],
  ['junit.xml', '<html><body>502</body></html>'],
  ['TEST-com.example.CartTest.xml', '<testsuite tests="3"><testcase name="a"/>'],
  ['TEST-com.example.CartTest.xml', ''],
  ['test-results.xml', '<html><body>502</body></html>'],
  ['jacoco.xml', '<report name="shop"><package name="a">'],
  ['jacoco-config.xml', ''],
  ['cobertura.xml', '<coverage'],
  ['lcov.info', 'TN:\nSF:a.c\nDA:1,'],
  ['lcov.info', ''],
  ['coverage.out', 'mode: set\nexample.com/a.go:1.1,2.2 1'],
  ['tsc.txt', ''],
  ['typecheck.log', 'npm warn\n'],
];

describe('a report that can’t be read is told of', () => {
  test.each(BROKEN)('%s: %s', (path, content) => {
    expect(measureFile(path, content)).toMatchObject({ kind: 'unreadable' });
  });
});

const ESLINT =
  '[{"filePath":"/a.js","messages":[{"ruleId":"x","severity":2,"message":"bad","line":1}],"errorCount":1,"warningCount":0}]';
const PLAYWRIGHT =
  '"stats":{"expected":0,"unexpected":1,"flaky":0,"skipped":0},"suites":[{"title":"a","specs":[{"title":"t","tests":[{"projectName":"c","status":"unexpected","results":[]}]}]}],"config":{},"errors":[]';
const FAILED = '<testsuites><testsuite name="e"><testcase name="bad"><failure/></testcase></testsuite></testsuites>';
const LHR = '"lighthouseVersion":"13.0.0","requestedUrl":"http://a/","categories":{"performance":{"score":0.1}}';
const utf16be = (text: string, mark = '\uFEFF') => Buffer.from(mark + text, 'utf16le').swap16();

describe('a report that looks like something else is read', () => {
  test.each<[string, string | Buffer, object]>([
    ['eslint-with-metadata.json', `{"results":${ESLINT},"metadata":{"cwd":"/"}}`, { kind: 'findings', errors: 1 }],
    ['eslint-config-pkg.json', `{"results":${ESLINT}}`, { kind: 'findings', errors: 1 }],
    ['results.json', `{"metadata":{},"results":${ESLINT}}`, { kind: 'findings', errors: 1 }],
    [
      'results.json',
      ESLINT.replace(/"filePath":"([^"]*)",(.*)\}\]$/, '$2,"filePath":"$1"}]'),
      { kind: 'findings', errors: 1 },
    ],
    ['playwright-meta.json', `{${PLAYWRIGHT}}`, { kind: 'tests', failed: 1 }],
    ['results.json', `{${PLAYWRIGHT}}`, { kind: 'tests', failed: 1 }],
    ['lighthouse-meta.json', `{"x":1,"y":"${'z'.repeat(5_000)}",${LHR}}`, { kind: 'lighthouse' }],
    ['other.xml', utf16be(FAILED), { kind: 'tests', failed: 1 }],
    ['other.xml', utf16be(FAILED, ''), { kind: 'tests', failed: 1 }],
    ['other.xml', Buffer.from(FAILED, 'utf16le'), { kind: 'tests', failed: 1 }],
    ['junit.xml', utf16be(FAILED), { kind: 'tests', failed: 1 }],
    ['eslint.json', utf16be(ESLINT), { kind: 'findings', errors: 1 }],
    ['other.xml', FAILED.replaceAll('testsuites', 'j:testsuites'), { kind: 'tests', failed: 1 }],
  ])('%s (%#)', (path, content, measured) => {
    expect(measureFile(path, content)).toMatchObject(measured);
  });

  test.each([
    ['eslint-with-metadata.json', '{"metadata":{},"results":{}}'],
    ['eslint-meta.json', '{"errorCount":1}'],
    ['mochawesome-config.json', '{"stats":{"failures":1}}'],
    ['playwright-settings.json', '{"testResults":[]}'],
    ['eslint-options.json', `{ "text": "${'z'.repeat(5_000)}" }`],
  ])('or is unreadable: %s (%#)', (path, content) => {
    expect(measureFile(path, content)).toMatchObject({ kind: 'unreadable' });
  });
});

describe('a file whose beginning does not show what it is', () => {
  test.each([
    ['other.xml', `<!-- ${'x'.repeat(5_000)} -->${FAILED}`, 'outermost tag'],
    ['other.xml', `${' '.repeat(5_000)}${FAILED}`, 'outermost tag'],
    ['other.xml', `<project a="${'x'.repeat(5_000)}"/>`, 'outermost tag'],
    ['other.xml', `<!DOCTYPE a [${'<!ENTITY a "b">'.repeat(500)}]>${FAILED}`, 'outermost tag'],
    ['other.xml', `<?xml version="1.0"?>\n<!DOCTYPE testsuites [<!ELEMENT a ANY>]>${FAILED}`, 'none may be declared'],
    ['other.xml', `<!DOCTYPE a [<!-- ]> ' --><!ENTITY b "]>">]>${FAILED}`, 'none may be declared'],
    ['other.xml', '', 'the file is empty'],
    ['other.xml', 'out of memory', 'not XML'],
    ['results.json', `${'\n'.repeat(5_000)}${ESLINT}`, 'white space'],
    ['results.json', `{"source":"${'z'.repeat(5_000)}",${PLAYWRIGHT}}`, 'long text'],
    ['results.json', `[{"source":"${'z'.repeat(5_000)}","filePath":"a"}]`, 'long text'],
  ])('is unreadable: %s (%#)', (path, content, words) => {
    expect(measureFile(path, content)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(words) });
  });

  test.each([
    ['plist.xml', '<!DOCTYPE plist PUBLIC "-//A" "http://a/[x]>.dtd"><plist/>'],
    ['book.xml', '<!DOCTYPE book [<!ENTITY testsuites "<testsuites>">]><book/>'],
    ['data.json', `{"a":{"b":"${'z'.repeat(5_000)}"}}`],
  ])('and one that shows it is not: %s (%#)', (path, content) => {
    expect(measureFile(path, content)).toBeNull();
  });
});

describe('a report by its content counts whatever its name', () => {
  test.each([
    ['.eslintrc.json', '[{"filePath":"a.js","messages":[],"errorCount":0,"warningCount":0}]', 'findings'],
    ['config.xml', '<testsuite><testcase name="a"/></testsuite>', 'tests'],
    ['build.log', "src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.\n", 'findings'],
    ['watch.log', '[10:00:00 AM] Found 0 errors. Watching for file changes.\n', 'findings'],
    ['status.json', '{"status":"PASSED","tests":{"e2e":{"passed":1,"failed":0}}}', 'summary'],
  ])('%s: %s', (path, content, kind) => {
    expect(measureFile(path, content)).toMatchObject({ kind });
  });
});
