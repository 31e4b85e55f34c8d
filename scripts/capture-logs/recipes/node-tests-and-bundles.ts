// Test runners and bundlers of the Node world failing in more ways. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const app = (more: Record<string, unknown> = {}): string =>
  json({ name: 'app', version: '1.0.0', private: true, ...more });
const moduleApp = app({ type: 'module' });
const test = { needs: ['npm'], job: 'test' };
const build = { needs: ['npm'], job: 'build' };
const jest = { ...test, packages: ['jest@29.7.0'] };
const vitest = { ...test, packages: ['vitest@3.2.4'] };
const mocha = { ...test, packages: ['mocha@10.8.2'] };
const sum = 'exports.sum = (a, b) => a - b;\n';

export const captured: Captured[] = [
  {
    ...jest,
    name: 'jest-environment-missing',
    pattern: 'Jest configuration invalid',
    files: { 'package.json': app({ jest: { testEnvironment: 'jsdom' } }), 'a.test.js': "test('a', () => {});\n" },
    steps: [{ run: 'npx jest' }],
  },
  {
    ...jest,
    name: 'jest-module-missing',
    pattern: 'Jest cannot find a module',
    files: {
      'package.json': app(),
      'test/sum.test.js': "const { sum } = require('../src/sum');\ntest('sum', () => expect(sum(1, 2)).toBe(3));\n",
    },
    steps: [{ run: 'npx jest' }],
  },
  {
    ...test,
    packages: ['jest@29.7.0', 'ts-jest@29.4.1', 'typescript@5.9.3', '@types/jest@29.5.14'],
    name: 'ts-jest-diagnostics',
    pattern: 'Jest TypeScript diagnostics failed (ts-jest)',
    files: {
      'package.json': app({ jest: { preset: 'ts-jest' } }),
      'tsconfig.json': json({
        compilerOptions: { strict: true, module: 'commonjs', target: 'es2022', esModuleInterop: true },
      }),
      'src/sum.ts': 'export const sum = (a: number, b: number): string => a + b;\n',
      'src/sum.test.ts': "import { sum } from './sum';\ntest('sum', () => expect(sum(1, 2)).toBe('3'));\n",
    },
    steps: [{ run: 'npx jest' }],
  },
  {
    ...test,
    packages: ['jest@29.7.0', 'jest-silent-reporter@0.6.0'],
    name: 'jest-summary-only',
    pattern: 'Jest test summary',
    files: { 'package.json': app(), 'a.test.js': "test('adds two numbers', () => { throw 1; });\n" },
    steps: [{ run: 'npx jest --reporters=jest-silent-reporter --reporters=summary' }],
  },
  {
    ...vitest,
    name: 'vitest-environment-missing',
    pattern: 'Vitest configuration or environment missing',
    files: {
      'package.json': moduleApp,
      'vitest.config.js': "export default { test: { environment: 'jsdom' } };\n",
      'a.test.js': "import { test } from 'vitest';\ntest('a', () => {});\n",
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    name: 'vitest-import-missing',
    pattern: 'Vitest cannot load a test file',
    files: {
      'package.json': moduleApp,
      'test/sum.test.js':
        "import { test } from 'vitest';\nimport { sum } from '../src/sum';\ntest('sum', () => sum(1, 2));\n",
    },
    steps: [{ run: 'npx vitest run' }],
  },
  {
    ...vitest,
    name: 'vitest-worker-crashed',
    pattern: 'Vitest worker crashed',
    files: {
      'package.json': moduleApp,
      'test/crash.test.js':
        "import { test } from 'vitest';\ntest('crashes', () => {\n  process.kill(process.pid, 'SIGSEGV');\n  return new Promise((done) => setTimeout(done, 500));\n});\n",
    },
    steps: [{ run: 'npx vitest run --pool=forks' }],
  },
  {
    ...mocha,
    name: 'mocha-timeout',
    pattern: 'Test timed out (Mocha, Jasmine, AVA)',
    files: {
      'package.json': app(),
      'test/queue.js': "describe('queue', () => {\n  it('drains', (done) => {});\n});\n",
    },
    steps: [{ run: 'npx mocha --timeout 300' }],
  },
  {
    ...mocha,
    name: 'mocha-hook-failing',
    pattern: 'Mocha test failed',
    files: {
      'package.json': app(),
      'test/rates.js':
        "class RatesMissing extends Error {}\ndescribe('rates', () => {\n  before(() => {\n    throw new RatesMissing('no rates for EUR');\n  });\n  it('converts', () => {});\n});\n",
    },
    steps: [{ run: 'npx mocha' }],
  },
  {
    ...mocha,
    name: 'mocha-assertion',
    pattern: "Mocha test's assertion failed",
    files: {
      'package.json': app(),
      'src/sum.js': sum,
      'test/sum.js':
        "const assert = require('node:assert');\nconst { sum } = require('../src/sum');\ndescribe('sum', () => {\n  it('adds', () => assert.equal(sum(1, 2), 3));\n});\n",
    },
    steps: [{ run: 'npx mocha' }],
  },
  {
    ...mocha,
    name: 'mocha-no-files',
    pattern: 'Mocha found no test files',
    files: { 'package.json': app(), 'spec/sum.js': '' },
    steps: [{ run: 'npx mocha' }],
  },
  {
    ...test,
    packages: ['jasmine@5.9.0'],
    name: 'jasmine-failure',
    pattern: 'Jasmine spec failed',
    files: {
      'package.json': app(),
      'spec/sum.spec.js': "describe('sum', () => {\n  it('adds', () => expect(1 + 2).toBe(4));\n});\n",
      'spec/support/jasmine.json': json({ spec_dir: 'spec', spec_files: ['*.spec.js'] }),
    },
    steps: [{ run: 'npx jasmine' }],
  },
  {
    ...test,
    packages: ['karma@6.4.4', 'karma-jasmine@5.1.0', 'jasmine-core@4.6.1', 'karma-chrome-launcher@3.2.0'],
    name: 'karma-no-browser',
    pattern: 'Karma browser did not start',
    files: {
      'package.json': app(),
      'karma.conf.js':
        "module.exports = (config) => config.set({ frameworks: ['jasmine'], browsers: ['ChromeHeadless'], files: ['a.spec.js'], singleRun: true });\n",
      'a.spec.js': "it('a', () => {});\n",
    },
    steps: [{ run: 'npx karma start', env: { CHROME_BIN: '/opt/google/chrome/chrome' } }],
  },
  {
    ...test,
    needs: ['npm', 'chromium'],
    packages: ['karma@6.4.4', 'karma-jasmine@5.1.0', 'jasmine-core@4.6.1', 'karma-chrome-launcher@3.2.0'],
    name: 'karma-test-failed',
    pattern: 'Karma test failed',
    files: {
      'package.json': app(),
      'karma.conf.js':
        "module.exports = (config) => config.set({ frameworks: ['jasmine'], browsers: ['Headless'], customLaunchers: { Headless: { base: 'ChromeHeadless', flags: ['--no-sandbox', '--disable-gpu'] } }, files: ['a.spec.js'], singleRun: true });\n",
      'a.spec.js': "describe('sum', () => {\n  it('adds', () => expect(1 + 2).toBe(4));\n});\n",
    },
    steps: [{ run: 'npx karma start', env: { CHROME_BIN: '/usr/bin/chromium' } }],
  },
  {
    ...test,
    packages: ['ava@6.4.1'],
    name: 'ava-failure',
    pattern: 'AVA test failed',
    files: {
      'package.json': moduleApp,
      'test.js': "import test from 'ava';\ntest('adds', (t) => t.is(1 + 2, 4));\n",
    },
    steps: [{ run: 'npx ava' }],
  },
  {
    ...test,
    name: 'node-test-tap',
    pattern: 'tap or node:test subtest failed',
    files: {
      'package.json': moduleApp,
      'sum.test.js':
        "import assert from 'node:assert';\nimport test from 'node:test';\ntest('adds two numbers', () => {\n  if (1 + 2 !== 4) throw new Error('not 4');\n});\n",
    },
    steps: [{ run: 'node --test --test-reporter=tap' }],
  },
  {
    ...test,
    packages: ['nyc@17.1.0'],
    name: 'nyc-coverage-threshold',
    pattern: 'Coverage below its threshold',
    files: { 'package.json': app(), 'main.js': 'function never() {\n  return 1;\n}\nconsole.log(2, typeof never);\n' },
    steps: [{ run: 'npx nyc --check-coverage --lines 90 node main.js' }],
  },
  {
    ...build,
    packages: ['vite@7.1.5'],
    name: 'vite-import-missing',
    pattern: 'Vite or Rollup cannot resolve an import',
    files: {
      'package.json': moduleApp,
      'index.html': '<script type="module" src="/src/main.js"></script>\n',
      'src/main.js': "import { a } from 'acme-kit';\nconsole.log(a);\n",
    },
    steps: [{ run: 'npx vite build' }],
  },
  {
    ...build,
    packages: ['vite@7.1.5'],
    name: 'vite-entry-missing',
    pattern: 'Vite cannot resolve or load an import',
    files: { 'package.json': moduleApp, 'src/main.js': 'console.log(1);\n' },
    steps: [{ run: 'npx vite build' }],
  },
  {
    ...build,
    packages: ['rollup@4.52.0'],
    name: 'rollup-not-exported',
    pattern: 'Bundler: name not exported',
    files: {
      'package.json': moduleApp,
      'src/main.js': "import { product } from './sum.js';\nconsole.log(product);\n",
      'src/sum.js': 'export const sum = 1;\n',
    },
    steps: [{ run: 'npx rollup src/main.js --file dist/main.js' }],
  },
  {
    ...build,
    packages: ['rollup@4.52.0'],
    name: 'rollup-syntax-error',
    pattern: 'Vite or Rollup cannot parse or transform a file',
    files: { 'package.json': moduleApp, 'src/main.js': 'export const a = [1, 2;\n' },
    steps: [{ run: 'npx rollup src/main.js --file dist/main.js' }],
  },
  {
    ...build,
    packages: ['webpack@5.99.0', 'webpack-cli@6.0.1'],
    name: 'webpack-parse-error',
    pattern: 'webpack module could not be parsed or built',
    files: { 'package.json': app(), 'src/index.js': "import './a.css';\n", 'src/a.css': 'a { color: red; }\n' },
    steps: [{ run: 'npx webpack --mode production' }],
  },
  {
    ...build,
    packages: ['webpack@5.99.0', 'webpack-cli@6.0.1'],
    name: 'webpack-compiled-with-errors',
    pattern: 'webpack compiled with errors',
    files: {
      'package.json': app(),
      'webpack.config.js':
        "module.exports = { mode: 'production', plugins: [{ apply: (c) => c.hooks.thisCompilation.tap('x', (k) => k.errors.push(new Error('acme: no licence header in src/index.js'))) }] };\n",
      'src/index.js': 'console.log(1);\n',
    },
    steps: [{ run: 'npx webpack' }],
  },
  {
    ...build,
    packages: ['sass@1.90.0'],
    name: 'sass-import-missing',
    pattern: 'Sass error',
    files: { 'package.json': app(), 'src/a.scss': "@use 'theme';\na { color: theme.$main; }\n" },
    steps: [{ run: 'npx sass src/a.scss dist/a.css' }],
  },
  {
    ...build,
    packages: ['tailwindcss@4.1.12', 'postcss@8.5.6', 'postcss-cli@11.0.1'],
    name: 'tailwind-as-postcss-plugin',
    pattern: 'PostCSS or Tailwind plugin does not fit',
    files: {
      'package.json': app(),
      'postcss.config.js': "module.exports = { plugins: [require('tailwindcss')] };\n",
      'src/a.css': '@import "tailwindcss";\n',
    },
    steps: [{ run: 'npx postcss src/a.css --output dist/a.css' }],
  },
  {
    ...build,
    packages: ['@babel/core@7.28.3', '@babel/cli@7.28.3'],
    name: 'babel-syntax-not-enabled',
    pattern: 'Babel cannot parse or load',
    files: { 'package.json': app(), 'src/a.js': 'export const a = () => <p>1</p>;\n' },
    steps: [{ run: 'npx babel src --out-dir dist' }],
  },
  {
    ...build,
    packages: ['@rspack/core@1.5.2', '@rspack/cli@1.5.2'],
    name: 'rspack-module-missing',
    pattern: 'Rspack or Rsbuild failed',
    files: { 'package.json': app(), 'src/index.js': "import './rates';\n" },
    steps: [{ run: 'npx rspack build' }],
  },
];
