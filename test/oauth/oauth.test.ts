// Apps come in by OAuth, over real sockets: the way through, what the person and the app are told, and each way in which somebody
// might get more than a person gave.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOfToken, newToken } from '../../src/brain/tokens.ts';
import { listen } from '../../src/http/listen.ts';
import { bearerOf } from '../../src/http/person-door/bearer.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeMetadataFetch } from '../../src/oauth/metadata-fetch.ts';
import { makeOauth } from '../../src/oauth/oauth.ts';
import { callWith, OauthClient, REDIRECT, register } from '../support/oauth-client.ts';
import { type Browser, markIn, openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

let server: SignInServer;
let client: OauthClient;
let browser: Browser;
/** Whom the server takes for the sender of a registration. */
let address: string | null = null;
const documents = new Map<string, unknown>();
/** What strangers' hosts were asked for. */
const fetched: string[] = [];

beforeAll(async () => {
  const fetchPublic = makeMetadataFetch();
  server = await openSignInServer({
    addressOf: () => address,
    fetchMetadata: async (url) => {
      fetched.push(String(url));
      const document = documents.get(String(url));
      return document === undefined ? fetchPublic(url) : Response.json(document);
    },
  });
  client = await OauthClient.register(server);
  browser = server.browser();
  await browser.signIn(PEOPLE.octocat);
});
afterAll(() => server.close());

const mcp = () => `${server.url}/mcp`;
/** Some time passes for what was used. */
const later = () =>
  server.brain.script(`
    update codered.oauth_tokens set consumed_at = consumed_at - interval '1 minute';
    update codered.oauth_records set consumed_at = consumed_at - interval '1 minute';`);
const statusWith = async (token: unknown) => (await callWith(server, token)).status;

describe('an app that registers itself', () => {
  it('is let in by a person who signs in on the way, and calls REST as them', async () => {
    const fresh = server.browser();
    const begun = client.begin();
    const answered = await client.answer(fresh, await client.ask(fresh, begun));
    expect(answered.to?.href.startsWith(REDIRECT)).toBe(true);
    expect(answered.to?.searchParams.get('state')).toBe(begun.state);
    // https://www.rfc-editor.org/rfc/rfc9207: who answered, so that no other server's code is taken for ours.
    expect(answered.to?.searchParams.get('iss')).toBe(server.url);
    const { status, body } = await client.redeem(answered.to?.searchParams.get('code') ?? '', begun);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read tasks' });
    expect(status).toBe(200);
    expect(String(body.access_token)).toMatch(/^crd_[\w-]{43}$/);
    expect(await (await callWith(server, body.access_token)).json()).toMatchObject({
      items: [{ slug: 'octo_org_secret' }],
    });
    const bearer = await bearerOf(
      server.brain,
      { authorization: `Bearer ${body.access_token}`, query: new URLSearchParams() },
      `${server.url}/api/v1`,
    );
    expect(bearer).toMatchObject({ clientId: client.clientId, scopes: ['read', 'tasks'] });
  });

  it('gets an id token signed by a key that is published, when it asks who the person is', async () => {
    const { id_token } = await client.connect(browser, { scope: 'openid read' });
    const [head = '', claims = ''] = String(id_token).split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const published = JSON.parse(await (await fetch(`${server.url}/oauth/jwks`)).text());
    const keys: readonly { readonly kid: string }[] = published.keys;
    expect(keys.map(({ kid }) => kid)).toContain(decode(head).kid);
    expect(keys.some((key) => 'd' in key)).toBe(false);
    expect(decode(claims)).toMatchObject({ iss: server.url, aud: client.clientId });
  });

  it('comes back at any port of loopback, and at no other path', async () => {
    const other = await client.ask(browser, client.begin({ redirect_uri: 'http://127.0.0.1:5/callback' }));
    expect(other.text).toContain('a program on this computer');
    const elsewhere = await client.ask(browser, client.begin({ redirect_uri: 'http://127.0.0.1:33418/other' }));
    expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([400, null]);
    expect(elsewhere.text).toContain('an address that it did not name before');
  });

  it('gets the least when it names no scope, and only what the person left ticked', async () => {
    expect(await client.connect(browser, { scope: undefined })).toMatchObject({ scope: 'read' });
    const begun = client.begin({ scope: 'read tasks gate' });
    const page = await client.ask(browser, begun);
    const answered = await client.answer(browser, page, [
      ['scope', 'read'],
      ['scope', 'admin'],
      ['decision', 'allow'],
    ]);
    const { body } = await client.redeem(answered.to?.searchParams.get('code') ?? '', begun);
    expect(body.scope).toBe('read');
    const none = await client.ask(browser, client.begin());
    expect((await client.answer(browser, none, [['decision', 'allow']])).status).toBe(422);
  });

  it('is told that the person said no, and gets nothing', async () => {
    const begun = client.begin();
    const { to } = await client.answer(browser, await client.ask(browser, begun), [['decision', 'deny']]);
    expect(Object.fromEntries(to?.searchParams ?? [])).toMatchObject({
      error: 'access_denied',
      state: begun.state,
      iss: server.url,
    });
  });

  it.each([
    ['http://example.com/callback', 'invalid_redirect_uri'],
    ['https://user:word@example.com/', 'invalid_redirect_uri'],
    ['https://example.com/#part', 'invalid_redirect_uri'],
    ['javascript:alert(1)', 'invalid_redirect_uri'],
    ['notes://callback', 'invalid_redirect_uri'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', undefined],
    ['com.example.app:/callback', undefined],
    ['https://example.com/callback', undefined],
    ['http://[::1]/callback', undefined],
  ])('with the redirect %s gets %s', async (uri, error) => {
    expect((await register(server, { redirect_uris: [uri] })).body.error).toBe(error);
  });

  it('has no secret, and can ask for none', async () => {
    expect((await register(server)).body).not.toHaveProperty('client_secret');
    const asked = await register(server, { token_endpoint_auth_method: 'client_secret_post' });
    expect(asked).toMatchObject({ status: 201, body: { token_endpoint_auth_method: 'none' } });
    expect(asked.body).not.toHaveProperty('client_secret');
    const proves = await register(server, { token_endpoint_auth_method: 'private_key_jwt' });
    expect(proves).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
  });

  it('is taken with what it can do elsewhere, and may ask for more than it registered with', async () => {
    const grant_types = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
    const asked = { grant_types, scope: 'read profile', application_type: 'web' };
    expect((await register(server, asked)).body).toMatchObject({ grant_types: grant_types.slice(0, 2) });
    const other = await OauthClient.register(server, asked);
    expect(await other.connect(browser, { scope: 'read gate offline_access profile' })).toMatchObject({
      scope: expect.stringMatching(/^read gate/),
    });
    expect((await register(server, { grant_types: ['client_credentials'] })).status).toBe(400);
  });
});

describe('an app that describes itself at an address', () => {
  const id = 'https://app.example.com/client.json';
  const about = { client_id: id, client_name: 'Described', redirect_uris: [REDIRECT] };

  it('is let in, and the page says whose description it is', async () => {
    documents.set(id, about);
    const described = new OauthClient(server, id);
    const page = await described.ask(browser, described.begin());
    expect(page.text).toContain('<b>app.example.com</b>');
    expect(await statusWith((await described.connect(browser)).access_token)).toBe(200);
  });

  it('is let in as VS Code describes itself: with a grant that there is not here, and a redirect without a port', async () => {
    const client_id = 'https://code.example.com/oauth/client-metadata.json';
    documents.set(client_id, {
      client_id,
      client_name: 'An editor',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/', 'https://code.example.com/redirect'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    });
    const editor = new OauthClient(server, client_id);
    const given = await editor.connect(browser, { redirect_uri: 'http://127.0.0.1:5123/' });
    expect(await statusWith(given.access_token)).toBe(200);
  });

  it.each([
    ['names another', 'https://app.example.com/other.json', { ...about }],
    ['holds a secret', 'https://app.example.com/secret.json', { client_secret: 'x'.repeat(40) }],
    ['redirects to http', 'https://app.example.com/http.json', { redirect_uris: ['http://example.com/'] }],
    ['stands on this machine', 'https://127.0.0.1/client.json', null],
    ['stands at a link-local address', 'https://169.254.169.254/client.json', null],
    ['stands at a mapped address', 'https://[::ffff:127.0.0.1]/client.json', null],
  ])('is not known when its description %s', async (_, client_id, document) => {
    if (document !== null) documents.set(client_id, { ...about, client_id, ...document });
    if (client_id.endsWith('other.json')) documents.set(client_id, about);
    const strange = new OauthClient(server, client_id);
    const page = await strange.ask(browser, strange.begin());
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
    expect(page.text).toContain('An app that is not known');
  });
});

describe('what somebody else does', () => {
  it('a code used twice lets nobody in twice, and later ends what came of it', async () => {
    const begun = client.begin();
    const code = await client.codeFor(browser, begun);
    const [one, two] = await Promise.all([client.redeem(code, begun), client.redeem(code, begun)]);
    expect([one.status, two.status].toSorted()).toEqual([200, 400]);
    const { access_token } = one.status === 200 ? one.body : two.body;
    // The same client asked twice: no theft.
    expect(await statusWith(access_token)).toBe(200);
    await later();
    expect((await client.redeem(code, begun)).body.error).toBe('invalid_grant');
    expect(await statusWith(access_token)).toBe(401);
  });

  it('a refresh token used later by somebody else ends the whole family', async () => {
    const first = await client.connect(browser);
    const second = (await client.refresh(first.refresh_token)).body;
    expect(await statusWith(second.access_token)).toBe(200);
    await later();
    expect((await client.refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect(await statusWith(first.access_token)).toBe(401);
    expect(await statusWith(second.access_token)).toBe(401);
    expect((await client.refresh(second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('a refresh token used at the same moment gives one pair, and the family stays', async () => {
    const first = await client.connect(browser);
    const all = await Promise.all([1, 2, 3].map(() => client.refresh(first.refresh_token)));
    const given = all.filter(({ status }) => status === 200);
    expect(given).toHaveLength(1);
    expect(all.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(2);
    expect((await client.refresh(given[0]?.body.refresh_token)).status).toBe(200);
  });

  it('a refresh gives no more than was given, to no other client, for no other resource', async () => {
    const { refresh_token } = await client.connect(browser);
    expect((await client.refresh(refresh_token, { scope: 'read admin' })).body.error).toBe('invalid_scope');
    const other = await OauthClient.register(server);
    expect((await other.refresh(refresh_token)).body.error).toBe('invalid_grant');
    expect((await client.refresh(refresh_token, { resource: mcp() })).body.error).toBe('invalid_target');
    expect((await client.refresh(refresh_token, { scope: 'read' })).body.scope).toBe('read');
  });

  it('a token for one resource is none at the other', async () => {
    const { access_token } = await client.connect(browser, { resource: mcp() });
    const refused = await callWith(server, access_token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", resource_metadata="${server.url}/.well-known/oauth-protected-resource/api/v1"`,
    );
    const at = (token: unknown, audience: string) =>
      bearerOf(server.brain, { authorization: `Bearer ${token}`, query: new URLSearchParams() }, audience);
    expect(await at(access_token, mcp())).toMatchObject({ clientId: client.clientId });
    const forApi = await client.connect(browser);
    await expect(at(forApi.access_token, mcp())).rejects.toThrow(`ask for one with resource=${mcp()}`);
    const personal = newToken();
    const [person] = await server.brain.sql('select id from codered.profiles where github_id = $1', [
      String(PEOPLE.octocat.id),
    ]);
    await server.brain.call('create_token', {
      user_id: person?.id ?? '',
      name: 'mine',
      token_hash: hashOfToken(personal),
      scope: 'read',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    for (const audience of [mcp(), `${server.url}/api/v1`]) {
      expect(await at(personal, audience)).toMatchObject({ clientId: null, scopes: ['read'] });
    }
  });

  it.each([
    ['nothing', undefined],
    ['a slash behind it', '/mcp/'],
    ['the address that it was given', '/mcp?toolset=ci,tasks'],
    ['the origin alone', '/'],
  ])('an agent that names %s as the resource gets a token for MCP, and another for it', async (_, path) => {
    const resource = path === undefined ? undefined : `${server.url}${path}`;
    const begun = client.begin({ resource });
    const page = await client.ask(browser, begun);
    expect(page.text).toContain(`<code>${mcp()}</code>`);
    const { to } = await client.answer(browser, page);
    const first = await client.redeem(to?.searchParams.get('code') ?? '', begun, { resource });
    const second = await client.refresh(first.body.refresh_token, { resource });
    for (const { body } of [first, second]) {
      expect(body.scope).toBe('read tasks');
      const request = { authorization: `Bearer ${body.access_token}`, query: new URLSearchParams() };
      expect(await bearerOf(server.brain, request, mcp())).toMatchObject({ scopes: ['read', 'tasks'] });
    }
  });

  it('a resource that is none of ours is refused', async () => {
    const { at } = await client.ask(browser, client.begin({ resource: 'https://example.com/mcp' }));
    expect(new URL(at).searchParams.get('error')).toBe('invalid_target');
    const begun = client.begin();
    const code = await client.codeFor(browser, begun);
    expect((await client.redeem(code, begun, { resource: mcp() })).body.error).toBe('invalid_target');
  });

  it.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
    ['no method, which would be plain', { code_challenge_method: undefined }],
    ['an implicit token', { response_type: 'token' }],
  ])('a request with %s is refused', async (_, change) => {
    const { at } = await client.ask(browser, client.begin(change));
    const said = new URL(at);
    expect(new URLSearchParams(said.search === '' ? said.hash.slice(1) : said.search).get('error')).toMatch(
      /^(?:invalid_request|unsupported_response_type)$/,
    );
    expect(at).not.toContain('code=');
  });

  it('an answer that a script would bring is refused on a page of ours', async () => {
    for (const response_mode of ['form_post', 'fragment']) {
      const page = await client.ask(browser, client.begin({ response_mode }));
      expect([page.status, page.headers.get('location')]).toEqual([400, null]);
    }
  });

  it('a code without the verifier, with another, or for another redirect is worth nothing', async () => {
    const begun = client.begin();
    const code = await client.codeFor(browser, begun);
    for (const change of [
      { code_verifier: undefined },
      { code_verifier: 'x'.repeat(43) },
      { redirect_uri: 'http://127.0.0.1:5/callback' },
    ]) {
      expect((await client.redeem(code, begun, change)).body.error, JSON.stringify(change)).toBe('invalid_grant');
    }
    expect((await client.redeem(code, begun)).status).toBe(200);
  });

  it('a name that lies is shown as the claim that it is, and as text', async () => {
    const name = `GitHub\u202e <script>alert(1)</script> ${'!'.repeat(300)}`;
    const liar = await OauthClient.register(server, { client_name: name });
    const { text } = await liar.ask(browser, liar.begin());
    expect(text).toContain('calls itself <b>“GitHub[U+202E] &lt;script&gt;');
    expect(text).not.toMatch(/<script>|\u202e|!{100}/);
    expect(text).toContain('the app’s own claim, and nobody checked it');
    expect(text).toContain(liar.clientId);
  });
});

describe('the page of consent', () => {
  it('lets nothing in by a form that it did not make, for this request and this session', async () => {
    const page = await client.ask(browser, client.begin());
    const other = await client.ask(browser, client.begin());
    const fields: [string, string][] = [
      ['scope', 'read'],
      ['decision', 'allow'],
    ];
    expect((await browser.post(page.at, fields)).status).toBe(400);
    // The cookie is that of the request that was begun last.
    expect((await browser.post(other.at, fields)).status).toBe(403);
    expect((await browser.post(other.at, [['mark', markIn(page.text)], ...fields])).status).toBe(403);
    const mark: [string, string] = ['mark', markIn(other.text)];
    expect((await browser.post(other.at, [mark, ...fields], { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.post(other.at, [mark, ...fields])).status).toBe(303);
  });

  it('can’t be answered in another browser, also not by the same person', async () => {
    const page = await client.ask(browser, client.begin());
    const elsewhere = server.browser();
    await elsewhere.signIn(PEOPLE.octocat);
    const shown = await elsewhere.get(page.at);
    expect([shown.status, /in another browser/.test(shown.text)]).toEqual([400, true]);
    const sent = await elsewhere.post(page.at, [
      ['mark', markIn(page.text)],
      ['scope', 'read'],
      ['decision', 'allow'],
    ]);
    expect(sent.status).toBe(400);
  });

  it('leads its form to the client and nowhere else, and runs no script', async () => {
    const page = await client.ask(browser, client.begin());
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("form-action 'self' http://127.0.0.1:33418;");
    expect(policy).not.toContain('script-src');
  });

  it('is of who is signed in now', async () => {
    const shared = server.browser();
    await client.connect(shared, {}, PEOPLE.outsider);
    await shared.signIn(PEOPLE.octocat);
    const page = await client.ask(shared, client.begin());
    expect(page.text).toContain('<b>octocat</b>');
    expect((await client.answer(shared, page)).to?.searchParams.has('code')).toBe(true);
  });
});

describe('letting an app in ends', () => {
  it('on the account page, for that app alone', async () => {
    const app = await OauthClient.register(server, { client_name: 'To be kept out' });
    const [one, other] = [await app.connect(browser), await client.connect(browser)];
    const account = await browser.get('/account');
    const row = account.text.split('<li>').find((text) => text.includes('To be kept out')) ?? '';
    expect(row).toContain('read tasks at ');
    const id = /name="id" value="([^"]+)"/.exec(row)?.[1] ?? '';
    const outsider = server.browser();
    await outsider.signIn(PEOPLE.outsider);
    const mark = markIn((await outsider.get('/account')).text);
    expect((await outsider.post('/account/apps/revoke', { mark, id })).status).toBe(422);
    expect(await statusWith(one.access_token)).toBe(200);
    const kept = await browser.post('/account/apps/revoke', { mark: markIn(account.text), id });
    expect(kept.text).not.toContain('To be kept out');
    expect(await statusWith(one.access_token)).toBe(401);
    expect((await app.refresh(one.refresh_token)).body.error).toBe('invalid_grant');
    expect(await statusWith(other.access_token)).toBe(200);
  });

  it('when the app gives its token back, whichever of the two', async () => {
    for (const which of ['access_token', 'refresh_token']) {
      const given = await client.connect(browser);
      const stranger = await OauthClient.register(server);
      await stranger.revoke(given[which]);
      expect(await statusWith(given.access_token), which).toBe(200);
      expect(await client.revoke(given[which])).toBe(200);
      expect(await statusWith(given.access_token), which).toBe(401);
      expect((await client.refresh(given.refresh_token)).status, which).toBe(400);
    }
  });

  it('when the person is gone', async () => {
    const leaver = { login: 'leaver', id: 9_100, type: 'User' } as const;
    server.github.state.signIn.people.set(leaver.id, leaver);
    const given = await client.connect(server.browser(), {}, leaver);
    expect(await statusWith(given.access_token)).toBe(200);
    await server.brain.sql(
      'delete from auth.users where id = (select id from codered.profiles where github_id = 9100)',
    );
    expect(await statusWith(given.access_token)).toBe(401);
    expect((await client.refresh(given.refresh_token)).status).toBe(400);
  });
});

it('requests from one address are remembered at a pace, which keeps nobody else out', async () => {
  const begun = client.begin({ redirect_uri: 'https://example.com/' }).address;
  const status = async () => (await fetch(begun, { redirect: 'manual' })).status;
  address = '192.0.2.3';
  const all = new Set<number>();
  for (let at = 0; at < 200 && !all.has(429); at += 1) all.add(await status());
  expect([...all]).toEqual([400, 429]);
  address = '192.0.2.4';
  expect(await status()).toBe(400);
  address = null;
});

describe('registrations', () => {
  it('have nothing fetched from where they say, neither then nor whenever the client comes', async () => {
    const sector = 'https://victim.example.com/sector.json';
    documents.set(sector, [REDIRECT]);
    const before = fetched.length;
    const { status, body } = await register(server, { sector_identifier_uri: sector });
    expect(status).toBe(201);
    await new OauthClient(server, String(body.client_id)).ask(
      browser,
      client.begin({ client_id: String(body.client_id) }),
    );
    expect(fetched.slice(before)).toEqual([]);
  });

  it('are bounded for a network, which keeps nobody else out', async () => {
    address = '192.0.2.1';
    const all = [];
    for (let at = 0; at < 31; at += 1) all.push((await register(server)).status);
    expect(all.slice(0, 30).every((status) => status === 201)).toBe(true);
    expect(all[30]).toBe(429);
    address = '192.0.2.2';
    expect((await register(server)).status).toBe(201);
    address = null;
    expect((await register(server)).status).toBe(201);
  });

  it('are forgotten after a day when they led to nothing', async () => {
    const [unused, used] = [await OauthClient.register(server), await OauthClient.register(server)];
    await used.connect(browser);
    await server.brain.script(`update codered.oauth_clients set created_at = created_at - interval '25 hours'`);
    const page = await unused.ask(browser, unused.begin());
    expect([page.status, /has to register again/.test(page.text)]).toEqual([400, true]);
    expect((await used.ask(browser, used.begin())).status).toBe(200);
    await server.brain.call('prune_oauth', { batch: 1_000 });
    const left = await server.brain.sql('select client_id from codered.oauth_clients where used_at is null');
    expect(left).toEqual([]);
  });
});

it('where we are reached is a setting, and never what a request says of itself', async () => {
  const { log } = server;
  const signIn = { state: 'on', settings: { ...server.settings, url: 'https://codered.example' } } as const;
  const routes = makeOauth({ signIn, brain: server.brain, log, addressOf: () => null });
  const handlers = [serveRoutes({ resources: [routes], onError: () => {} })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError: () => {} });
  const get = (path: string) => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', host: 'evil.example' };
    return fetch(`${http.url}${path}`, { headers, redirect: 'manual' });
  };
  const metadata: Record<string, unknown> = JSON.parse(
    await (await get('/.well-known/oauth-authorization-server')).text(),
  );
  const addresses = Object.entries(metadata).filter(([name]) => name === 'issuer' || /_(?:endpoint|uri)$/.test(name));
  expect(addresses.length).toBeGreaterThan(5);
  expect(addresses.filter(([, at]) => !String(at).startsWith('https://codered.example'))).toEqual([]);
  expect(metadata).toMatchObject({
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  });
  const begun = new URL(client.begin({ resource: undefined }).address);
  const asked = await get(`${begun.pathname}${begun.search}`);
  expect(asked.status).toBe(303);
  const cookies = asked.headers.getSetCookie().filter((line) => /^codered_(?:consent|resume)=/.test(line));
  expect(cookies).toHaveLength(2);
  for (const line of cookies)
    for (const word of ['secure', 'httponly', 'samesite=lax']) expect(line).toContain(`; ${word}`);
  await http.close(100);
});

it('what is kept lets nobody in', async () => {
  const begun = client.begin();
  const page = await client.ask(browser, begun);
  const code = await client.codeFor(browser, begun);
  const given = (await client.redeem(await client.codeFor(browser, begun), begun)).body;
  const rows = await server.brain.sql(
    `select (select json_agg(t) from codered.oauth_tokens t)::text || (select json_agg(r) from codered.oauth_records r)::text
       || (select json_agg(k) from codered.oauth_keys k)::text as kept`,
  );
  const kept = rows[0]?.kept ?? '';
  for (const secret of [code, given.access_token, given.refresh_token, page.at.split('/').at(-1), '"d":']) {
    expect(kept).not.toContain(String(secret));
    expect(server.lines.join('\n')).not.toContain(String(secret));
  }
});
