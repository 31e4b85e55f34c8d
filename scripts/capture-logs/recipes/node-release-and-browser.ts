// Monorepo, release and browser-test tools of the Node world failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const app = (more: Record<string, unknown> = {}): string =>
  json({ name: 'app', version: '1.0.0', private: true, ...more });
const moduleApp = app({ type: 'module' });
const ui = json({ name: '@octo-org/ui', version: '1.0.0', scripts: { build: 'node build.js' } });
const release = { needs: ['npm', 'git'], job: 'release' };
const e2e = { needs: ['npm'], job: 'e2e' };
const playwright = { ...e2e, packages: ['@playwright/test@1.55.0'] };
const workspace = {
  'package.json': app({ workspaces: ['packages/*'], packageManager: 'npm@11.0.0' }),
  'packages/ui/package.json': ui,
  'packages/ui/build.js': "console.error('theme has no colours'); process.exitCode = 1;\n",
  '.gitignore': 'node_modules\n',
};
const repository = [
  'git init -q -b main',
  'git config user.name app',
  'git config user.email app@example.com',
  'git add --all',
  "git commit -q -m 'feat: start'",
].join(' && ');
const server = (delay: number): string =>
  `import { createServer } from 'node:http';\nsetTimeout(() => createServer((_, r) => r.end('ok')).listen(4173), ${delay});\n`;

export const captured: Captured[] = [
  {
    ...release,
    packages: ['lerna@8.2.3'],
    name: 'lerna-uncommitted',
    pattern: 'Lerna: working tree has uncommitted changes',
    files: { ...workspace, 'lerna.json': json({ version: '1.0.0', packages: ['packages/*'] }) },
    prepare: `${repository} && echo '//' >> packages/ui/build.js`,
    steps: [{ run: 'npx lerna publish from-package --yes', env: { NX_DAEMON: 'false' } }],
  },
  {
    ...release,
    packages: ['lerna@8.2.3'],
    name: 'lerna-no-config',
    pattern: 'Lerna configuration refused',
    files: workspace,
    prepare: repository,
    steps: [{ run: 'npx lerna run build', env: { NX_DAEMON: 'false' } }],
  },
  {
    ...release,
    packages: ['nx@21.4.1'],
    name: 'nx-target-missing',
    pattern: 'Nx target or project missing',
    files: { ...workspace, 'nx.json': '{}\n' },
    prepare: repository,
    steps: [{ run: 'npx nx run @octo-org/ui:lint', env: { NX_DAEMON: 'false' } }],
  },
  {
    ...release,
    packages: ['nx@21.4.1'],
    name: 'nx-task-failed',
    pattern: 'Nx tasks failed',
    files: {
      ...workspace,
      'nx.json': '{}\n',
      'packages/ui/project.json': json({ name: 'ui', targets: { build: { command: 'node packages/ui/build.js' } } }),
    },
    prepare: repository,
    steps: [{ run: 'npx nx run-many --target=build', env: { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' } }],
  },
  {
    ...release,
    packages: ['nx@21.4.1'],
    name: 'nx-graph-failed',
    pattern: 'Nx could not process the project graph',
    files: { ...workspace, 'nx.json': '{}\n', 'packages/ui/project.json': '{ "name": "ui", \n' },
    prepare: repository,
    steps: [{ run: 'npx nx run-many --target=build', env: { NX_DAEMON: 'false' } }],
  },
  {
    ...release,
    packages: ['turbo@2.5.6'],
    name: 'turbo-pipeline-field',
    pattern: 'Turborepo configuration or task refused',
    files: { ...workspace, 'turbo.json': json({ pipeline: { build: {} } }) },
    prepare: `npm install --package-lock-only --silent && ${repository}`,
    steps: [{ run: 'npx turbo run build', env: { TURBO_TELEMETRY_DISABLED: '1' } }],
  },
  {
    ...release,
    packages: ['turbo@2.5.6'],
    name: 'turbo-task-missing',
    pattern: 'Turborepo configuration or task refused',
    files: { ...workspace, 'turbo.json': json({ tasks: { build: {} } }) },
    prepare: `npm install --package-lock-only --silent && ${repository}`,
    steps: [{ run: 'npx turbo run lint', env: { TURBO_TELEMETRY_DISABLED: '1' } }],
  },
  {
    ...release,
    packages: ['release-it@19.0.4'],
    name: 'release-it-dirty',
    pattern: 'release-it stopped',
    files: {
      'package.json': app({ 'release-it': { npm: { publish: false }, git: { requireUpstream: false } } }),
      '.gitignore': 'node_modules\n',
    },
    prepare: `${repository} && echo '{}' > built.json && git add built.json && git remote add origin https://github.com/octo-org/app.git`,
    steps: [{ run: 'npx release-it --ci patch' }],
  },
  {
    ...e2e,
    packages: ['prisma@6.15.0', '@prisma/client@6.15.0'],
    name: 'prisma-client-not-generated',
    pattern: 'Prisma schema or client not usable',
    files: {
      'package.json': app(),
      'main.js': "const { PrismaClient } = require('@prisma/client');\nnew PrismaClient();\n",
    },
    steps: [{ run: 'node main.js' }],
  },
  {
    ...e2e,
    packages: ['@graphql-codegen/cli@5.0.7', 'graphql@16.11.0'],
    name: 'graphql-codegen-no-schema',
    pattern: 'GraphQL Code Generator failed',
    files: {
      'package.json': app(),
      'codegen.yml': 'schema: src/*.graphql\ngenerates:\n  src/types.ts:\n    plugins: [typescript]\n',
    },
    steps: [{ run: 'npx graphql-codegen' }],
  },
  {
    ...playwright,
    name: 'playwright-server-exited',
    pattern: 'Playwright web server did not come up',
    files: {
      'package.json': moduleApp,
      'playwright.config.js': "export default { webServer: { command: 'node server.js', port: 4173 } };\n",
      'server.js': "console.error('no rates'); process.exitCode = 1;\n",
      'e2e/a.spec.js': "import { test } from '@playwright/test';\ntest('a', () => {});\n",
    },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...playwright,
    name: 'playwright-port-used',
    pattern: 'Playwright port already used',
    files: {
      'package.json': moduleApp,
      'playwright.config.js':
        "export default { webServer: { command: 'node server.js', url: 'http://localhost:4173' } };\n",
      'server.js': server(0),
      'e2e/a.spec.js': "import { test } from '@playwright/test';\ntest('a', () => {});\n",
    },
    steps: [{ run: 'node server.js &\nsleep 2\nnpx playwright test' }],
  },
  {
    ...playwright,
    name: 'playwright-snapshot-missing',
    pattern: 'Playwright snapshot differs',
    files: {
      'package.json': moduleApp,
      'e2e/a.spec.js':
        "import { expect, test } from '@playwright/test';\ntest('total', () => {\n  expect('12').toMatchSnapshot('total.txt');\n});\n",
    },
    steps: [{ run: 'npx playwright test --reporter=line' }],
  },
  {
    ...playwright,
    name: 'playwright-no-tests',
    pattern: 'Playwright found no tests',
    files: { 'package.json': moduleApp, 'e2e/a.js': '' },
    steps: [{ run: 'npx playwright test' }],
  },
  {
    ...playwright,
    name: 'playwright-test-in-another-runner',
    pattern: 'Playwright cannot load the tests',
    files: {
      'package.json': moduleApp,
      'e2e/a.spec.js': "import { test } from '@playwright/test';\ntest.describe('a', () => {});\n",
    },
    steps: [{ run: 'node --test e2e/a.spec.js' }],
  },
  {
    ...e2e,
    name: 'cypress-binary-missing',
    pattern: 'Cypress binary missing',
    files: { 'package.json': app(), 'cypress.config.js': 'module.exports = { e2e: {} };\n' },
    prepare: 'CYPRESS_INSTALL_BINARY=0 npm install --no-save --silent cypress@14.5.4',
    steps: [{ run: 'npx cypress run' }],
  },
  {
    ...e2e,
    name: 'puppeteer-no-chrome',
    pattern: 'Puppeteer browser missing',
    files: { 'package.json': moduleApp, 'print.js': "import puppeteer from 'puppeteer';\nawait puppeteer.launch();\n" },
    prepare: 'PUPPETEER_SKIP_DOWNLOAD=1 npm install --no-save --silent puppeteer@24.17.0',
    steps: [{ run: 'node print.js' }],
  },
  {
    ...e2e,
    needs: ['npm', 'chromium'],
    name: 'puppeteer-launch-failed',
    pattern: 'Puppeteer browser did not start',
    files: {
      'package.json': moduleApp,
      'print.js':
        "import puppeteer from 'puppeteer';\nawait puppeteer.launch({ executablePath: '/usr/bin/chromium' });\n",
    },
    prepare: 'PUPPETEER_SKIP_DOWNLOAD=1 npm install --no-save --silent puppeteer@24.17.0',
    asRoot: true,
    steps: [{ run: 'node print.js' }],
  },
  {
    ...e2e,
    packages: ['jest@30.2.0', '@testing-library/dom@10.4.1', 'jsdom@26.1.0', 'global-jsdom@26.0.0'],
    name: 'testing-library-not-found',
    pattern: 'React Testing Library cannot find an element',
    files: {
      'package.json': app(),
      'save.js':
        "require('global-jsdom/register');\nconst { screen } = require('@testing-library/dom');\ndocument.body.innerHTML = '<button>Cancel</button>';\nscreen.getByText('Save');\n",
    },
    steps: [{ run: 'node save.js' }],
  },
];
