// Type checkers, linters, test runners and bundlers of the Node world, failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const moduleApp = json({ name: 'app', version: '1.0.0', private: true, type: 'module' });
const tsconfig = json({
  compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', types: [] },
  include: ['src'],
});
const npm = { needs: ['npm'] };
const eslint = { ...npm, packages: ['eslint@9.39.2', '@eslint/js@9.39.2'], job: 'lint' };
const eslintConfig =
  "import js from '@eslint/js';\nexport default [js.configs.recommended, { rules: { 'no-unused-vars': 'error', 'no-console': 'warn' } }];\n";
const vitest = { ...npm, packages: ['vitest@5.1.1'], job: 'test' };
const jest = { ...npm, packages: ['jest@30.2.0'], job: 'test' };
const jestApp = json({ name: 'app', version: '1.0.0', private: true, scripts: { test: 'jest' } });
const sum =
  'export const sum = (a, b) => a - b;\nexport const unused = (a) => {\n  if (a) return 1;\n  return 2;\n};\n';
const sumCjs =
  'exports.sum = (a, b) => a - b;\nexports.product = (a, b) => {\n  if (a === 0) return 0;\n  return a * b;\n};\n';
const playwrightConfig =
  "import { defineConfig } from '@playwright/test';\nexport default defineConfig({ testDir: 'e2e', timeout: 2000, reporter: 'list', projects: [{ name: 'chromium' }] });\n";
const playwright = { ...npm, packages: ['@playwright/test@1.58.0'], job: 'e2e' };

export const captured: Captured[] = [
  {
    ...npm,
    packages: ['typescript@5.9.3'],
    name: 'typescript-type-error',
    pattern: 'TypeScript type error',
    job: 'types',
    files: {
      'tsconfig.json': tsconfig,
      'package.json': moduleApp,
      'src/price.ts':
        "export function price(cents: number): string {\n  return cents / 100;\n}\nexport const total: number = price('12');\n",
    },
    steps: [{ run: 'npx tsc --noEmit' }],
  },
  {
    ...npm,
    packages: ['typescript@5.9.3'],
    name: 'typescript-module-not-found',
    pattern: 'TypeScript cannot find a module',
    job: 'types',
    files: {
      'tsconfig.json': tsconfig,
      'package.json': moduleApp,
      'src/index.ts':
        "import { parse } from 'yaml-lite';\nimport { Row } from './rows.js';\nexport const rows: Row[] = parse('[]');\n",
    },
    steps: [{ run: 'npx tsc --noEmit' }],
  },
  {
    ...eslint,
    name: 'eslint-errors',
    pattern: 'ESLint error',
    files: {
      'package.json': moduleApp,
      'eslint.config.js': eslintConfig,
      'src/index.js': 'const unused = 1;\nexport function run(flag) {\n  if (flag = true) return undefinedName;\n}\n',
    },
    steps: [{ run: 'npx eslint .' }],
  },
  {
    ...eslint,
    name: 'eslint-config-missing',
    pattern: 'ESLint configuration missing',
    files: { 'package.json': moduleApp, 'src/index.js': 'export const a = 1;\n' },
    steps: [{ run: 'npx eslint .' }],
  },
  {
    ...eslint,
    name: 'eslint-too-many-warnings',
    pattern: 'ESLint warnings over the limit',
    files: {
      'package.json': moduleApp,
      'eslint.config.js': "export default [{ rules: { 'no-var': 'warn' } }];\n",
      'src/index.js': 'var a = 1;\nexport default a;\n',
    },
    steps: [{ run: 'npx eslint . --max-warnings 0' }],
  },
  {
    ...npm,
    packages: ['prettier@3.8.1'],
    name: 'prettier-unformatted',
    pattern: 'Prettier formatting',
    job: 'lint',
    files: { 'package.json': moduleApp, 'src/index.js': "export   const a = {b:1,\n c:'x'}\n" },
    steps: [{ run: 'npx prettier --check src' }],
  },
  {
    ...npm,
    packages: ['@biomejs/biome@2.5.15'],
    name: 'biome-lint',
    pattern: 'Biome lint error',
    job: 'lint',
    files: {
      'package.json': moduleApp,
      'biome.json': json({ formatter: { enabled: false } }),
      'src/index.js': 'export function same(a, b) {\n  debugger;\n  return a == b;\n}\n',
    },
    steps: [{ run: 'npx biome ci src' }],
  },
  {
    ...npm,
    packages: ['@biomejs/biome@2.5.15'],
    name: 'biome-format',
    pattern: 'Biome formatting',
    job: 'lint',
    files: { 'package.json': moduleApp, 'src/index.js': "export   const a = {b:1,\n c:'x'}\n" },
    steps: [{ run: 'npx biome format src' }],
  },
  {
    ...vitest,
    name: 'vitest-assertion',
    pattern: 'Vitest test failed',
    files: {
      'package.json': moduleApp,
      'src/sum.js': sum,
      'test/sum.test.js':
        "import { describe, expect, it } from 'vitest';\nimport { sum } from '../src/sum.js';\n\ndescribe('sum', () => {\n  it('adds two numbers', () => {\n    expect(sum(2, 3)).toBe(5);\n  });\n  it('adds nothing', () => {\n    expect(sum(2, 0)).toBe(2);\n  });\n});\n",
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    name: 'vitest-timeout',
    pattern: 'Vitest test timed out',
    files: {
      'package.json': moduleApp,
      'test/slow.test.js':
        "import { expect, it } from 'vitest';\n\nit('waits for the queue to drain', async () => {\n  await new Promise(() => {});\n  expect(true).toBe(true);\n}, 300);\n",
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    name: 'vitest-no-test-files',
    pattern: 'Vitest found no test files',
    files: { 'package.json': moduleApp, 'src/sum.js': sum },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    name: 'vitest-snapshot-mismatch',
    pattern: 'Snapshot does not match',
    files: {
      'package.json': moduleApp,
      'test/page.test.js':
        "import { expect, it } from 'vitest';\n\nit('renders the page title', () => {\n  expect('<h1>Hello</h1>').toMatchSnapshot();\n});\n",
      'test/__snapshots__/page.test.js.snap':
        '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`renders the page title 1`] = `"<h1>Welcome</h1>"`;\n',
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    packages: ['vitest@4.0.18', '@vitest/coverage-v8@4.0.18'],
    name: 'vitest-coverage-threshold',
    pattern: 'Coverage below its threshold',
    files: {
      'package.json': moduleApp,
      'src/sum.js': sum,
      'test/sum.test.js':
        "import { expect, it } from 'vitest';\nimport { sum } from '../src/sum.js';\n\nit('subtracts', () => {\n  expect(sum(3, 2)).toBe(1);\n});\n",
      'vitest.config.js':
        'export default { test: { coverage: { enabled: true, thresholds: { lines: 90, functions: 90 } } } };\n',
    },
    steps: [{ run: 'npx vitest run --coverage' }],
  },
  {
    ...vitest,
    name: 'vitest-unhandled-rejection',
    pattern: 'Vitest unhandled error',
    files: {
      'package.json': moduleApp,
      'test/worker.test.js':
        "import { expect, it } from 'vitest';\n\nit('starts the worker', () => {\n  Promise.reject(new Error('queue is closed'));\n  expect(1).toBe(1);\n});\n",
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...jest,
    name: 'jest-assertion',
    pattern: 'Jest test failed',
    files: {
      'package.json': jestApp,
      'src/sum.js': sumCjs,
      'test/sum.test.js':
        "const { sum } = require('../src/sum');\n\ndescribe('sum', () => {\n  test('adds two numbers', () => {\n    expect(sum(2, 3)).toBe(5);\n  });\n});\n",
    },
    steps: [{ run: 'npm test' }],
  },
  {
    ...jest,
    name: 'jest-timeout',
    pattern: 'Jest test timed out',
    files: {
      'package.json': jestApp,
      'test/slow.test.js':
        "test('waits for the queue to drain', async () => {\n  await new Promise(() => {});\n}, 300);\n",
    },
    steps: [{ run: 'npx jest --ci' }],
  },
  {
    ...jest,
    name: 'jest-unexpected-token',
    pattern: 'Jest cannot parse a file',
    files: {
      'package.json': jestApp,
      'jest.config.js': 'module.exports = { transform: {} };\n',
      'test/esm.test.js':
        "import { a } from '../src/a.js';\n\ntest('uses an ES module', () => {\n  expect(a).toBe(1);\n});\n",
    },
    steps: [{ run: 'npx jest --ci' }],
  },
  {
    ...jest,
    name: 'jest-coverage-threshold',
    pattern: 'Coverage below its threshold',
    files: {
      'package.json': jestApp,
      'src/sum.js': sumCjs,
      'jest.config.js': 'module.exports = { collectCoverage: true, coverageThreshold: { global: { lines: 90 } } };\n',
      'test/sum.test.js':
        "const { sum } = require('../src/sum');\n\ntest('subtracts', () => {\n  expect(sum(3, 2)).toBe(1);\n});\n",
    },
    steps: [{ run: 'npx jest --ci' }],
  },
  {
    ...jest,
    name: 'jest-no-tests',
    pattern: 'Jest found no tests',
    files: { 'package.json': jestApp, 'src/sum.js': sumCjs },
    steps: [{ run: 'npx jest --ci' }],
  },
  {
    ...jest,
    name: 'jest-snapshot-not-written',
    pattern: 'Snapshot does not match',
    files: {
      'package.json': jestApp,
      'test/page.test.js':
        "test('renders the page title', () => {\n  expect('<h1>Hello</h1>').toMatchSnapshot();\n});\n",
    },
    steps: [{ run: 'npx jest --ci' }],
  },
  {
    ...npm,
    packages: ['mocha@11.7.5'],
    name: 'mocha-failing',
    pattern: "Mocha test's assertion failed",
    job: 'test',
    files: {
      'package.json': moduleApp,
      'test/sum.js':
        "import assert from 'node:assert';\ndescribe('sum', () => {\n  it('adds two numbers', () => assert.strictEqual(2 - 3, 5));\n  it('adds nothing', () => assert.strictEqual(2, 2));\n});\n",
    },
    steps: [{ run: 'npx mocha' }],
  },
  {
    needs: [],
    name: 'node-test-failed',
    pattern: 'node:test test failed',
    job: 'test',
    files: {
      'package.json': moduleApp,
      'test/sum.test.js':
        "import assert from 'node:assert';\nimport { test } from 'node:test';\ntest('adds two numbers', () => assert.strictEqual(2 - 3, 5));\ntest('adds nothing', () => assert.strictEqual(2, 2));\n",
    },
    steps: [{ run: 'node --test' }],
  },
  {
    ...playwright,
    name: 'playwright-browser-missing',
    pattern: 'Playwright browser not installed',
    files: {
      'package.json': moduleApp,
      'playwright.config.js': playwrightConfig,
      'e2e/home.spec.js':
        "import { expect, test } from '@playwright/test';\n\ntest('shows the home page', async ({ page }) => {\n  await page.goto('/');\n  await expect(page).toHaveTitle('Home');\n});\n",
    },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...playwright,
    name: 'playwright-test-failed',
    pattern: 'Playwright test failed',
    files: {
      'package.json': moduleApp,
      'playwright.config.js': playwrightConfig,
      'e2e/api.spec.js':
        "import { expect, test } from '@playwright/test';\n\ntest.describe('orders', () => {\n  test('lists open orders', async () => {\n    expect([1, 2].length).toBe(3);\n  });\n});\n",
    },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...playwright,
    name: 'playwright-test-timeout',
    pattern: 'Playwright test failed',
    files: {
      'package.json': moduleApp,
      'playwright.config.js': playwrightConfig,
      'e2e/api.spec.js':
        "import { test } from '@playwright/test';\n\ntest('waits for the report', async () => {\n  await new Promise(() => {});\n});\n",
    },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...npm,
    packages: ['vite@7.3.1'],
    name: 'rollup-unresolved-import',
    pattern: 'Vite or Rollup cannot resolve an import',
    job: 'build',
    files: {
      'package.json': moduleApp,
      'index.html': '<script type="module" src="/src/main.js"></script>\n',
      'src/main.js': "import { chart } from 'chart-kit';\nchart();\n",
    },
    steps: [{ run: 'npx vite build' }],
  },
  {
    ...npm,
    packages: ['webpack@5.105.0', 'webpack-cli@6.0.1'],
    name: 'webpack-module-not-found',
    pattern: 'webpack cannot resolve a module',
    job: 'build',
    files: {
      'package.json': moduleApp,
      'src/index.js': "import { rows } from './Rows.js';\nconsole.log(rows);\n",
      'src/rows.js': 'export const rows = [];\n',
    },
    steps: [{ run: 'npx webpack --mode production' }],
  },
  {
    ...npm,
    packages: ['esbuild@0.27.3'],
    name: 'esbuild-error',
    pattern: 'esbuild error',
    job: 'build',
    files: { 'package.json': moduleApp, 'src/index.js': "import { chart } from 'chart-kit';\nchart();\n" },
    steps: [{ run: 'npx esbuild src/index.js --bundle --outfile=dist/index.js' }],
  },
  {
    needs: [],
    name: 'node-heap-out-of-memory',
    pattern: 'Node.js heap out of memory',
    job: 'build',
    files: {
      'build.js': "const rows = [];\nfor (;;) rows.push({ id: rows.length, text: 'x'.repeat(64) + rows.length });\n",
    },
    steps: [{ run: 'node --max-old-space-size=48 build.js' }],
  },
  {
    needs: [],
    name: 'node-cannot-find-module',
    pattern: 'Node.js cannot find a module',
    job: 'test',
    files: { 'src/server.cjs': "require('express');\n" },
    steps: [{ run: 'node src/server.cjs' }],
  },
  {
    needs: [],
    name: 'node-esm-module-not-found',
    pattern: 'Node.js cannot find a module',
    job: 'build',
    files: {
      'package.json': moduleApp,
      'src/main.js': "import { start } from './server';\nstart();\n",
      'src/server.js': 'export const start = () => {};\n',
    },
    steps: [{ run: 'node src/main.js' }],
  },
  {
    needs: [],
    name: 'node-import-outside-module',
    pattern: 'ES module loaded as CommonJS',
    job: 'build',
    files: { 'src/main.cjs': "import { readFile } from 'node:fs/promises';\nawait readFile('x');\n" },
    steps: [{ run: 'node src/main.cjs' }],
  },
  {
    needs: [],
    name: 'port-already-in-use',
    pattern: 'Port already in use',
    job: 'e2e',
    files: {
      'server.mjs':
        "import { createServer } from 'node:http';\ncreateServer().listen(3000, () => console.log('listening'));\n",
    },
    steps: [{ run: 'node server.mjs &\nsleep 1\nnode server.mjs' }],
  },
  {
    needs: [],
    name: 'node-unhandled-rejection',
    pattern: 'Node.js unhandled promise rejection',
    job: 'build',
    files: { 'build.mjs': "setTimeout(() => {}, 5000);\nPromise.reject('bundle was not written');\n" },
    steps: [{ run: 'node build.mjs' }],
  },
  {
    ...vitest,
    name: 'passing/vitest',
    pattern: null,
    files: {
      'package.json': moduleApp,
      'test/errors.test.js':
        "import { describe, expect, it, vi } from 'vitest';\n\ndescribe('errors', () => {\n  it('handles errors', () => {\n    console.error('Error: connect ECONNREFUSED (expected by this test)');\n    expect(() => { throw new Error('boom'); }).toThrow('boom');\n  });\n  it('reports a failed build as FAIL', () => {\n    expect('FAIL').toBe('FAIL');\n  });\n  it('says Test timed out when it does', () => {\n    expect(2).toBe(2);\n  });\n});\n",
    },
    steps: [{ run: 'npx vitest run --reporter=verbose' }],
  },
  {
    ...jest,
    name: 'passing/jest',
    pattern: null,
    files: {
      'package.json': jestApp,
      'test/errors.test.js':
        "describe('error handling', () => {\n  test('retries a failed request', () => {\n    console.error('request failed with 503, retrying');\n    expect(1).toBe(1);\n  });\n  test('throws when the module cannot be found', () => {\n    expect(() => require('./nowhere')).toThrow(/Cannot find module/);\n  });\n});\n",
    },
    steps: [{ run: 'npx jest --ci --verbose' }],
  },
  {
    ...eslint,
    name: 'passing/eslint-with-warnings',
    pattern: null,
    files: {
      'package.json': moduleApp,
      'eslint.config.js': eslintConfig.replace("'no-unused-vars': 'error'", "'no-unused-vars': 'warn'"),
      'src/index.js':
        "/* global console */\nconst error = 1;\nexport function run() {\n  console.log('failed: 0, errors: 0');\n}\n",
    },
    steps: [{ run: 'npx eslint .' }],
  },
  {
    ...npm,
    packages: ['typescript@5.9.3', '@biomejs/biome@2.5.15', 'prettier@3.8.1'],
    name: 'passing/types-and-format',
    pattern: null,
    job: 'lint',
    files: {
      'tsconfig.json': tsconfig,
      'package.json': moduleApp,
      'src/error.ts': 'export const error = (code: number): string => "error " + code;\n',
    },
    steps: [
      { run: 'npx tsc --noEmit --diagnostics' },
      { run: 'npx biome lint src' },
      { run: 'npx prettier --check src' },
    ],
  },
  {
    ...playwright,
    name: 'passing/playwright-flaky-then-green',
    pattern: null,
    files: {
      'package.json': moduleApp,
      'playwright.config.js': playwrightConfig.replace('timeout: 2000', 'timeout: 2000, retries: 2'),
      'e2e/api.spec.js':
        "import { expect, test } from '@playwright/test';\n\ntest('handles a 500 error of the API', async () => {\n  expect('error').toBe('error');\n});\ntest('recovers after a retry', async ({}, testInfo) => {\n  if (testInfo.retry === 0) await new Promise(() => {});\n  expect(testInfo.retry).toBe(1);\n});\n",
    },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...npm,
    packages: ['vite@7.3.1'],
    name: 'passing/vite-build',
    pattern: null,
    job: 'build',
    files: {
      'package.json': moduleApp,
      'index.html': '<script type="module" src="/src/main.js"></script>\n',
      'src/main.js': "import('./error-page.js').then((page) => page.show());\n",
      'src/error-page.js': "export const show = () => { document.title = 'Error 404'; };\n",
    },
    steps: [{ run: 'npx vite build' }],
  },
];
