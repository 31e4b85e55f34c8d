// Jobs of the Node world that ended green, with output that tempts a pattern. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const app = (more: Record<string, unknown> = {}): string =>
  json({ name: 'app', version: '1.0.0', private: true, ...more });
const moduleApp = app({ type: 'module' });
const passing = { needs: ['npm'], pattern: null };
const setup = (...packages: string[]): string =>
  `npm install --global --silent --prefix /home/runner/setup ${packages.join(' ')}`;

export const captured: Captured[] = [
  {
    ...passing,
    name: 'passing/linters-with-warnings',
    job: 'lint',
    packages: ['eslint@9.39.2', 'stylelint@16.24.0', 'markdownlint-cli2@0.18.1', 'cspell@9.2.0', 'oxlint@1.94.0'],
    files: {
      'package.json': moduleApp,
      'eslint.config.js': "export default [{ rules: { 'no-unused-vars': 'warn', 'no-console': 'warn' } }];\n",
      '.stylelintrc.json': json({ rules: { 'block-no-empty': [true, { severity: 'warning' }] } }),
      'src/a.js': 'const unused = 1;\nconsole.log(2);\n',
      'src/a.css': 'a {\n}\n',
      'README.md': '# App\n\nIt says what it does.\n',
    },
    steps: [
      {
        run: 'npx eslint src\nnpx stylelint src/a.css\nnpx markdownlint-cli2 README.md\nnpx cspell --no-progress README.md\nnpx oxlint src',
      },
    ],
  },
  {
    ...passing,
    name: 'passing/test-runners',
    job: 'test',
    packages: ['mocha@10.8.2', 'ava@6.4.1', 'jasmine@5.9.0', 'nyc@17.1.0'],
    files: {
      'package.json': app(),
      'test/rates.js':
        "const assert = require('node:assert');\ndescribe('rates', () => {\n  it('refuses a currency without rates', () => {\n    console.error(new Error('no rates for EUR'));\n    assert.throws(() => JSON.parse('{'), SyntaxError);\n  });\n  it.skip('converts', () => {});\n});\n",
      'ava.test.mjs':
        "import test from 'ava';\ntest('fails when the file is missing', (t) => {\n  t.log('Error: ENOENT is what we want');\n  t.throws(() => JSON.parse(''));\n});\n",
      'spec/a.spec.js': "describe('sum', () => {\n  it('adds', () => expect(1 + 2).toBe(3));\n});\n",
      'spec/support/jasmine.json': json({ spec_dir: 'spec', spec_files: ['*.spec.js'] }),
    },
    steps: [{ run: 'npx nyc --check-coverage --lines 0 mocha\nnpx ava ava.test.mjs\nnpx jasmine' }],
  },
  {
    ...passing,
    name: 'passing/node-test',
    job: 'test',
    files: {
      'package.json': moduleApp,
      'a.test.js':
        "import assert from 'node:assert';\nimport test from 'node:test';\ntest('error: no rates', () => {\n  assert.throws(() => { throw new TypeError('no rates'); });\n});\ntest('later', { todo: true }, () => {\n  assert.equal(1, 2);\n});\ntest('never', { skip: true }, () => {});\n",
    },
    steps: [{ run: 'node --test' }, { run: 'node --test --test-reporter=tap' }],
  },
  {
    ...passing,
    name: 'passing/bun-and-deno',
    job: 'test',
    network: 'machine',
    prepare: setup('bun@1.2.20', 'deno@2.9.6'),
    files: {
      'package.json': app({ scripts: { check: 'echo checked' }, dependencies: { 'is-odd': '3.0.1' } }),
      'sum.test.ts':
        "import { expect, test } from 'bun:test';\ntest('adds', () => {\n  console.error('error: shown on purpose');\n  expect(1 + 2).toBe(3);\n});\n",
      'lib/deno.json': '{}\n',
      'lib/sum_check.ts':
        'Deno.test("adds", () => {\n  console.error("error: shown on purpose");\n});\nDeno.test.ignore("later", () => {});\n',
    },
    steps: [
      { run: 'bun install' },
      { run: 'bun run check' },
      { run: 'bun test' },
      { run: 'cd lib\ndeno fmt --check\ndeno lint\ndeno test sum_check.ts' },
    ],
  },
  {
    ...passing,
    name: 'passing/bundlers-with-warnings',
    job: 'build',
    packages: ['webpack@5.99.0', 'webpack-cli@6.0.1', 'rollup@4.52.0', 'esbuild@0.25.9', 'sass@1.90.0'],
    files: {
      'package.json': app(),
      'src/index.js':
        "import { product } from './sum';\nconsole.log(product, typeof require('fs'));\nif (1 == -0) console.log(NaN === NaN);\n",
      'src/sum.js': "import './cycle.js';\nexport const sum = 1;\n",
      'src/cycle.js': "import { sum } from './sum.js';\nexport const twice = () => sum * 2;\n",
      'src/a.scss': '@import "b";\na { width: math; }\n',
      'src/_b.scss': 'b { color: red; }\n',
    },
    steps: [
      { run: 'npx webpack --mode production --target node' },
      { run: 'npx rollup src/cycle.js --file dist/cycle.js' },
      { run: 'npx esbuild src/sum.js --bundle --platform=node --outfile=dist/main.js' },
      { run: 'npx sass src/a.scss dist/a.css' },
    ],
  },
  {
    ...passing,
    name: 'passing/monorepo',
    job: 'build',
    needs: ['npm', 'git'],
    packages: ['nx@21.4.1', 'turbo@2.5.6', 'lerna@8.2.3'],
    files: {
      'package.json': app({ workspaces: ['packages/*'], packageManager: 'npm@11.0.0' }),
      'packages/ui/package.json': json({ name: '@octo-org/ui', version: '1.0.0', scripts: { build: 'node build.js' } }),
      'packages/ui/build.js': "console.error('ERROR is the name of a level, 0 errors');\n",
      '.gitignore': 'node_modules\n',
      'nx.json': '{}\n',
      'lerna.json': json({ version: '1.0.0', packages: ['packages/*'] }),
      'turbo.json': json({ tasks: { build: {} } }),
    },
    prepare:
      "npm install --package-lock-only --silent && git init -q -b main && git config user.name app && git config user.email app@example.com && git add --all && git commit -q -m 'feat: start'",
    steps: [
      { run: 'npx nx run-many --target=build', env: { NX_DAEMON: 'false' } },
      { run: 'npx turbo run build', env: { TURBO_TELEMETRY_DISABLED: '1' } },
      { run: 'npx lerna run build', env: { NX_DAEMON: 'false' } },
    ],
  },
  {
    ...passing,
    name: 'passing/yarn-installs',
    job: 'test',
    network: 'machine',
    prepare: setup('yarn@1.22.22'),
    files: {
      'package.json': app({
        license: undefined,
        scripts: { test: 'node -e 0' },
        dependencies: { 'is-odd': '3.0.1', request: '2.88.2' },
        optionalDependencies: { fsevents: '2.3.3' },
      }),
    },
    steps: [{ run: 'yarn install' }, { run: 'yarn test' }],
  },
];
