import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Environment, readBrainSettings, readConfig } from '../../src/config/settings.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';
import { completeEnvironment, pkcs1Pem, pkcs8Pem } from '../support/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'codered-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function problems(env: Environment): string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(Misconfigured);
    return asError(error).message.split('\n');
  }
  return [];
}

describe('settings that pass', () => {
  it('take the documented defaults where nothing is set', () => {
    expect(readConfig(completeEnvironment)).toEqual({
      appId: 4711,
      privateKey: pkcs8Pem,
      webhookSecrets: ['a secret of the tests only'],
      githubApiUrl: 'https://api.github.com',
      host: 'localhost',
      port: 3000,
      trustedProxies: [],
      githubHooks: null,
      publicUrl: null,
      evidenceAudiences: [],
      metricsAddress: null,
      metricsTokens: [],
      logLevel: 'info',
      logFormat: 'pretty',
      apiKeys: [],
      allowedAccounts: null,
      mail: null,
      signIn: {
        state: 'off',
        missing: ['CODERED_URL', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET', 'CODERED_SECRET_KEY'],
      },
      brain: { kind: 'embedded', directory: '.codered/data' },
    });
  });

  it('are all taken when all are set', () => {
    const config = readConfig({
      ...completeEnvironment,
      WEBHOOK_SECRET_PREVIOUS: 'the secret before that one',
      GHE_HOST: 'github.example.com:8443',
      GHE_PROTOCOL: 'http',
      HOST: '0.0.0.0',
      PORT: '0',
      CODERED_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,::1',
      CODERED_GITHUB_HOOKS: '192.0.2.0/24',
      CODERED_URL: 'https://CodeRed.example.com:443/',
      CODERED_EVIDENCE_AUDIENCE: 'codered',
      METRICS_HOST: '127.0.0.1',
      METRICS_TOKEN_SHA256: `${'d'.repeat(64)}, ${'e'.repeat(64)}`,
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      CODERED_API_KEYS: `planner:${'a'.repeat(64)}, bot-2:${'b'.repeat(64)}`,
      CODERED_ALLOWED_ACCOUNTS: 'Octo-Org, mona_acme ,octo-org',
      CODERED_MAIL_KEYS: `postmark:${'c'.repeat(64)}, mailgun:${'Key-_'.repeat(4)}`,
      CODERED_MAIL_SENDERS: 'Octocat@Example.com , @example.org',
      CODERED_UNTRUSTED_CHECK_APPS: 'circleci-checks, Travis-CI',
      CODERED_AGENTS_REPOSITORIES: 'Octo-Org/Agents.yml, 42',
      DATABASE_URL: 'postgresql://codered@db:5432/brain',
    });
    expect(config).toMatchObject({
      webhookSecrets: ['a secret of the tests only', 'the secret before that one'],
      githubApiUrl: 'http://github.example.com:8443/api/v3',
      host: '0.0.0.0',
      port: 0,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1'],
      githubHooks: ['192.0.2.0/24'],
      publicUrl: 'https://codered.example.com',
      evidenceAudiences: ['https://codered.example.com', 'codered'],
      metricsAddress: { host: '127.0.0.1', port: 9464 },
      metricsTokens: ['d'.repeat(64), 'e'.repeat(64)],
      logLevel: 'debug',
      logFormat: 'json',
      apiKeys: [
        { name: 'planner', sha256: 'a'.repeat(64) },
        { name: 'bot-2', sha256: 'b'.repeat(64) },
      ],
      allowedAccounts: ['octo-org', 'mona_acme'],
      mail: {
        keys: [
          { provider: 'postmark', secret: 'c'.repeat(64) },
          { provider: 'mailgun', secret: 'Key-_'.repeat(4) },
        ],
        senders: ['octocat@example.com', '@example.org'],
      },
      untrustedCheckApps: ['circleci-checks', 'travis-ci'],
      agentsRepositories: ['octo-org/agents.yml', '42'],
      brain: { kind: 'postgres', url: 'postgresql://codered@db:5432/brain' },
    });
  });

  it('log JSON in production unless told otherwise', () => {
    expect(readConfig({ ...completeEnvironment, NODE_ENV: 'production' }).logFormat).toBe('json');
    expect(readConfig({ ...completeEnvironment, NODE_ENV: 'production', LOG_FORMAT: 'pretty' }).logFormat).toBe(
      'pretty',
    );
  });

  it('count as missing when they are empty, and are trimmed', () => {
    const config = readConfig({ ...completeEnvironment, APP_ID: ' 12 ', PORT: ' ', DATABASE_URL: '', GHE_HOST: '' });
    expect(config).toMatchObject({ appId: 12, port: 3000, githubApiUrl: 'https://api.github.com' });
  });
});

describe('signing in', () => {
  const KEY = randomBytes(32);
  const needed = {
    ...completeEnvironment,
    CODERED_URL: 'https://codered.example.com',
    GITHUB_CLIENT_ID: 'Iv23liAbCdEf',
    GITHUB_CLIENT_SECRET: 'f'.repeat(40),
  };

  it.each([
    ['base64', KEY.toString('base64')],
    ['base64 without the end', KEY.toString('base64').slice(0, -1)],
    ['base64url', KEY.toString('base64url')],
    ['hexadecimal', KEY.toString('hex')],
  ])('takes its key in %s', (_, text) => {
    const previous = randomBytes(32);
    const keys = { CODERED_SECRET_KEY: text, CODERED_SECRET_KEY_PREVIOUS: previous.toString('hex') };
    expect(readConfig({ ...needed, ...keys }).signIn).toEqual({
      state: 'on',
      settings: {
        url: 'https://codered.example.com',
        clientId: 'Iv23liAbCdEf',
        clientSecret: 'f'.repeat(40),
        keys: [KEY, previous],
      },
    });
  });

  it('is off, and everything else works, while something is missing, which is named', () => {
    expect(readConfig(needed).signIn).toEqual({ state: 'off', missing: ['CODERED_SECRET_KEY'] });
  });

  it.each([
    ['CODERED_SECRET_KEY', 'correct horse battery staple'],
    ['CODERED_SECRET_KEY', KEY.toString('hex').slice(2)],
    ['CODERED_SECRET_KEY_PREVIOUS', `${KEY.toString('base64')}AAAA`],
    ['GITHUB_CLIENT_SECRET', 'short'],
    ['GITHUB_CLIENT_ID', 'a b'],
  ])('with a malformed %s does not start, and the message does not show it', (name, value) => {
    const [problem = '', ...others] = problems({ ...needed, CODERED_SECRET_KEY: KEY.toString('hex'), [name]: value });
    expect(others).toEqual([]);
    expect(problem.startsWith(`${name} is `)).toBe(true);
    if (name !== 'GITHUB_CLIENT_ID') expect(problem).not.toContain(value);
  });
});

describe('the private key', () => {
  it.each([
    ['PKCS#1 PEM', pkcs1Pem],
    ['PKCS#8 PEM', pkcs8Pem],
    ['PEM whose line breaks became \\n', pkcs1Pem.replaceAll('\n', '\\n')],
    ['PEM whose line breaks became spaces', pkcs1Pem.trim().replaceAll('\n', ' ')],
    ['PEM with Windows line breaks', pkcs8Pem.replaceAll('\n', '\r\n')],
    ['base64 of PEM', Buffer.from(pkcs1Pem).toString('base64')],
    ['base64 of PEM in lines', Buffer.from(pkcs1Pem).toString('base64').replace(/.{76}/g, '$&\n')],
  ])('is taken as %s', (_, text) => {
    expect(readConfig({ ...completeEnvironment, PRIVATE_KEY: text }).privateKey).toBe(pkcs8Pem);
  });

  it('is read from the file that PRIVATE_KEY_PATH names', () => {
    const path = join(folder, 'app.pem');
    writeFileSync(path, pkcs1Pem);
    const env = { ...completeEnvironment, PRIVATE_KEY: '', PRIVATE_KEY_PATH: path };
    expect(readConfig(env).privateKey).toBe(pkcs8Pem);
  });

  const ellipticKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  });
  it.each([
    ['rubbish', 'rubbish', 'PRIVATE_KEY holds no complete PEM block'],
    ['half of a key', pkcs1Pem.slice(0, 500), 'PRIVATE_KEY holds no complete PEM block'],
    [
      'a damaged key',
      pkcs1Pem.replace(/\n.{64}\n/, '\n'),
      'PRIVATE_KEY holds a PEM block that is damaged or cut short',
    ],
    ['a public key', publicPem.toString(), 'PRIVATE_KEY holds a "PUBLIC KEY"'],
    [
      'an elliptic key',
      ellipticKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'PRIVATE_KEY holds a key of type ec',
    ],
  ])('is refused when it is %s, without a word of it in the message', (_, text, expected) => {
    const [problem, ...others] = problems({ ...completeEnvironment, PRIVATE_KEY: text });
    expect(others).toEqual([]);
    expect(problem).toMatch(`${expected}; it should be the RSA private key (.pem)`);
  });

  it('is missed by both its names, and a file that is not there by its path', () => {
    expect(problems({ ...completeEnvironment, PRIVATE_KEY: undefined })).toEqual([
      expect.stringMatching(/^PRIVATE_KEY is missing \(PRIVATE_KEY_PATH too\); it should be the RSA private key/),
    ]);
    expect(problems({ ...completeEnvironment, PRIVATE_KEY: '', PRIVATE_KEY_PATH: '/nowhere/app.pem' })).toEqual([
      expect.stringMatching(/^PRIVATE_KEY_PATH \("\/nowhere\/app.pem"\) cannot be read \(ENOENT\); it should be/),
    ]);
  });
});

describe('CODERED_URL', () => {
  it.each([
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['https://example.com/codered/', 'https://example.com/codered'],
  ])('may be %s', (CODERED_URL, url) => {
    expect(readConfig({ ...completeEnvironment, CODERED_URL })).toMatchObject({
      publicUrl: url,
      evidenceAudiences: [url],
    });
  });
});

describe('the SHA-256 of a secret', () => {
  it('may be in upper case, as some tools print it', () => {
    const hash = 'AB'.repeat(32);
    const config = readConfig({
      ...completeEnvironment,
      METRICS_TOKEN_SHA256: `${hash}, ${'c'.repeat(64)}`,
      CODERED_API_KEYS: `Planner:${hash},bot:${'c'.repeat(64)}`,
      CODERED_MAIL_KEYS: `postmark:${hash}, mailgun:${'Key-_'.repeat(4)}`,
      CODERED_MAIL_SENDERS: '@example.org',
    });
    expect(config.metricsTokens).toEqual(['ab'.repeat(32), 'c'.repeat(64)]);
    expect(config.apiKeys).toEqual([
      { name: 'Planner', sha256: 'ab'.repeat(32) },
      { name: 'bot', sha256: 'c'.repeat(64) },
    ]);
    expect(config.mail?.keys.map(({ secret }) => secret)).toEqual(['ab'.repeat(32), 'Key-_'.repeat(4)]);
  });
});

describe('METRICS_PORT', () => {
  it.each<[Environment, string]>([
    [{ METRICS_PORT: '3000' }, 'is "3000"'],
    [{ METRICS_PORT: '80', PORT: '80', HOST: '0.0.0.0' }, 'is "80"'],
    [{ METRICS_PORT: '80', PORT: '80', METRICS_HOST: '0.0.0.0', HOST: '10.0.0.1' }, 'is "80"'],
    [{ METRICS_PORT: '80', PORT: '80', METRICS_HOST: '127.0.0.1' }, 'is "80"'],
    [{ METRICS_HOST: 'localhost', PORT: '9464' }, 'is 9464 unless set'],
  ])('%j is named where PORT is the same', (env, is) => {
    expect(problems({ ...completeEnvironment, ...env })).toEqual([
      `METRICS_PORT ${is}, and so is PORT; it should be another port`,
    ]);
  });

  it.each<Environment>([
    { METRICS_PORT: '3001' },
    { METRICS_PORT: '0', PORT: '0' },
    { METRICS_PORT: '80', METRICS_HOST: '10.0.0.1', HOST: '10.0.0.2', PORT: '80' },
  ])('%j passes', (env) => {
    expect(problems({ ...completeEnvironment, ...env })).toEqual([]);
  });
});

describe('settings that do not pass', () => {
  it.each([
    ['APP_ID', undefined, 'APP_ID is missing; it should be the number shown as "App ID"'],
    ['APP_ID', 'Iv1.8a61f9b3a7aba766', 'APP_ID is "Iv1.8a61f9b3a7aba766"; it should be the number shown as "App ID"'],
    ['APP_ID', '0', 'APP_ID is "0"; it should be'],
    ['WEBHOOK_SECRET', undefined, 'WEBHOOK_SECRET is missing; it should be the webhook secret of the GitHub App'],
    ['WEBHOOK_SECRET', 'development', "WEBHOOK_SECRET is Probot's public default; it should be"],
    ['WEBHOOK_SECRET', 'short', 'WEBHOOK_SECRET is 5 characters long; it should be'],
    ['WEBHOOK_SECRET_PREVIOUS', 'development', "WEBHOOK_SECRET_PREVIOUS is Probot's public default; it should be"],
    [
      'GHE_HOST',
      'https://github.example.com/',
      'GHE_HOST is "https://github.example.com/"; it should be the host name',
    ],
    ['GHE_PROTOCOL', 'ftp', 'GHE_PROTOCOL is "ftp"; it should be https or http'],
    ['PORT', '80a', 'PORT is "80a"; it should be a port number from 0 to 65535'],
    ['PORT', '65536', 'PORT is "65536"; it should be a port number from 0 to 65535'],
    ['CODERED_TRUSTED_PROXIES', '10.0.0.0/33', 'CODERED_TRUSTED_PROXIES is "10.0.0.0/33"; it should be addresses or'],
    ['CODERED_TRUSTED_PROXIES', 'proxy.local', 'CODERED_TRUSTED_PROXIES is "proxy.local"; it should be addresses or'],
    ['CODERED_TRUSTED_PROXIES', '127.0.0.1,', 'CODERED_TRUSTED_PROXIES is "127.0.0.1,"; it should be addresses or'],
    ['CODERED_GITHUB_HOOKS', 'all', 'CODERED_GITHUB_HOOKS is "all"; it should be addresses or ranges'],
    ['CODERED_URL', 'http://codered.example.com', 'CODERED_URL is "http://codered.example.com"; it should be where'],
    [
      'CODERED_URL',
      'codered.example.com',
      'CODERED_URL is "codered.example.com"; it should be where CodeRed is reached',
    ],
    ['CODERED_URL', 'https://a.example/?b', 'CODERED_URL is "https://a.example/?b"; it should be where'],
    ['CODERED_URL', 'https://u:p@a.example', 'CODERED_URL is "https://u:p@a.example"; it should be where'],
    ['CODERED_EVIDENCE_AUDIENCE', 'any', 'CODERED_EVIDENCE_AUDIENCE is "any"; it should be codered'],
    ['METRICS_PORT', '70000', 'METRICS_PORT is "70000"; it should be a port number'],
    ['METRICS_TOKEN_SHA256', 'the token', 'METRICS_TOKEN_SHA256 is malformed; it should be the SHA-256 of the token'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud"; it should be one of trace, debug, info, warn, error, fatal'],
    ['LOG_FORMAT', 'xml', 'LOG_FORMAT is "xml"; it should be pretty or json'],
    ['DATABASE_URL', 'mysql://u:hunter2@db/x', 'DATABASE_URL is malformed; it should be a connection string'],
    ['SUPABASE_URL', 'project', 'SUPABASE_URL is "project"; it should be the URL of the Supabase project'],
  ])('%s = %s is named with what it should be', (name, text, expected) => {
    const key = name === 'SUPABASE_URL' ? { SUPABASE_SERVICE_ROLE_KEY: 'key' } : {};
    const [problem, ...others] = problems({ ...completeEnvironment, ...key, [name]: text });
    expect(others).toEqual([]);
    expect(problem).toMatch(expected);
  });

  it.each(['octo-org', 'a/b,,c/d', 'https://github.com/octo-org/agents', '*', '0', 'a/b/c'])(
    'CODERED_AGENTS_REPOSITORIES = %s is named with what it should be',
    (text) => {
      expect(problems({ ...completeEnvironment, CODERED_AGENTS_REPOSITORIES: text })).toEqual([
        expect.stringContaining(`CODERED_AGENTS_REPOSITORIES is "${text}"; it should be owner/name`),
      ]);
    },
  );

  it.each(['circleci[bot]', 'a,,b', 'https://github.com/apps/circleci', '*'])(
    'CODERED_UNTRUSTED_CHECK_APPS = %s is named with what it should be',
    (text) => {
      expect(problems({ ...completeEnvironment, CODERED_UNTRUSTED_CHECK_APPS: text })).toEqual([
        expect.stringContaining(`CODERED_UNTRUSTED_CHECK_APPS is "${text}"; it should be the slugs of GitHub Apps`),
      ]);
    },
  );

  it.each([
    [
      'CODERED_MAIL_KEYS',
      'postmark:the-password-itself',
      'CODERED_MAIL_KEYS is malformed; it should be postmark:<SHA-256',
    ],
    [
      'CODERED_MAIL_KEYS',
      'sendgrid:0123456789abcdef',
      'CODERED_MAIL_KEYS is malformed; it should be postmark:<SHA-256',
    ],
    ['CODERED_MAIL_KEYS', 'mailgun:short', 'CODERED_MAIL_KEYS is malformed; it should be postmark:<SHA-256'],
    [
      'CODERED_MAIL_SENDERS',
      'octocat',
      'CODERED_MAIL_SENDERS is "octocat"; it should be the addresses whose mails are read',
    ],
    ['CODERED_MAIL_SENDERS', '*', 'CODERED_MAIL_SENDERS is "*"; it should be the addresses whose mails are read'],
    ['CODERED_MAIL_SENDERS', undefined, 'CODERED_MAIL_SENDERS is missing; CODERED_MAIL_KEYS is set and needs it'],
    ['CODERED_MAIL_KEYS', undefined, 'CODERED_MAIL_KEYS is missing; CODERED_MAIL_SENDERS is set and needs it'],
  ])('%s = %s is named with what it should be, and no specs are taken by mail', (name, text, expected) => {
    const mail = { CODERED_MAIL_KEYS: 'mailgun:0123456789abcdef', CODERED_MAIL_SENDERS: '@example.com' };
    const [problem, ...others] = problems({ ...completeEnvironment, ...mail, [name]: text });
    expect(others).toEqual([]);
    expect(problem).toMatch(expected);
    expect(problem).not.toContain('the-password-itself');
  });

  it('are named all at once, one line each', () => {
    const found = problems({ PORT: 'x', LOG_LEVEL: 'x', SUPABASE_URL: 'https://p.supabase.co' });
    expect(found.map((line) => line.split(' ')[0])).toEqual([
      'APP_ID',
      'WEBHOOK_SECRET',
      'PORT',
      'LOG_LEVEL',
      'PRIVATE_KEY',
      'SUPABASE_SERVICE_ROLE_KEY',
    ]);
  });

  it('never show the value of a secret', () => {
    const secrets = { WEBHOOK_SECRET: 'tiny', PRIVATE_KEY: 'private', DATABASE_URL: 'http://u:hunter2@db' };
    const text = problems({ ...completeEnvironment, ...secrets }).join('\n');
    for (const value of ['tiny', 'hunter2']) expect(text).not.toContain(value);
    expect(text.replaceAll('RSA private key', '')).not.toContain('private');
  });
});

describe('a name that is no setting', () => {
  it.each([
    ['CODERED_ALOWED_ACCOUNTS', 'CODERED_ALLOWED_ACCOUNTS'],
    ['CODERED_ALLOWED_ACCOUNT', 'CODERED_ALLOWED_ACCOUNTS'],
    ['CODERED_ALLOWED', 'CODERED_ALLOWED_ACCOUNTS'],
    ['codered_allowed_accounts', 'CODERED_ALLOWED_ACCOUNTS'],
    ['CODRED_ALLOWED_ACCOUNTS', 'CODERED_ALLOWED_ACCOUNTS'],
    ['CODE_RED_ALLOWED_ACCOUNTS', 'CODERED_ALLOWED_ACCOUNTS'],
    ['CODERED_UNTRUSTED_CHECKS_APPS', 'CODERED_UNTRUSTED_CHECK_APPS'],
    ['CODERED_DATADIR', 'CODERED_DATA_DIR'],
    ['METRICS_TOKN_SHA256', 'METRICS_TOKEN_SHA256'],
    ['METRICS_TOKEN', 'METRICS_TOKEN_SHA256'],
    ['METRIC_TOKEN_SHA256', 'METRICS_TOKEN_SHA256'],
    ['WEBHOOK_SECRET_PREVIUOS', 'WEBHOOK_SECRET_PREVIOUS'],
    ['SUPABASE_URI', 'SUPABASE_URL'],
    ['SUPABASE_SERVICE_ROL_KEY', 'SUPABASE_SERVICE_ROLE_KEY'],
  ])('%s stops the start, and is told with what was meant', (name, meant) => {
    expect(problems({ ...completeEnvironment, [name]: 'octo-org' })).toEqual([
      `${name} is no setting; did you mean ${meant}?`,
    ]);
  });

  it.each(['CODERED_SIGNATURES', 'CODERED_MODEL_URL', 'METRICS_ENABLED'])('%s is told without a guess', (name) => {
    expect(problems({ ...completeEnvironment, [name]: 'x' })).toEqual([
      `${name} is no setting; README.md lists those that there are`,
    ]);
  });

  it('is somebody else’s where others have names that begin so, or is empty', () => {
    const others = {
      SUPABASE_ACCESS_TOKEN: 'x',
      SUPABASE_ANON_KEY: 'x',
      SUPABASE_DB_PASSWORD: 'x',
      SUPABASE_DB_URL: 'x',
      SUPABASE_JWT_SECRET: 'x',
      SUPABASE_ORG: 'x',
      SUPABASE_PROJECT_ID: 'x',
      SUPABASE_PUBLISHABLE_KEY: 'x',
      SUPABASE_SECRET_KEY: 'x',
      WEBHOOK_PATH: '/',
      WEBHOOK_URL: 'x',
      GITHUB_WEBHOOK_SECRET: 'x',
      GH_HOST: 'x',
      CODER_URL: 'x',
      HOSTNAME: 'x',
      CODERED_ALOWED_ACCOUNTS: ' ',
    };
    expect(problems({ ...completeEnvironment, ...others })).toEqual([]);
  });

  it('may come from Kubernetes, which names the services of a namespace to every container', () => {
    const services = {
      CODERED_SERVICE_HOST: '10.0.0.1',
      CODERED_SERVICE_PORT: '80',
      CODERED_SERVICE_PORT_HTTP: '80',
      CODERED_PORT: 'tcp://10.0.0.1:80',
      CODERED_PORT_80_TCP: 'tcp://10.0.0.1:80',
      CODERED_PORT_80_TCP_ADDR: '10.0.0.1',
      CODERED_DB_PORT: 'tcp://10.0.0.2:5432',
    };
    expect(problems({ ...completeEnvironment, ...services })).toEqual([]);
    expect(problems({ ...completeEnvironment, CODERED_PORT: '8080' })).toHaveLength(1);
  });

  it('stops the commands that need nothing but the brain where that is what it is about', () => {
    expect(() => readBrainSettings({ CODERED_DATADIR: '/var/brain' })).toThrow(
      new Misconfigured('CODERED_DATADIR is no setting; did you mean CODERED_DATA_DIR?'),
    );
    expect(readBrainSettings({ CODERED_ALOWED_ACCOUNTS: 'octo-org' })).toMatchObject({ kind: 'embedded' });
  });
});

const S3: Environment = {
  CODERED_S3_ENDPOINT: 'https://s3.example.com',
  CODERED_S3_BUCKET: 'documents',
  CODERED_S3_ACCESS_KEY_ID: 'id',
  CODERED_S3_SECRET_ACCESS_KEY: 'the-secret',
};

describe('the backend of the brain', () => {
  it.each<[string, Environment, object]>([
    ['the embedded one by default', {}, { kind: 'embedded', directory: '.codered/data' }],
    ['embedded in CODERED_DATA_DIR', { CODERED_DATA_DIR: '/var/brain' }, { kind: 'embedded', directory: '/var/brain' }],
    ['Postgres', { DATABASE_URL: 'postgres://db/x' }, { kind: 'postgres', url: 'postgres://db/x' }],
    [
      'Supabase',
      { SUPABASE_URL: 'https://p.supabase.co/', SUPABASE_SERVICE_ROLE_KEY: 'key' },
      { kind: 'supabase', url: 'https://p.supabase.co', serviceRoleKey: 'key' },
    ],
    [
      'Postgres with a directory for large documents',
      { DATABASE_URL: 'postgres://db/x', CODERED_OBJECTS_DIR: '/var/documents' },
      { kind: 'postgres', url: 'postgres://db/x', objects: { kind: 'directory', directory: '/var/documents' } },
    ],
    [
      'Postgres with an S3-compatible service for large documents',
      { DATABASE_URL: 'postgres://db/x', ...S3, CODERED_S3_ENDPOINT: 'https://s3.example.com/' },
      {
        kind: 'postgres',
        url: 'postgres://db/x',
        objects: {
          ...{ kind: 's3', endpoint: 'https://s3.example.com', bucket: 'documents', region: 'us-east-1' },
          ...{ accessKeyId: 'id', secretAccessKey: 'the-secret' },
        },
      },
    ],
  ])('is %s', (_, env, expected) => {
    expect(readBrainSettings(env)).toEqual(expected);
  });

  it.each<[string, Environment, string]>([
    [
      'two backends',
      { SUPABASE_URL: 'https://p.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'k', DATABASE_URL: 'postgres://db/x' },
      'SUPABASE_URL and DATABASE_URL are both set; remove the one where the brain is not',
    ],
    [
      'a URL without its key',
      { SUPABASE_URL: 'https://p.supabase.co' },
      'SUPABASE_SERVICE_ROLE_KEY is missing; SUPABASE_URL is set and needs it beside it',
    ],
    [
      'a key without its URL',
      { SUPABASE_SERVICE_ROLE_KEY: 'k' },
      'SUPABASE_URL is missing; SUPABASE_SERVICE_ROLE_KEY is set and needs it beside it',
    ],
    [
      'half an S3-compatible service',
      { ...S3, CODERED_S3_BUCKET: undefined },
      'CODERED_S3_BUCKET is missing; CODERED_S3_ENDPOINT is set and needs it beside it',
    ],
    [
      'two places for documents',
      { ...S3, CODERED_OBJECTS_DIR: '/x' },
      'CODERED_OBJECTS_DIR and CODERED_S3_ENDPOINT are both set; remove the one where documents are not to lie',
    ],
    [
      'a place for documents beside that of Supabase',
      { SUPABASE_URL: 'https://p.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'k', CODERED_OBJECTS_DIR: '/x' },
      "CODERED_OBJECTS_DIR is set, and with SUPABASE_URL documents lie in the project's private bucket; remove it",
    ],
    [
      'a bucket that can be none',
      { ...S3, CODERED_S3_BUCKET: 'My Bucket' },
      'CODERED_S3_BUCKET is "My Bucket"; it should be the name of a bucket',
    ],
  ])('is not guessed from %s', (_, env, message) => {
    expect(() => readBrainSettings(env)).toThrow(new Misconfigured(message));
  });
});
