// Type checkers, linters and checkers of text and size failing in more ways. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const app = (more: Record<string, unknown> = {}): string =>
  json({ name: 'app', version: '1.0.0', private: true, type: 'module', ...more });
const lint = { needs: ['npm'], job: 'lint' };
const git = { ...lint, needs: ['npm', 'git'] };
const eslint8 = { ...lint, packages: ['eslint@8.57.1'] };
const eslint9 = { ...lint, packages: ['eslint@9.39.2'] };
const unused = 'const unused = 1;\nexport const a = 2;\n';
const commits = (...subjects: string[]): string =>
  [
    'git init -q -b main',
    'git config user.name app',
    'git config user.email app@example.com',
    ...subjects.map((subject) => `git commit -q --allow-empty -m '${subject}'`),
  ].join(' && ');

export const captured: Captured[] = [
  {
    ...lint,
    packages: ['typescript@5.4.5'],
    name: 'typescript-unknown-option',
    pattern: 'TypeScript configuration error',
    files: {
      'package.json': app(),
      'tsconfig.json': json({ compilerOptions: { noEmit: true, erasableSyntaxOnly: true }, include: ['src'] }),
      'src/index.ts': 'export const a = 1;\n',
    },
    steps: [{ run: 'npx tsc --project .' }],
  },
  {
    ...lint,
    packages: ['typescript@5.9.3'],
    name: 'typescript-references-not-built',
    pattern: 'TypeScript sources not built before (project references)',
    files: {
      'package.json': app(),
      'core/tsconfig.json': json({
        compilerOptions: { composite: true, outDir: 'dist', rootDir: 'src' },
        include: ['src'],
      }),
      'core/src/index.ts': 'export const a = 1;\n',
      'web/tsconfig.json': json({
        compilerOptions: { noEmit: true },
        references: [{ path: '../core' }],
        include: ['src'],
      }),
      'web/src/index.ts': "import { a } from '../../core/src/index';\nconsole.log(a);\n",
    },
    steps: [{ run: 'npx tsc --project web' }],
  },
  {
    ...lint,
    packages: ['typescript@5.9.3'],
    name: 'typescript-syntax-error',
    pattern: 'TypeScript syntax error',
    files: { 'package.json': app(), 'src/a.ts': 'export function a(): number {\n  return [1, 2;\n}\n' },
    steps: [{ run: 'npx tsc --noEmit src/a.ts' }],
  },
  {
    ...lint,
    packages: ['typescript@5.9.3', 'ts-node@10.9.2', '@types/node@22.15.0'],
    name: 'ts-node-type-error',
    pattern: 'TypeScript type error',
    files: {
      'package.json': app({ type: 'commonjs' }),
      'tsconfig.json': json({ compilerOptions: { strict: true, module: 'commonjs', target: 'es2022' } }),
      'seed.ts': "const cents: number = '12';\nconsole.log(cents);\n",
    },
    steps: [{ run: 'npx ts-node seed.ts' }],
  },
  {
    ...lint,
    packages: ['svelte@5.38.0', 'svelte-check@4.3.1', 'typescript@5.9.3'],
    name: 'svelte-check-errors',
    pattern: 'svelte-check found errors',
    files: {
      'package.json': app(),
      'tsconfig.json': json({
        compilerOptions: { strict: true, module: 'esnext', moduleResolution: 'bundler' },
        include: ['src'],
      }),
      'src/App.svelte': '<script lang="ts">\n  let total: number = "12";\n</script>\n<p>{total}</p>\n',
    },
    steps: [{ run: 'npx svelte-check --output human' }],
  },
  {
    ...eslint9,
    name: 'eslint-parsing-error',
    pattern: 'ESLint cannot parse a file',
    files: {
      'package.json': app(),
      'eslint.config.js': 'export default [];\n',
      'src/a.js': 'export const a: number = 1;\n',
    },
    steps: [{ run: 'npx eslint src' }],
  },
  {
    ...eslint8,
    name: 'eslint-plugin-missing',
    pattern: 'ESLint plugin or shared configuration missing',
    files: { 'package.json': app(), '.eslintrc.json': json({ root: true, plugins: ['vue'] }), 'src/a.js': 'a();\n' },
    steps: [{ run: 'npx eslint src' }],
  },
  {
    ...eslint8,
    name: 'eslint-shared-config-missing',
    pattern: 'ESLint plugin or shared configuration missing',
    files: {
      'package.json': app(),
      '.eslintrc.json': json({ root: true, extends: ['airbnb-base'] }),
      'src/a.js': 'a();\n',
    },
    steps: [{ run: 'npx eslint src' }],
  },
  {
    ...eslint9,
    name: 'eslint-config-invalid',
    pattern: 'ESLint configuration invalid',
    files: {
      'package.json': app(),
      'eslint.config.js': "export default [{ extends: ['eslint:recommended'], env: { node: true } }];\n",
      'src/a.js': unused,
    },
    steps: [{ run: 'npx eslint src' }],
  },
  {
    ...eslint9,
    name: 'eslint-option-gone',
    pattern: 'ESLint configuration invalid',
    files: { 'package.json': app(), 'eslint.config.js': 'export default [];\n', 'src/a.js': unused },
    steps: [{ run: 'npx eslint --rulesdir rules src' }],
  },
  {
    ...eslint9,
    name: 'eslint-crash',
    pattern: 'ESLint crashed',
    files: {
      'package.json': app(),
      'eslint.config.js':
        "const rule = { create: (context) => ({ Identifier: (node) => context.getScope(node).name.length }) };\nexport default [{ plugins: { acme: { rules: { names: rule } } }, rules: { 'acme/names': 'error' } }];\n",
      'src/a.js': unused,
    },
    steps: [{ run: 'npx eslint src' }],
  },
  {
    ...eslint9,
    name: 'eslint-no-files',
    pattern: 'ESLint found no files',
    files: { 'package.json': app(), 'eslint.config.js': 'export default [];\n', 'src/a.js': unused },
    steps: [{ run: "npx eslint 'lib/**/*.js'" }],
  },
  {
    ...eslint8,
    name: 'eslint-compact',
    pattern: 'ESLint error (compact or unix form)',
    files: {
      'package.json': app(),
      '.eslintrc.json': json({
        root: true,
        parserOptions: { ecmaVersion: 2022, sourceType: 'module' },
        rules: { 'no-unused-vars': 2 },
      }),
      'src/a.js': unused,
    },
    steps: [{ run: 'npx eslint --format compact src' }],
  },
  {
    ...lint,
    packages: ['stylelint@16.24.0'],
    name: 'linter-summary',
    pattern: 'Linter problems in summary (ESLint, Stylelint)',
    files: {
      'package.json': app(),
      '.stylelintrc.json': json({ rules: { 'block-no-empty': true } }),
      'src/a.css': 'a {\n  color: red;\n',
    },
    steps: [{ run: 'npx stylelint src/a.css' }],
  },
  {
    ...lint,
    packages: ['oxlint@1.94.0'],
    name: 'oxlint-error',
    pattern: 'Oxlint error',
    files: { 'package.json': app(), 'src/a.js': 'debugger;\nexport const a = 1;\n' },
    steps: [{ run: 'npx oxlint --deny correctness src' }],
  },
  {
    ...lint,
    packages: ['standard@17.1.2'],
    name: 'standard-error',
    pattern: 'standard or XO style error',
    files: { 'package.json': app(), 'index.js': 'const a = "b";\nexport default a;\n' },
    steps: [{ run: 'npx standard' }],
  },
  {
    ...lint,
    packages: ['prettier@3.6.2'],
    name: 'prettier-syntax-error',
    pattern: 'Prettier cannot parse a file',
    files: { 'package.json': app(), 'src/a.ts': 'export const a = [1, 2;\n' },
    steps: [{ run: 'npx prettier --list-different src' }],
  },
  {
    ...lint,
    packages: ['@biomejs/biome@2.5.15'],
    name: 'biome-config-invalid',
    pattern: 'Biome configuration invalid',
    files: { 'package.json': app(), 'biome.json': json({ organizeImports: { enabled: true } }), 'src/a.js': unused },
    steps: [{ run: 'npx biome ci src' }],
  },
  {
    ...lint,
    packages: ['stylelint@16.24.0'],
    name: 'stylelint-problem',
    pattern: 'Stylelint problem',
    files: {
      'package.json': app(),
      '.stylelintrc.json': json({ rules: { 'color-no-invalid-hex': true } }),
      'src/a.css': 'a {\n  color: #ggg;\n}\n',
    },
    steps: [{ run: 'npx stylelint src/a.css' }],
  },
  {
    ...lint,
    packages: ['stylelint@16.24.0'],
    name: 'stylelint-config-missing',
    pattern: 'Stylelint configuration missing or invalid',
    files: {
      'package.json': app(),
      '.stylelintrc.json': json({ extends: 'stylelint-config-standard' }),
      'src/a.css': 'a {\n}\n',
    },
    steps: [{ run: 'npx stylelint src/a.css' }],
  },
  {
    ...git,
    packages: ['@commitlint/cli@19.8.1'],
    name: 'commitlint-no-rules',
    pattern: 'commitlint cannot read configuration or commits',
    files: { 'package.json': app() },
    prepare: commits('chore: start', 'fix: price'),
    steps: [{ run: 'npx commitlint --from HEAD~1 --to HEAD' }],
  },
  {
    ...lint,
    packages: ['knip@5.62.0', 'typescript@5.9.3', '@types/node@22.15.0'],
    name: 'knip-unused',
    pattern: 'knip found unused code or dependencies',
    files: {
      'package.json': app({ main: 'src/index.js', dependencies: { 'is-odd': '3.0.1' } }),
      'src/index.js': "import { a } from './a.js';\nconsole.log(a);\n",
      'src/a.js': 'export const a = 1;\nexport const b = 2;\n',
    },
    steps: [{ run: 'npx knip' }],
  },
  {
    ...lint,
    packages: ['depcheck@1.4.7'],
    name: 'depcheck-missing',
    pattern: 'depcheck or ts-prune found unused code',
    files: {
      'package.json': app({ dependencies: { 'is-odd': '3.0.1' } }),
      'index.js': "import chalk from 'chalk';\nchalk();\n",
    },
    steps: [{ run: 'npx depcheck' }],
  },
  {
    ...lint,
    packages: ['@manypkg/cli@0.21.4'],
    name: 'manypkg-versions-differ',
    pattern: 'Monorepo versions differ (syncpack, manypkg, sherif)',
    files: {
      'package.json': app({ workspaces: ['packages/*'] }),
      'package-lock.json': '{}\n',
      'packages/a/package.json': json({ name: '@octo-org/a', version: '1.0.0', dependencies: { react: '^18.0.0' } }),
      'packages/b/package.json': json({ name: '@octo-org/b', version: '1.0.0', dependencies: { react: '^18.0.0' } }),
      'packages/c/package.json': json({ name: '@octo-org/c', version: '1.0.0', dependencies: { react: '^17.0.0' } }),
    },
    steps: [{ run: 'npx manypkg check' }],
  },
  {
    ...lint,
    packages: ['madge@8.0.0'],
    name: 'madge-circular',
    pattern: 'Circular imports found (madge, dependency-cruiser)',
    files: { 'package.json': app(), 'src/a.js': "import './b.js';\n", 'src/b.js': "import './a.js';\n" },
    steps: [{ run: 'npx madge --circular src' }],
  },
  {
    ...lint,
    packages: ['markdownlint-cli2@0.18.1'],
    name: 'markdownlint-finding',
    pattern: 'markdownlint finding',
    files: { 'package.json': app(), 'docs/start.md': '# Start\n## Again\n* a\n+ b\n' },
    steps: [{ run: "npx markdownlint-cli2 'docs/*.md'" }],
  },
  {
    ...lint,
    packages: ['remark-cli@12.0.1', 'remark-lint@10.0.1', 'remark-lint-no-heading-punctuation@4.0.1'],
    name: 'remark-warning',
    pattern: 'remark or textlint finding',
    files: {
      'package.json': app({ remarkConfig: { plugins: ['remark-lint', 'remark-lint-no-heading-punctuation'] } }),
      'docs/start.md': '# Start now!\n',
    },
    steps: [{ run: 'npx remark --frail --quiet docs' }],
  },
  {
    ...lint,
    packages: ['linkinator@6.1.4'],
    name: 'markdown-link-dead',
    pattern: 'Broken link found',
    files: { 'package.json': app(), 'docs/start.md': '# Start\n\n[next](./missing.md)\n' },
    steps: [{ run: 'npx linkinator docs/start.md --markdown' }],
  },
  {
    ...lint,
    packages: ['cspell@9.2.0'],
    name: 'cspell-unknown-word',
    pattern: 'cspell found an unknown word',
    files: { 'package.json': app(), 'docs/start.md': '# Start\n\nYou will recieve a mail.\n' },
    steps: [{ run: "npx cspell --no-progress 'docs/*.md'" }],
  },
  {
    ...lint,
    packages: ['size-limit@11.2.0', '@size-limit/file@11.2.0'],
    name: 'size-limit-exceeded',
    pattern: 'Bundle larger than its limit (size-limit, bundlesize)',
    files: {
      'package.json': app({
        devDependencies: { '@size-limit/file': '11.2.0' },
        'size-limit': [{ path: 'dist/main.js', limit: '10 B' }],
      }),
      'dist/main.js': 'console.log("a longer text than that");\n',
    },
    steps: [{ run: 'npx size-limit' }],
  },
  {
    ...lint,
    packages: ['publint@0.3.12'],
    name: 'publint-file-missing',
    pattern: 'Package would be published wrong (publint, attw)',
    files: {
      'package.json': app({ private: false, main: './dist/index.js', files: ['src'] }),
      'src/index.js': 'export {};\n',
    },
    steps: [{ run: 'npx publint' }],
  },
  {
    ...lint,
    packages: ['htmlhint@1.6.3'],
    name: 'htmlhint-finding',
    pattern: 'HTMLHint or html-validate finding',
    files: { 'package.json': app(), 'site/index.html': '<!DOCTYPE html>\n<html><body><DIV>a</body></html>\n' },
    steps: [{ run: 'npx htmlhint site' }],
  },
  {
    ...lint,
    packages: ['typedoc@0.28.12', 'typescript@5.9.3'],
    name: 'typedoc-no-entry-point',
    pattern: 'TypeDoc failed',
    files: { 'package.json': app(), 'tsconfig.json': json({ include: ['src'] }), 'src/a.ts': 'export const a = 1;\n' },
    steps: [{ run: 'npx typedoc src/index.ts' }],
  },
];
