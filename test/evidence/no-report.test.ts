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
