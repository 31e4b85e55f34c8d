// The set-up page over real sockets, with the stand-in for GitHub behind it.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Environment, readConfig, readSetupSettings } from '../../src/config/settings.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import { asError } from '../../src/model/errors.ts';
import { type Setup, startSetup } from '../../src/setup/setup.ts';
import { pkcs1Pem, publicPem } from '../support/settings.ts';

const ADDRESS = 'https://codered.example.com';
const MADE = {
  id: 4712,
  slug: 'codered-of-octo',
  pem: pkcs1Pem,
  webhookSecret: 'a secret that GitHub made',
  clientId: 'Iv23liMade',
  clientSecret: 'a-client-secret-that-github-made',
};
const FORM = 'application/x-www-form-urlencoded';

let folder: string;
let github: GithubStandIn;
let setup: Setup | null = null;
let said: string[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'codered-setup-'));
  github = await startGithubStandIn({ appId: 1, publicKeyPem: publicPem, appSlug: 'codered' });
});
afterEach(async () => {
  await setup?.close(1_000);
  setup = null;
  said = [];
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

const envFile = () => join(folder, '.env');
const written = () => readFileSync(envFile(), 'utf8');

async function start(env: Environment = {}): Promise<Setup> {
  const settings = readSetupSettings({ HOST: '127.0.0.1', PORT: '0', ...env });
  if (settings === null) throw new TypeError('these settings open no page');
  setup = await startSetup({ settings, envFile: envFile(), out: (line) => said.push(line), apiUrl: github.url });
  return setup;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As any client can ask, also one that says another Host than it asks. */
function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const origin = () => new URL(setup?.url ?? '').origin;

function submit(fields: Record<string, string> = { url: ADDRESS, organisation: '' }, changes: Asked = {}) {
  const headers = { 'content-type': FORM, origin: origin(), ...changes.headers };
  return ask(setup?.link ?? '', { method: 'POST', body: new URLSearchParams(fields).toString(), ...changes, headers });
}

const manifestShape = z.looseObject({
  name: z.string(),
  redirect_url: z.string(),
  hook_attributes: z.object({ url: z.string(), active: z.boolean() }),
  callback_urls: z.array(z.string()),
  default_events: z.array(z.string()),
  default_permissions: z.record(z.string(), z.string()),
});

/** What the second page's form would send to GitHub. */
function handedOver(text: string) {
  const [, action = ''] = /<form method="post" action="([^"]*)">/.exec(text) ?? [];
  const [, manifest = ''] = /name="manifest" value="([^"]*)"/.exec(text) ?? [];
  const plain = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const to = new URL(plain(action));
  return { to, state: to.searchParams.get('state') ?? '', manifest: manifestShape.parse(JSON.parse(plain(manifest))) };
}

/** Goes through it as GitHub would send the browser back. */
async function makeApp(state: string, code = 'code-1') {
  github.state.madeApps.set(code, MADE);
  return ask(`${origin()}/setup/callback?code=${code}&state=${state}`);
}

describe('the way through', () => {
  it('ends with the credentials in .env, which the settings let pass', async () => {
    writeFileSync(envFile(), '# mine\nNODE_OPTIONS=--enable-source-maps\nAPP_ID=', { mode: 0o644 });
    const { link } = await start();
    expect(said.join('\n')).toContain(link);
    const first = await ask(link);
    expect(first.status).toBe(200);
    expect(first.text).toContain('Where GitHub reaches this CodeRed');
    const second = await submit();
    const { to, state, manifest } = handedOver(second.text);
    expect(`${to.origin}${to.pathname}`).toBe('https://github.com/settings/apps/new');
    const file = parse(readFileSync('app.yml', 'utf8'));
    expect(manifest).toEqual({
      ...file,
      hook_attributes: { url: `${ADDRESS}/api/github/webhooks`, active: true },
      redirect_url: `${origin()}/setup/callback`,
      callback_urls: [`${ADDRESS}/sign-in/callback`],
    });
    const last = await makeApp(state);
    expect(last.status).toBe(200);
    expect(last.text).toContain('npm start');
    expect(last.text).toContain('https://github.com/apps/codered-of-octo/installations/new');
    expect(written()).toMatch(/^# mine\nNODE_OPTIONS=--enable-source-maps\nAPP_ID=\n/);
    expect(statSync(envFile()).mode & 0o777).toBe(0o600);
    const config = readConfig(parseEnv(written()));
    expect(config).toMatchObject({ appId: MADE.id, webhookSecrets: [MADE.webhookSecret], publicUrl: ADDRESS });
    for (const secret of [MADE.webhookSecret, 'BEGIN RSA', pkcs1Pem.slice(100, 140)]) {
      expect(`${last.text}${said.join('\n')}`).not.toContain(secret);
    }
    expect(github.violations).toEqual([]);
  });

  it('is over then: neither the link nor what GitHub said lets anybody in again', async () => {
    const { link } = await start();
    const { state } = handedOver((await submit()).text);
    await makeApp(state);
    const before = written();
    expect((await ask(link)).status).toBe(410);
    expect((await submit()).status).toBe(410);
    expect((await makeApp(state, 'code-2')).status).toBe(410);
    expect(written()).toBe(before);
  });

  it('makes the App of an organisation, at an Enterprise Server', async () => {
    await start({ GHE_HOST: 'github.example.com' });
    const { to } = handedOver((await submit({ url: 'http://codered.internal:3000', organisation: 'octo-org' })).text);
    expect(`${to.origin}${to.pathname}`).toBe('https://github.example.com/organizations/octo-org/settings/apps/new');
    await setup?.close(1_000);
    await start({ GHE_HOST: 'github.example.com', GHE_PROTOCOL: 'http' });
    const second = await submit({ url: ADDRESS, organisation: '' });
    expect(handedOver(second.text).to.origin).toBe('http://github.example.com');
    expect(second.headers['content-security-policy']).toContain('form-action http://github.example.com');
  });

  it('takes a channel of smee.io as it is, and says what brings webhooks here', async () => {
    await start();
    const channel = 'https://smee.io/abcDEF123';
    const { manifest, state } = handedOver((await submit({ url: channel, organisation: '' })).text);
    expect(manifest.hook_attributes.url).toBe(channel);
    expect((await makeApp(state)).text).toContain(`npx smee-client --url ${channel}`);
    expect(parseEnv(written())).toMatchObject({ WEBHOOK_PROXY_URL: channel });
  });

  it.each([
    [`${ADDRESS}/api/github/webhooks`, ADDRESS],
    [`${ADDRESS}/api/github/webhooks/`, ADDRESS],
    ['https://example.com/codered/api/github/webhooks', 'https://example.com/codered'],
  ])('takes the address of the webhooks, %s, for that of CodeRed', async (url, place) => {
    await start();
    const { manifest, state } = handedOver((await submit({ url, organisation: '' })).text);
    expect(manifest.hook_attributes.url).toBe(`${place}/api/github/webhooks`);
    await makeApp(state);
    expect(parseEnv(written())).toMatchObject({ CODERED_URL: place });
  });

  it.each([
    'https://github.com/acme',
    'https://github.com/acme/',
    'https://GitHub.com/acme/app',
    'https://github.com/orgs/acme/people',
    'https://github.com/organizations/acme/settings/apps',
    'github.com/acme',
    '@acme',
  ])('takes %s for the organisation', async (organisation) => {
    await start();
    const { to } = handedOver((await submit({ url: ADDRESS, organisation })).text);
    expect(to.pathname).toBe('/organizations/acme/settings/apps/new');
  });

  it.each([
    'https://evil.example/acme',
    'https://github.com',
    'https://github.com/',
    'https://github.com/settings/organizations',
    'https://github.com/orgs',
    'https://github.com/a%22b',
    '@',
  ])('takes %s for no organisation', async (organisation) => {
    await start();
    const { status, text } = await submit({ url: ADDRESS, organisation });
    if (organisation === '@') expect(handedOver(text).to.pathname).toBe('/settings/apps/new');
    else expect(status).toBe(422);
  });

  it('takes the address of an organisation at the Enterprise Server, and of no other GitHub', async () => {
    await start({ GHE_HOST: 'github.example.com' });
    const { to } = handedOver((await submit({ url: ADDRESS, organisation: 'https://github.example.com/acme' })).text);
    expect(to.pathname).toBe('/organizations/acme/settings/apps/new');
    expect((await submit({ url: ADDRESS, organisation: 'https://github.com/acme' })).status).toBe(422);
  });

  it('may be tried again when GitHub fails, and begun again when it does not know the code', async () => {
    await start();
    const { state } = handedOver((await submit()).text);
    github.failNext({ method: 'POST', path: /conversions$/ }, { status: 500, body: {} });
    expect((await makeApp(state)).status).toBe(502);
    expect((await ask(`${origin()}/setup/callback?code=never-made&state=${state}`)).status).toBe(409);
    expect((await makeApp(state)).status).toBe(403);
    expect((await makeApp(handedOver((await submit()).text).state)).status).toBe(200);
  });

  it('writes one App of two answers at the same moment', async () => {
    await start();
    const { state } = handedOver((await submit()).text);
    github.state.madeApps.set('code-2', { ...MADE, id: 5 });
    const all = await Promise.all([makeApp(state), ask(`${origin()}/setup/callback?code=code-2&state=${state}`)]);
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 403]);
    expect(written().match(/APP_ID=/g)).toHaveLength(1);
  });
});

describe('nobody else', () => {
  it.each<[string, (link: string) => string]>([
    ['without the token', (link) => link.split('?')[0] ?? ''],
    ['with another token', (link) => `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`],
    ['with an empty one', (link) => link.replace(/token=.*/, 'token=')],
  ])('is let in %s', async (_, change) => {
    const { link } = await start();
    const headers = { 'content-type': FORM, origin: origin() };
    const body = new URLSearchParams({ url: ADDRESS, organisation: '' }).toString();
    for (const asked of [{}, { method: 'POST', headers, body }]) {
      const { status, text } = await ask(change(link), asked);
      expect(status).toBe(403);
      expect(text).not.toContain('manifest');
      expect(text).not.toContain('token=');
    }
  });

  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['from another site', { origin: 'https://evil.example' }, 403],
    ['from no site', { origin: 'null' }, 403],
    ['from another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['from a page that says same-site', { 'sec-fetch-site': 'same-site' }, 403],
    ['as text', { 'content-type': 'text/plain' }, 415],
    ['as text with parameters', { 'content-type': `text/plain; ${FORM}` }, 415],
    ['as JSON', { 'content-type': 'application/json' }, 415],
    ['as a form with files', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['under another name', { host: 'evil.example', origin: 'http://evil.example' }, 421],
  ])('may send the form %s', async (_, headers, status) => {
    await start();
    const answer = await submit(undefined, { headers });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('manifest');
  });

  it('may send it without saying from where', async () => {
    const { link } = await start();
    const headers = { 'content-type': FORM };
    expect((await ask(link, { method: 'POST', headers, body: `url=${ADDRESS}` })).status).toBe(403);
  });

  it('reads the page under a name that was made to lead here', async () => {
    const { link } = await start();
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', 'a@localhost']) {
      expect((await ask(link, { headers: { host } })).status).toBeGreaterThanOrEqual(400);
    }
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:80', '192.0.2.7:3000']) {
      expect((await ask(link, { headers: { host } })).status).toBe(200);
    }
  });

  it('ends what was not begun here, or with what is no code', async () => {
    await start();
    const { state } = handedOver((await submit()).text);
    github.state.madeApps.set('code-1', MADE);
    for (const query of [
      'code=code-1',
      'code=code-1&state=',
      `code=code-1&state=${'A'.repeat(43)}`,
      `state=${state}`,
      `code=..%2F..%2Fuser&state=${state}`,
      `code=a%3Fb&state=${state}`,
    ]) {
      expect((await ask(`${origin()}/setup/callback?${query}`)).status).toBe(403);
    }
    expect((await ask(`${origin()}/setup/callback?code=code-1&state=${state}`, { method: 'POST' })).status).toBe(404);
    expect(github.requests).toEqual([]);
    expect(() => written()).toThrow();
  });

  it('finds anything else here, and the body of a stranger is not waited for', async () => {
    await start();
    for (const path of ['/', '/probot', '/probot/import', '/api/github/webhooks', '/metrics']) {
      const { status, text } = await ask(`${origin()}${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toMatch(/probot/i);
    }
    const large = await submit({ url: ADDRESS, organisation: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
  });
});

describe('the page', () => {
  it('runs no script, loads nothing, and stands in no frame', async () => {
    const { link } = await start();
    for (const { headers, text } of [await ask(link), await submit(), await ask(`${origin()}/nothing`)]) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action \S+; base-uri 'none'; frame/);
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['cache-control']).toBe('no-store');
      expect(text).not.toMatch(/<script|<link|<img|src=|javascript:|\son\w+=|probot/i);
    }
  });

  it.each([
    ['no address', '', /has to be one like/],
    ['what is no address', 'codered', /has to be one like/],
    ['another scheme', 'javascript:alert(1)', /has to be one like/],
    ['http', 'http://codered.example.com', /https:/],
    ['this machine', 'https://localhost:3000', /smee\.io/],
    ['10/8', 'https://10.0.0.5', /github\.com can’t reach 10\.0\.0\.5.*smee\.io/],
    ['10/8 in another form', 'https://0xa.5', /can’t reach 10\.0\.0\.5/],
    ['192.168/16', 'https://192.168.178.20:3000', /can’t reach/],
    ['172.16/12', 'https://172.31.255.1', /can’t reach/],
    ['a carrier’s network', 'https://100.64.1.1', /can’t reach/],
    ['no network', 'https://169.254.1.1', /can’t reach/],
    ['a private IPv6', 'https://[fd00::1]', /can’t reach/],
    ['a private IPv4 in IPv6', 'https://[::ffff:10.0.0.5]', /can’t reach/],
    ['.local', 'https://codered.local', /can’t reach/],
    ['.local with a dot', 'https://codered.local.', /can’t reach/],
    ['.internal', 'https://CodeRed.corp.internal/codered', /can’t reach/],
    ['a single label', 'https://codered', /can’t reach/],
    ['a single label with a dot', 'https://codered.', /can’t reach/],
    ['a password', 'https://u:p@codered.example.com', /without a name/],
    ['a query', 'https://codered.example.com/?a=b', /without a name/],
    ['smee.io without a channel', 'https://smee.io/', /start a channel/],
  ])('says what is wrong with %s', async (_, url, problem) => {
    await start();
    const { status, text } = await submit({ url, organisation: '' });
    expect(status).toBe(422);
    expect(text).toMatch(problem);
  });

  it.each(['https://10.0.0.5', 'http://192.168.1.2:3000', 'https://codered.internal', 'https://codered'])(
    'takes %s for an Enterprise Server, which may be in the same network',
    async (url) => {
      await start({ GHE_HOST: 'github.example.com' });
      expect((await submit({ url, organisation: '' })).status).toBe(200);
    },
  );

  it.each(['https://172.32.0.1', 'https://8.8.8.8', 'https://[2606:4700::1]', 'https://local.example.com'])(
    'takes %s, which github.com reaches',
    async (url) => {
      await start();
      expect((await submit({ url, organisation: '' })).status).toBe(200);
    },
  );

  it('says how it is opened from elsewhere', async () => {
    const { link } = await start();
    const { status, text } = await ask(link, { headers: { host: 'codered.example.com' } });
    expect(status).toBe(421);
    expect(text).toMatch(/on this machine.*ssh -L/);
    expect(text).not.toContain('codered.example.com');
  });

  it('shows what was sent as text', async () => {
    await start();
    const { status, text } = await submit({ url: ADDRESS, organisation: '"><script>alert(1)</script>' });
    expect(status).toBe(422);
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
    expect(text).not.toContain('<script');
  });
});

describe('the page opens', () => {
  const opens = (env: Environment) => readSetupSettings(env) !== null;

  it('when nothing is set but its place on this machine', () => {
    expect(opens({})).toBe(true);
    expect(opens({ APP_ID: ' ', PATH: '/bin', HOME: '/root', NODE_OPTIONS: '' })).toBe(true);
    for (const HOST of ['localhost', '127.0.0.1', '::1']) {
      expect(opens({ HOST, PORT: '80', GHE_HOST: 'github.example.com', GHE_PROTOCOL: 'http' })).toBe(true);
    }
    expect(readSetupSettings({})).toMatchObject({ HOST: 'localhost', PORT: 3000 });
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'codered.example.com'])('not where others reach it: HOST=%s', (HOST) => {
    expect(opens({ HOST })).toBe(false);
    expect(advice({ HOST, PORT: '80' })).toBe('HOST');
  });

  it.each([
    'CODERED_URL',
    'WEBHOOK_PROXY_URL',
    'WEBHOOK_SECRET',
    'WEBHOOK_SECRET_PREVIOUS',
    'PRIVATE_KEY',
    'PRIVATE_KEY_PATH',
    'DATABASE_URL',
    'SUPABASE_URL',
    'SUPABASE_SERVICE_ROLE_KEY',
    'CODERED_DATA_DIR',
    'CODERED_API_KEYS',
    'CODERED_MAIL_KEYS',
    'CODERED_TRUSTED_PROXIES',
    'METRICS_TOKEN_SHA256',
    'LOG_LEVEL',
    'WEBHOOK_SECERT',
    'APPID',
    'APP_ID_',
    'CODERED_DATADIR',
    'PRIVATEKEY',
    'CODRED_ALLOWED_ACCOUNTS',
  ])('not with %s', (name) => {
    expect(opens({ [name]: 'anything' })).toBe(false);
    expect(() => readConfig({ [name]: 'anything' })).toThrow(/^APP_ID is missing/);
  });

  const advice = (env: Environment) => {
    try {
      readConfig(env);
    } catch (thrown) {
      return /To make the App by the set-up page, unset ([A-Z_, ]+)\./.exec(
        asError(thrown).message.split('\n')[0] ?? '',
      )?.[1];
    }
    throw new TypeError('these settings are complete');
  };

  it('once those are unset that the error names', () => {
    expect(advice({ LOG_LEVEL: 'debug' })).toBe('LOG_LEVEL');
    expect(advice({ PORT: '80', LOG_FORMAT: 'json', CODERED_DATA_DIR: '/data' })).toBe('LOG_FORMAT, CODERED_DATA_DIR');
  });

  it.each<Environment>([
    {},
    { PORT: '80' },
    { LOG_LEVEL: 'debug', NODE_ENV: 'production' },
    { LOG_LEVEL: 'debug', WEBHOOK_SECRET: 'a secret of the tests only' },
    { LOG_LEVEL: 'debug', PRIVATE_KEY_PATH: '/nowhere' },
    { LOG_LEVEL: 'debug', APP_ID: 'x' },
    { LOG_LEVEL: 'debug', WEBHOOK_SECERT: 'a secret of the tests only' },
    { LOG_LEVEL: 'debug', APPID: '4711' },
    { LOG_LEVEL: 'debug', CODERED_ALOWED_ACCOUNTS: 'octo-org' },
  ])('by no such advice with %j', (env) => {
    expect(advice(env)).toBeUndefined();
  });

  it('not in production, and not when its own settings are broken', () => {
    expect(opens({ NODE_ENV: 'production' })).toBe(false);
    expect(() => readSetupSettings({ PORT: 'x' })).toThrow(/^PORT is "x"/);
  });
});
