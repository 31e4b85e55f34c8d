// Release, upload and contract tools from npm, failing; and passing with words that tempt a pattern. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const node = { needs: ['npm'], network: 'none' as const };
const repository =
  'git init -q -b main\ngit config user.name octo\ngit config user.email octo@example.com\ngit add -A -- . ":!node_modules"\ngit commit -qm "feat: first"';
const release = {
  ...node,
  job: 'release',
  packages: ['semantic-release@25.0.9'],
};
const manifest = (extra: object): string => `${JSON.stringify({ name: 'app', version: '1.0.0', ...extra }, null, 2)}\n`;
const onBranch = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'abc' };
const openapi = (operation: string): string =>
  `openapi: 3.0.3\ninfo:\n  title: Shop\n  version: 1.0.0\n  description: The shop.\n  contact:\n    name: Acme\n    email: api@example.com\ntags:\n  - name: orders\nservers:\n  - url: https://shop.example.com\npaths:\n  /orders:\n    get:\n      tags: [orders]\n      description: All orders.\n${operation}`;
const collection = JSON.stringify({
  info: { name: 'shop', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
  item: [
    {
      name: 'health',
      event: [
        {
          listen: 'test',
          script: { exec: ["pm.test('Status code is 200', () => pm.response.to.have.status(200));"] },
        },
      ],
      request: { method: 'GET', url: 'http://localhost:4010/health' },
    },
  ],
});
const serve = (code: number): string =>
  `node -e "require('http').createServer((q, r) => { r.statusCode = ${code}; r.end('{}') }).listen(4010)" &\nsleep 2`;

export const captured: Captured[] = [
  {
    ...release,
    name: 'semantic-release-no-token',
    pattern: 'semantic-release: no valid GitHub or GitLab token',
    files: {
      'package.json': manifest({
        private: true,
        repository: 'https://github.com/octo-org/app.git',
        release: { plugins: ['@semantic-release/commit-analyzer', '@semantic-release/github'] },
      }),
    },
    prepare: `${repository}\ngit clone -q --bare . ~/origin.git`,
    steps: [
      {
        run: 'npx semantic-release --repository-url file:///home/runner/origin.git',
        env: { ...onBranch },
      },
    ],
  },
  {
    ...release,
    name: 'semantic-release-may-not-push',
    pattern: 'semantic-release may not push',
    files: { 'package.json': manifest({ private: true, release: { plugins: ['@semantic-release/commit-analyzer'] } }) },
    prepare: `${repository}\ngit clone -q --bare . ~/origin.git\ngit config --global url.file:///home/runner/gone.git.pushInsteadOf file:///home/runner/origin.git`,
    steps: [{ run: 'npx semantic-release --repository-url file:///home/runner/origin.git', env: { ...onBranch } }],
  },
  {
    ...release,
    name: 'semantic-release-no-repository-url',
    pattern: 'semantic-release configuration not valid',
    files: { 'package.json': manifest({ private: true, release: { plugins: ['@semantic-release/commit-analyzer'] } }) },
    prepare: repository,
    steps: [{ run: 'npx semantic-release', env: { ...onBranch } }],
  },
  {
    ...release,
    name: 'semantic-release-plugin-missing',
    pattern: 'semantic-release plugin not installed',
    files: {
      'package.json': manifest({ private: true, release: { plugins: ['@semantic-release/changelog'] } }),
    },
    prepare: repository,
    steps: [{ run: 'npx semantic-release', env: { ...onBranch } }],
  },
  {
    ...node,
    job: 'release',
    name: 'changesets-none',
    pattern: 'Changesets: no changeset for a changed package',
    packages: ['@changesets/cli@2.29.5'],
    files: {
      'package.json': manifest({ private: true, workspaces: ['packages/*'] }),
      'package-lock.json': '{"name":"app","lockfileVersion":3}\n',
      'packages/ui/package.json': '{"name":"@acme/ui","version":"1.0.0"}\n',
      '.changeset/config.json': '{"changelog":"@changesets/cli/changelog","baseBranch":"main","access":"public"}\n',
    },
    prepare: `${repository}\ngit checkout -qb change\necho "export {}" > packages/ui/index.js\ngit add packages\ngit commit -qm change`,
    steps: [{ run: 'npx changeset status --since=main' }],
  },
  {
    ...node,
    job: 'release',
    name: 'changesets-base-missing',
    pattern: 'Changesets configuration or branch not usable',
    packages: ['@changesets/cli@2.29.5'],
    files: {
      'package.json': manifest({ private: true, workspaces: ['packages/*'] }),
      'package-lock.json': '{"name":"app","lockfileVersion":3}\n',
      'packages/ui/package.json': '{"name":"@acme/ui","version":"1.0.0"}\n',
      '.changeset/config.json': '{"changelog":"@changesets/cli/changelog","baseBranch":"main","access":"public"}\n',
    },
    prepare: `${repository}\ngit branch -m change`,
    steps: [{ run: 'npx changeset status' }],
  },
  {
    ...node,
    job: 'release',
    name: 'vsce-publisher-missing',
    pattern: 'VS Code extension manifest not valid',
    packages: ['@vscode/vsce@3.6.0'],
    files: {
      'package.json': manifest({ engines: { vscode: '^1.90.0' }, main: './index.js' }),
      'index.js': '',
      'README.md': '# App\n',
    },
    steps: [{ run: 'npx vsce package' }],
  },
  {
    ...node,
    job: 'release',
    name: 'sentry-token-missing',
    pattern: 'Sentry refused the upload',
    packages: ['@sentry/cli@2.50.2'],
    steps: [{ run: 'npx sentry-cli releases new 1.0.0 --org acme --project shop' }],
  },
  {
    ...node,
    job: 'load',
    name: 'newman-assertion-failed',
    pattern: 'Postman collection (Newman) assertion failed',
    packages: ['newman@6.2.2'],
    files: { 'shop.postman.json': collection },
    steps: [{ run: `${serve(503)}\nnpx newman run shop.postman.json` }],
  },
  {
    ...node,
    job: 'load',
    name: 'newman-collection-missing',
    pattern: 'Newman cannot run the collection',
    packages: ['newman@6.2.2'],
    steps: [{ run: 'npx newman run tests/shop.postman.json' }],
  },
  {
    ...node,
    job: 'load',
    name: 'passing/newman',
    pattern: null,
    packages: ['newman@6.2.2'],
    files: {
      'shop.postman.json': collection.replace('Status code is 200', 'AssertionError is not thrown, 503 is refused'),
    },
    steps: [{ run: `${serve(200)}\nnpx newman run shop.postman.json` }],
  },
  {
    ...node,
    job: 'lint',
    name: 'spectral-error',
    pattern: 'Spectral: API description breaks a rule',
    packages: ['@stoplight/spectral-cli@6.15.0'],
    files: {
      '.spectral.yaml': 'extends: ["spectral:oas"]\n',
      'openapi.yaml': openapi('      operationId: orders\n      responses:\n        "200":\n          summary: ok\n'),
    },
    steps: [{ run: 'npx spectral lint openapi.yaml' }],
  },
  {
    ...node,
    job: 'lint',
    name: 'spectral-ruleset-missing',
    pattern: 'Spectral has no ruleset',
    packages: ['@stoplight/spectral-cli@6.15.0'],
    files: { 'openapi.yaml': openapi('      responses:\n        "200":\n          description: ok\n') },
    steps: [{ run: 'npx spectral lint openapi.yaml' }],
  },
  {
    ...node,
    job: 'lint',
    name: 'passing/spectral-warnings',
    pattern: null,
    packages: ['@stoplight/spectral-cli@6.15.0'],
    files: {
      '.spectral.yaml': 'extends: ["spectral:oas"]\n',
      'openapi.yaml': openapi('      responses:\n        "200":\n          description: ok\n'),
    },
    steps: [{ run: 'npx spectral lint openapi.yaml' }],
  },
  {
    ...node,
    job: 'lint',
    name: 'redocly-error',
    pattern: 'Redocly: API description not valid',
    packages: ['@redocly/cli@2.0.8'],
    files: { 'openapi.yaml': openapi('      responses:\n        "200":\n          summary: ok\n') },
    steps: [{ run: 'npx redocly lint openapi.yaml', env: { REDOCLY_TELEMETRY: 'off', NO_COLOR: '1' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'dbmate-migration-failed',
    pattern: 'dbmate failed',
    packages: ['dbmate@2.28.0'],
    files: { 'db/migrations/20260102000000_orders.sql': '-- migrate:up\ncreate tabel orders (id integer);\n' },
    steps: [{ run: 'npx dbmate up', env: { DATABASE_URL: 'sqlite:db/app.sqlite3' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'serverless-variable-missing',
    pattern: 'Serverless variable not resolved',
    packages: ['serverless@3.40.0'],
    files: {
      'package.json': manifest({ private: true }),
      'serverless.yml':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Serverless reads it.
        'service: app\nframeworkVersion: "3"\nprovider:\n  name: aws\n  environment:\n    URL: ${env:APP_URL}\n',
    },
    steps: [{ run: 'npx serverless package', env: { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'serverless-plugin-missing',
    pattern: 'Serverless plugin not found',
    packages: ['serverless@3.40.0'],
    files: {
      'package.json': manifest({ private: true }),
      'serverless.yml': 'service: app\nprovider:\n  name: aws\nplugins:\n  - serverless-offline\n',
    },
    steps: [{ run: 'npx serverless package', env: { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'serverless-folder-wrong',
    pattern: 'Serverless command not usable here',
    packages: ['serverless@3.40.0'],
    files: { 'package.json': manifest({ private: true }) },
    steps: [{ run: 'npx serverless package', env: { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'wrangler-entry-missing',
    pattern: 'wrangler configuration not valid',
    packages: ['wrangler@4.40.0'],
    files: { 'wrangler.toml': 'name = "app"\ncompatibility_date = "2025-01-01"\n' },
    steps: [{ run: 'npx wrangler deploy', env: { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_API_TOKEN: '***' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'vercel-token-empty',
    pattern: 'Hosting provider has no token',
    packages: ['vercel@48.0.0'],
    files: { 'package.json': manifest({ private: true }) },
    steps: [{ run: 'npx vercel deploy --prod --yes --token=', env: { VERCEL_TELEMETRY_DISABLED: '1' } }],
  },
  {
    ...node,
    job: 'deploy',
    name: 'vercel-project-not-linked',
    pattern: 'Vercel project not linked',
    packages: ['vercel@48.0.0'],
    files: { 'package.json': manifest({ private: true }) },
    steps: [{ run: 'npx vercel build --token=abc', env: { VERCEL_TELEMETRY_DISABLED: '1' } }],
  },
  {
    ...node,
    job: 'release',
    name: 'passing/vsce-package',
    pattern: null,
    packages: ['@vscode/vsce@3.6.0'],
    files: {
      'package.json': manifest({
        publisher: 'acme',
        engines: { vscode: '^1.90.0' },
        main: './index.js',
        activationEvents: ['onStartupFinished'],
      }),
      'index.js': '',
      'README.md': '# App\n',
    },
    steps: [{ run: 'npx vsce package --no-dependencies --allow-missing-repository' }],
  },
  {
    ...node,
    job: 'release',
    name: 'passing/changesets-status',
    pattern: null,
    packages: ['@changesets/cli@2.29.5'],
    files: {
      'package.json': manifest({ private: true, workspaces: ['packages/*'] }),
      'package-lock.json': '{"name":"app","lockfileVersion":3}\n',
      'packages/ui/package.json': '{"name":"@acme/ui","version":"1.0.0"}\n',
      '.changeset/config.json': '{"changelog":"@changesets/cli/changelog","baseBranch":"main","access":"public"}\n',
    },
    prepare: `${repository}\ngit checkout -qb change\necho "export {}" > packages/ui/index.js\nprintf -- '---\\n"@acme/ui": patch\\n---\\n\\nError messages name the field.\\n' > .changeset/brave-cats.md\ngit add packages .changeset\ngit commit -qm change`,
    steps: [{ run: 'npx changeset status --since=main\nnpx changeset version' }],
  },
];
