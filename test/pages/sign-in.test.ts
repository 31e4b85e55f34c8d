// Signing in with GitHub over real sockets: the way through, each way in which it ends early, sessions, and the page of the account.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/demo/github/state/records.ts';
import { returnPath } from '../../src/pages/return-path.ts';
import { type Browser, markIn, ORG, openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

let server: SignInServer;
beforeAll(async () => {
  server = await openSignInServer();
});
afterAll(() => server.close());

const { octocat, outsider } = PEOPLE;

/** A browser in which somebody is signed in. */
async function signedIn(person: Account = octocat): Promise<Browser> {
  const browser = server.browser();
  expect((await browser.signIn(person)).status).toBe(303);
  return browser;
}

/** As far as GitHub's answer, which is not followed. */
async function sentBack(
  browser: Browser,
  choice: Record<string, string> = { user: String(octocat.id) },
  path = '/sign-in',
) {
  const begun = await browser.get(path);
  return browser.askGithub(begun.headers.get('location') ?? '', choice);
}

describe('signing in', () => {
  it('leads over GitHub, with state and PKCE, to where the person wanted to go', async () => {
    const browser = server.browser();
    const begun = await browser.get('/sign-in?return_to=/account%3Ftab%3Dtokens');
    const to = new URL(begun.headers.get('location') ?? '');
    expect(begun.status).toBe(302);
    expect(`${to.origin}${to.pathname}`).toBe(`${server.github.url}/login/oauth/authorize`);
    expect(to.searchParams.get('redirect_uri')).toBe(`${server.url}/sign-in/callback`);
    expect(to.searchParams.get('code_challenge_method')).toBe('S256');
    expect(to.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    const ended = await browser.get(await browser.askGithub(to.href, { user: String(octocat.id) }));
    expect([ended.status, ended.headers.get('location')]).toEqual([303, `${server.url}/account?tab=tokens`]);
    const cookie = ended.headers.getSetCookie().find((line) => line.startsWith('codered='));
    expect(cookie).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const account = await browser.get('/account');
    expect(account.status).toBe(200);
    expect(account.text).toContain('octo-org');
    expect(account.text).toContain('GitHub was asked last');
    expect(server.github.violations).toEqual([]);
  });

  it('knows what GitHub lets the person see, when it is done', async () => {
    await signedIn();
    const rows = await server.brain.sql(
      `select a.repository_id, a.permission, a.source from codered.repository_access a join codered.profiles p on p.id = a.user_id
       where p.github_id = $1 order by 1`,
      [String(octocat.id)],
    );
    expect(rows).toEqual([
      { repository_id: '501', permission: 'maintain', source: 'github' },
      { repository_id: '502', permission: 'read', source: 'github' },
    ]);
  });

  it('makes two people of a login that changed hands', async () => {
    const { people } = server.github.state.signIn;
    const former = { login: 'handed-on', id: 9001, type: 'User' } as const;
    people.set(former.id, former);
    await signedIn(former);
    people.set(former.id, { ...former, login: 'renamed' });
    const taker = { login: 'handed-on', id: 9002, type: 'User' } as const;
    people.set(taker.id, taker);
    await signedIn(taker);
    const rows = await server.brain.sql(
      'select github_id, github_login from codered.profiles where github_id in (9001, 9002) order by 1',
    );
    expect(rows).toEqual([
      { github_id: '9001', github_login: null },
      { github_id: '9002', github_login: 'handed-on' },
    ]);
  });

  it('gives a new session each time, and ends the one that the browser had', async () => {
    const browser = await signedIn();
    const former = browser.cookies.get('codered') ?? '';
    await browser.signIn(octocat);
    expect(browser.cookies.get('codered')).not.toBe(former);
    const old = server.browser();
    old.cookies.set('codered', former);
    expect((await old.get('/account')).status).toBe(401);
  });

  it('takes no session that somebody else chose', async () => {
    const browser = server.browser();
    browser.cookies.set('codered', 'A'.repeat(43));
    await browser.signIn(octocat);
    expect(browser.cookies.get('codered')).not.toContain('A'.repeat(43));
  });
});

describe('a sign-in that ends early', () => {
  const shows = async (browser: Browser, address: string, status: number, words: RegExp) => {
    const shown = await browser.get(address);
    expect(shown.text).toMatch(words);
    expect(shown.status).toBe(status);
    expect(shown.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(shown.text).not.toMatch(/at \w+.*\.ts:\d|Error:/);
    expect(browser.cookies.has('codered')).toBe(false);
  };

  it('without a state that we know says so', async () => {
    await shows(server.browser(), '/sign-in/callback', 400, /used already, or was begun more than ten minutes ago/);
    await shows(server.browser(), '/sign-in/callback?code=1&state=nobodys', 400, /Begin again/);
  });

  it('whose state was used says so', async () => {
    const browser = server.browser();
    const back = await sentBack(browser);
    expect((await browser.get(back)).status).toBe(303);
    browser.cookies.delete('codered');
    await shows(browser, back, 400, /used already/);
  });

  it('whose state was used leads who is signed in to their account, as after going back', async () => {
    const browser = server.browser();
    const back = await sentBack(browser);
    await browser.get(back);
    for (const address of [back, '/sign-in/callback?code=1&installation_id=77&setup_action=install']) {
      const again = await browser.get(address);
      expect([again.status, again.headers.get('location')]).toEqual([303, `${server.url}/account`]);
    }
    expect((await browser.get('/account')).status).toBe(200);
    browser.cookies.set('codered', 'A'.repeat(43));
    expect((await browser.get(back)).status).toBe(400);
  });

  it('of ten minutes ago says so', async () => {
    const browser = server.browser();
    const back = await sentBack(browser);
    await server.brain.sql("update codered.sign_in_states set created_at = created_at - interval '11 minutes'");
    await shows(browser, back, 400, /more than ten minutes ago/);
  });

  it('in another browser is refused there, and good in the first', async () => {
    const browser = server.browser();
    const back = await sentBack(browser);
    await shows(server.browser(), back, 400, /begun in another browser/);
    expect((await browser.get(back)).status).toBe(303);
  });

  it('that the person cancelled says that nothing was changed', async () => {
    const browser = server.browser();
    await shows(browser, await sentBack(browser, { cancel: '1' }), 403, /Nothing was changed/);
  });

  it('with a code that GitHub does not take says so', async () => {
    const browser = server.browser();
    const back = new URL(await sentBack(browser));
    back.searchParams.set('code', 'another');
    await shows(browser, back.href, 400, /does not take the code/);
  });

  it('with a code of another sign-in fails by its verifier (PKCE)', async () => {
    const [thief, victim] = [server.browser(), server.browser()];
    const stolen = new URL(await sentBack(victim)).searchParams.get('code') ?? '';
    const back = new URL(await sentBack(thief));
    back.searchParams.set('code', stolen);
    await shows(thief, back.href, 400, /does not take the code/);
  });

  it('for want of our address at the App tells whoever runs it, and the log which setting', async () => {
    const { client } = server.github.state.signIn;
    const right = client.callbackUrls;
    const browser = server.browser();
    const begun = await browser.get('/sign-in');
    client.callbackUrls = ['https://elsewhere.example/sign-in/callback'];
    const back = new URL(await browser.askGithub(begun.headers.get('location') ?? '', {}));
    client.callbackUrls = right;
    expect(back.host).toBe('elsewhere.example');
    await shows(browser, `/sign-in/callback${back.search}`, 503, /callback URL/);
  });

  it('for a wrong client secret says so without telling it', async () => {
    const { client } = server.github.state.signIn;
    const { secret } = client;
    const browser = server.browser();
    const back = await sentBack(browser);
    client.secret = 'another secret of the App';
    await shows(browser, back, 503, /Not set up rightly/);
    client.secret = secret;
    expect(JSON.stringify(server.lines)).toContain('GITHUB_CLIENT_SECRET');
  });

  it('while the App is suspended says so', async () => {
    const { client } = server.github.state.signIn;
    client.isSuspended = true;
    const browser = server.browser();
    const back = await sentBack(browser);
    client.isSuspended = false;
    await shows(browser, back, 503, /suspended the App/);
  });

  it.each([
    ['hangs up', 'hang up'],
    ['answers 502', { status: 502, body: {} }],
    ['answers with a page', { status: 200, body: '<html></html>' }],
  ] as const)('while GitHub %s asks to try again', async (_, failure) => {
    const browser = server.browser();
    const back = await sentBack(browser);
    server.github.failNext({ path: /access_token$/ }, failure);
    await shows(browser, back, 503, /does not answer now/);
  });

  it('while GitHub does not say who it is asks to try again', async () => {
    const browser = server.browser();
    const back = await sentBack(browser);
    server.github.failNext({ path: /^\/user$/ }, { status: 503, body: { message: 'no' } });
    await shows(browser, back, 503, /does not answer now/);
  });
});

describe('the way back', () => {
  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/%2Fevil.example',
    '/%2f%2fevil.example',
    '/%5Cevil.example',
    '/%255Cevil.example',
    '/%25252fevil.example',
    '/a/..//evil.example',
    '/.//evil.example',
    '/\tevil.example',
    '/%09/evil.example',
    '/\n/evil.example',
    'evil.example',
    'javascript:alert(1)',
    '/%',
    `/${'a'.repeat(500)}`,
  ])('%j is no page of ours', (asked) => {
    expect(returnPath(asked)).toBeNull();
  });

  it.each([
    [null, '/account'],
    ['', '/account'],
    ['/account', '/account'],
    ['/account?tab=a%20b#tokens', '/account?tab=a%20b#tokens'],
    ['/a b/é', '/a%20b/%C3%A9'],
  ])('%j is %j', (asked, path) => {
    expect(returnPath(asked)).toBe(path);
  });

  it('to a stranger’s host is refused before anybody is sent to GitHub', async () => {
    const shown = await server.browser().get('/sign-in?return_to=https://evil.example/');
    expect([shown.status, shown.headers.get('location')]).toEqual([400, null]);
    expect(shown.text).toContain('not a page of this CodeRed');
    expect(shown.text).not.toContain('evil.example');
  });
});

describe('a session', () => {
  it('is none without the signature, after a week without a visit, and after thirty days', async () => {
    const browser = await signedIn(outsider);
    const cookie = browser.cookies.get('codered') ?? '';
    for (const forged of [
      cookie.slice(0, -4),
      `${cookie.slice(0, 43)}`,
      `${cookie.startsWith('B') ? 'C' : 'B'}${cookie.slice(1)}`,
      '',
    ]) {
      browser.cookies.set('codered', forged);
      expect((await browser.get('/account')).status, forged).toBe(401);
    }
    browser.cookies.set('codered', cookie);
    expect((await browser.get('/account')).status).toBe(200);
    const make = (column: string, age: string) =>
      server.brain.sql(`update codered.sign_ins set ${column} = now() - interval '${age}'`);
    await make('last_seen_at', '7 days');
    expect((await browser.get('/account')).status).toBe(401);
    await make('last_seen_at', '6 days');
    expect((await browser.get('/account')).status).toBe(200);
    await make('created_at', '30 days');
    expect((await browser.get('/account')).status).toBe(401);
  });

  it('ends with signing out, in this browser or everywhere', async () => {
    const [one, other, third] = [await signedIn(outsider), await signedIn(outsider), await signedIn(outsider)];
    const mark = markIn((await one.get('/account')).text);
    const cookie = one.cookies.get('codered') ?? '';
    expect((await one.post('/sign-out', { mark })).text).toContain('signed out in this browser');
    expect(one.cookies.has('codered')).toBe(false);
    one.cookies.set('codered', cookie);
    expect((await one.get('/account')).status).toBe(401);
    expect((await other.get('/account')).status).toBe(200);
    await other.post('/sign-out', { mark: markIn((await other.get('/account')).text), everywhere: '1' });
    expect((await third.get('/account')).status).toBe(401);
  });

  it('lets nobody in over REST, which takes tokens alone', async () => {
    const browser = await signedIn();
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});

describe('a form', () => {
  it.each([
    ['from another site', { origin: 'https://evil.example' }, true],
    ['that does not say where it comes from', { origin: '' }, true],
    ['that a browser calls cross-site', { 'sec-fetch-site': 'cross-site' }, true],
    ['without our mark', {}, false],
  ] as const)('%s does nothing', async (_, headers, isMarked) => {
    const browser = await signedIn();
    const mark = isMarked ? markIn((await browser.get('/account')).text) : 'x';
    const fields = { mark, name: 'stolen', scope: 'read', expires: inDays(3) };
    for (const path of ['/account/tokens', '/account/tokens/revoke', '/sign-out']) {
      expect((await browser.post(path, fields, headers)).status, path).toBe(403);
    }
    expect((await browser.get('/account')).text).not.toContain('stolen');
  });

  it('with the mark of another session does nothing', async () => {
    const [mine, theirs] = [await signedIn(), await signedIn(outsider)];
    const mark = markIn((await theirs.get('/account')).text);
    expect((await mine.post('/sign-out', { mark })).status).toBe(403);
  });

  it('that is too long, or no form, is refused in words', async () => {
    const browser = await signedIn();
    const mark = markIn((await browser.get('/account')).text);
    expect((await browser.post('/account/tokens', { mark, name: 'x'.repeat(9000) })).status).toBe(413);
    const json = await browser.post('/sign-out', {}, { 'content-type': 'application/json' });
    expect(json.status).toBe(415);
  });
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('the account', () => {
  const makeOne = async (browser: Browser, fields: [string, string][]) => {
    const mark = markIn((await browser.get('/account')).text);
    return browser.post('/account/tokens', [['mark', mark], ...fields]);
  };
  const fieldsOf = (name: string, expires = inDays(30)): [string, string][] => [
    ['name', name],
    ['scope', 'read'],
    ['scope', 'tasks'],
    ['expires', expires],
  ];

  it('makes a token that is shown once, works over REST, and can be revoked there', async () => {
    const browser = await signedIn();
    const made = await makeOne(browser, fieldsOf('nightly'));
    const token = /<pre id="token">([^<]*)<\/pre>/.exec(made.text)?.[1] ?? '';
    expect(token).toMatch(/^crd_/);
    const ask = () => fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await ask()).json()).toMatchObject({ items: [{ slug: 'octo_org_secret' }] });
    const account = await browser.get('/account');
    expect(account.text).not.toContain(token);
    expect(account.text).toContain('read tasks');
    const [, id = ''] =
      /name="id" value="([^"]*)"><button class="quiet" aria-label="Revoke nightly"/.exec(account.text) ?? [];
    const stranger = await signedIn(outsider);
    const theirs = markIn((await stranger.get('/account')).text);
    expect((await stranger.post('/account/tokens/revoke', { mark: theirs, id })).text).toContain(
      'You have no such token',
    );
    expect((await ask()).status).toBe(200);
    await browser.post('/account/tokens/revoke', { mark: markIn(account.text), id });
    expect((await ask()).status).toBe(401);
  });

  it.each([
    ['no name', fieldsOf(' '), /Say in 1 to 100 characters/],
    [
      'no scope',
      [
        ['name', 'x'],
        ['expires', inDays(3)],
      ] as [string, string][],
      /Choose what the token may do/,
    ],
    ['a scope that there is not', [...fieldsOf('x'), ['scope', 'root']] as [string, string][], /Choose what/],
    ['an end that is past', fieldsOf('x', inDays(-1)), /Choose a last day/],
    ['an end after a year', fieldsOf('x', inDays(400)), /Choose a last day/],
    ['an end that is no day', fieldsOf('x', 'soon'), /Choose a last day/],
    ['a NUL in the name', fieldsOf('a\0b'), /can not be kept/],
  ])('refuses %s in words', async (_, fields, words) => {
    const answered = await makeOne(await signedIn(outsider), fields);
    expect(answered.status).toBe(422);
    expect(answered.text).toMatch(words);
  });

  it('shows what people wrote as text', async () => {
    const browser = await signedIn(outsider);
    await makeOne(browser, fieldsOf('<img src=x onerror=alert(1)>"\''));
    const { text } = await browser.get('/account');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;');
    expect(text).not.toContain('<img');
  });

  it('of who sees nothing says so, and runs no script', async () => {
    const { text, headers } = await (await signedIn(outsider)).get('/account');
    expect(text).toContain('You are in none that has this CodeRed');
    expect(text).not.toMatch(/<script|style="| on\w+="/);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('says when GitHub was told to let us ask no longer, and to sign in again', async () => {
    const browser = await signedIn();
    server.github.state.signIn.revoke(octocat.id);
    const [row] = await server.brain.sql('select id from codered.profiles where github_id = $1', [String(octocat.id)]);
    expect(await server.flow.refreshAccess(row?.id ?? '')).toBe(false);
    expect((await browser.get('/account')).text).toContain('you took away CodeRed’s right');
    await browser.signIn(octocat);
    expect((await browser.get('/account')).text).not.toContain('you took away');
  });

  it('is where the host alone leads', async () => {
    const front = await server.browser().get('/');
    expect([front.status, front.headers.get('location')]).toEqual([302, `${server.url}/account`]);
  });

  it('leads to the reference, and says when each token was made and how a new one is tried', async () => {
    const browser = await signedIn(outsider);
    const { text } = await makeOne(browser, fieldsOf('tried'));
    expect(text).toContain(`href="${server.url}/api/v1/reference"`);
    expect(text).toContain(`${server.url}/api/v1/me</pre>`);
    expect(text).toMatch(/<b>tried<\/b><small>read tasks · made <time/);
  });

  it('is there for who is signed in alone', async () => {
    const shown = await server.browser().get('/account');
    expect([shown.status, shown.text.includes('Sign in with GitHub')]).toEqual([401, true]);
  });
});

it('none of it logs a token, a code or a verifier', () => {
  const said = JSON.stringify(server.lines);
  expect(said).toContain('somebody signed in');
  expect(said).not.toMatch(/ghu_|ghr_|code_verifier|crd_/);
  expect(said).not.toContain(server.settings.clientSecret);
});

it('an organisation that single sign-on keeps back is withdrawn', async () => {
  await signedIn();
  const rights = () =>
    server.brain.sql(
      'select 1 as one from codered.repository_access a join codered.profiles p on p.id = a.user_id where p.github_id = $1',
      [String(octocat.id)],
    );
  expect(await rights()).toHaveLength(2);
  const { singleSignOn } = server.github.state.signIn;
  for (const how of ['partial', 'required'] as const) {
    singleSignOn.set(ORG.id, how);
    const browser = await signedIn();
    expect(await rights(), how).toHaveLength(0);
    expect((await browser.get('/account')).text).toContain('You are in none');
    singleSignOn.delete(ORG.id);
    await signedIn();
    expect(await rights()).toHaveLength(2);
  }
});
