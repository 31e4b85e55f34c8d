// Node.js itself: modules it cannot load, options it does not know, errors nobody caught. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const app = json({ name: 'app', version: '1.0.0', private: true });
const moduleApp = json({ name: 'app', version: '1.0.0', private: true, type: 'module' });
const node = { needs: ['npm'], job: 'build' };
const run = (file: string) => [{ run: `node ${file}` }];
const kit = (more: Record<string, unknown>, files: Record<string, string>): Record<string, string> => ({
  'node_modules/acme-kit/package.json': json({ name: 'acme-kit', version: '3.0.0', ...more }),
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/acme-kit/${name}`, text])),
});

export const captured: Captured[] = [
  {
    ...node,
    name: 'node-native-package-missing',
    pattern: 'Native package for this platform not installed',
    packages: ['rollup@4.52.0'],
    files: { 'package.json': moduleApp, 'src/main.js': 'console.log(1);\n' },
    prepare: 'rm -rf node_modules/@rollup',
    steps: [{ run: 'npx rollup src/main.js --file dist/main.js' }],
  },
  {
    ...node,
    name: 'node-native-module-other-system',
    pattern: 'Node.js native module built for another ABI',
    files: { 'package.json': app, 'main.js': "require('./build/Release/hash.node');\n" },
    prepare: `mkdir -p build/Release && node -e "require('fs').writeFileSync('build/Release/hash.node', Buffer.alloc(4096, 'MZ'))"`,
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-bad-option',
    pattern: 'NODE_OPTIONS not allowed or unknown',
    files: { 'package.json': app, 'main.js': 'console.log(1);\n' },
    steps: [{ run: 'node --experimental-abortcontroller-v2 main.js' }],
  },
  {
    ...node,
    name: 'node-lacks-an-api',
    pattern: 'Node.js lacks an API or syntax (too old)',
    packages: ['node@16.20.2'],
    files: {
      'package.json': app,
      'main.js': 'const copy = structuredClone({ a: [3, 1].toSorted() });\nconsole.log(copy);\n',
    },
    steps: [{ run: 'npx node main.js' }],
  },
  {
    ...node,
    name: 'node-lacks-syntax',
    pattern: 'Node.js lacks an API or syntax (too old)',
    packages: ['node@14.21.3'],
    files: { 'package.json': app, 'main.js': 'let port;\nport ??= 3000;\nconsole.log(port);\n' },
    steps: [{ run: 'npx node main.js' }],
  },
  {
    ...node,
    name: 'node-require-of-esm',
    pattern: 'ES module required with require()',
    packages: ['node@18.20.8'],
    files: {
      'package.json': app,
      'main.js': "const { run } = require('./kit.mjs');\nrun();\n",
      'kit.mjs': 'export const run = () => 1;\n',
    },
    steps: [{ run: 'npx node main.js' }],
  },
  {
    ...node,
    name: 'node-commonjs-in-esm',
    pattern: 'CommonJS variable used in an ES module',
    files: {
      'package.json': moduleApp,
      'gulp.config.js': "const path = require('node:path');\nmodule.exports = { root: path.resolve('.') };\n",
    },
    steps: run('gulp.config.js'),
  },
  {
    ...node,
    name: 'node-export-missing',
    pattern: 'Module has no such export',
    files: {
      'package.json': moduleApp,
      'main.js': "import { total } from './sum.js';\nconsole.log(total);\n",
      'sum.js': 'export const sum = 1;\n',
    },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-unknown-extension',
    pattern: 'Node.js cannot load TypeScript or another file type',
    packages: ['node@20.19.5'],
    files: { 'package.json': moduleApp, 'build.ts': 'const port: number = 1;\nconsole.log(port);\n' },
    steps: [{ run: 'npx node build.ts' }],
  },
  {
    ...node,
    name: 'node-path-not-exported',
    pattern: 'Package does not export this path',
    files: {
      'package.json': app,
      'main.js': "require('acme-kit/lib/parse');\n",
      ...kit({ exports: { '.': './index.js' } }, { 'index.js': '', 'lib/parse.js': '' }),
    },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-directory-import',
    pattern: 'Import of a folder or JSON file in an ES module',
    files: { 'package.json': moduleApp, 'main.js': "import './lib';\n", 'lib/index.js': 'export {};\n' },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-json-import',
    pattern: 'Import of a folder or JSON file in an ES module',
    files: {
      'package.json': moduleApp,
      'main.js': "import rates from './rates.json';\nconsole.log(rates);\n",
      'rates.json': '{}\n',
    },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-syntax-error',
    pattern: 'JavaScript syntax error',
    files: { 'package.json': app, 'main.js': 'function run() {\n  return [1, 2;\n}\n' },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-type-error',
    pattern: 'Uncaught TypeError or ReferenceError',
    files: { 'package.json': app, 'main.js': 'const config = {};\nconsole.log(config.build.target);\n' },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-unsettled-await',
    pattern: 'Node.js program never finished its top-level await',
    files: { 'package.json': moduleApp, 'main.js': 'await new Promise(() => {});\n' },
    steps: run('main.js'),
  },
  {
    ...node,
    name: 'node-assertion',
    pattern: 'Assertion failed outside of a test runner',
    files: { 'package.json': app, 'check.js': "require('node:assert').strictEqual(2 + 3, 6);\n" },
    steps: run('check.js'),
  },
  {
    ...node,
    name: 'node-gyp-no-python',
    pattern: 'node-gyp finds no Python',
    packages: ['node-gyp@11.4.2'],
    files: { 'package.json': app, 'binding.gyp': "{ 'targets': [] }\n" },
    before:
      'for python in /usr/bin/python3* /usr/local/bin/python3*; do [ ! -f $python ] || mount --bind /dev/null $python; done',
    steps: [{ run: 'npx node-gyp configure' }],
  },
  {
    ...node,
    name: 'node-rename-onto-folder',
    pattern: 'File in use or on another disk (EBUSY, EXDEV)',
    files: {
      'package.json': app,
      'dist/a.js': '',
      'next/b.js': '',
      'swap.js': "require('node:fs').renameSync('next', 'dist');\n",
    },
    steps: run('swap.js'),
  },
  {
    ...node,
    name: 'npm-test-placeholder',
    pattern: 'npm test script is the placeholder',
    files: {
      'package.json': json({
        name: 'app',
        version: '1.0.0',
        scripts: { test: 'echo "Error: no test specified" && exit 1' },
      }),
    },
    steps: [{ run: 'npm test' }],
  },
];
