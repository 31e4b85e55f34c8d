// Signing in with a real browser: Chromium without a screen, against the stand-in for GitHub. It has to be there already (CHROMIUM names
// it, else it is looked for in /usr/bin); without one these are skipped, and sign-in.test.ts asks the same over HTTP.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ORG, openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const { octocat, outsider } = PEOPLE;

describe.skipIf(!existsSync(PROGRAM))('in Chromium', () => {
  let server: SignInServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    server = await openSignInServer();
    browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    // Our pages are to work without any script.
    context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    return () => context.close();
  });

  const heading = (of: Page = page) => of.locator('h1').innerText();
  const authorize = (login: string, of: Page = page) =>
    of.getByRole('button', { name: `Authorize as ${login}` }).click();
  const signIn = async (login: string = octocat.login, of: Page = page) => {
    await of.goto(`${server.url}/sign-in`);
    await authorize(login, of);
  };
  /** The address to which GitHub sends the browser, which has not gone there yet. */
  const answerFor = async (person: { readonly id: number }, of: BrowserContext = context) => {
    const begun = await of.request.get(`${server.url}/sign-in`, { maxRedirects: 0 });
    return server.browser().askGithub(begun.headers().location ?? '', { user: String(person.id) });
  };

  it('leads to the account, where a token is made that works over REST, and out again', async () => {
    await page.goto(`${server.url}/account`);
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click();
    await authorize(octocat.login);
    expect(new URL(page.url()).pathname).toBe('/account');
    expect(await page.locator('main').innerText()).toContain(ORG.login);
    await page.getByLabel('What a new token is for').fill('from the browser');
    await page.getByRole('checkbox', { name: 'read everything that you may read' }).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = await page.locator('#token').innerText();
    const answer = await fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ items: [{ slug: 'octo_org_secret' }] });
    await page.goto(`${server.url}/account`);
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke from the browser' }).click();
    const revoked = await fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } });
    expect(revoked.status).toBe(401);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    expect(await heading()).toContain('Signed out');
    await page.goto(`${server.url}/account`);
    expect(await page.locator('main').innerText()).toContain('You are not signed in');
  });

  it('keeps the session from scripts and other sites', async () => {
    await signIn();
    const [session] = (await context.cookies()).filter(({ name }) => name === 'codered');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  });

  it('shows the style of its pages in light and dark, which the policy lets through', async () => {
    const scripted = await browser.newContext();
    const shown = await scripted.newPage();
    const complaints: string[] = [];
    shown.on('console', (message) => complaints.push(message.text()));
    await signIn(octocat.login, shown);
    const styleOf = (what: string, name: string) =>
      shown.evaluate<string>(`getComputedStyle(document.querySelector('${what}')).${name}`);
    expect(await styleOf('main', 'maxWidth')).toBe('640px');
    const colours = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await shown.emulateMedia({ colorScheme });
      colours.add(await styleOf('body', 'color'));
    }
    expect(colours.size).toBe(2);
    expect(complaints).toEqual([]);
    await scripted.close();
  });

  it('refuses an answer without a state of ours, one that was used, and one that another browser began', async () => {
    await page.goto(`${server.url}/sign-in/callback?code=1`);
    expect(await heading()).toContain('No longer good');
    const address = await answerFor(octocat);
    const other = await browser.newContext();
    const elsewhere = await other.newPage();
    await elsewhere.goto(address);
    expect(await heading(elsewhere)).toContain('Begun elsewhere');
    expect((await other.cookies()).some(({ name }) => name === 'codered')).toBe(false);
    await other.close();
    await page.goto(address);
    expect(await heading()).toContain('Your account');
    await page.goto(address);
    expect(await heading()).toContain('Your account');
    await context.clearCookies({ name: 'codered' });
    await page.goto(address);
    expect(await heading()).toContain('No longer good');
  });

  it('refuses a code that was given for another sign-in (PKCE)', async () => {
    const other = await browser.newContext({ javaScriptEnabled: false });
    const stolen = new URL(await answerFor(octocat, other)).searchParams.get('code') ?? '';
    await other.close();
    const own = new URL(await answerFor(outsider));
    own.searchParams.set('code', stolen);
    await page.goto(own.href);
    expect(await page.locator('main').innerText()).toContain('does not take the code');
  });

  it('refuses to lead to a stranger’s host', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', '/%2Fevil.example']) {
      await page.goto(`${server.url}/sign-in?return_to=${encodeURIComponent(to)}`);
      expect(await heading(), to).toContain('Not a page of ours');
      expect(new URL(page.url()).origin).toBe(server.url);
    }
  });

  it('keeps apart two people who had one login one after the other', async () => {
    const { people } = server.github.state.signIn;
    people.set(9001, { login: 'handed-on', id: 9001, type: 'User' });
    await signIn('handed-on');
    await page.getByLabel('What a new token is for').fill('of the first');
    await page.getByRole('checkbox', { name: 'read everything that you may read' }).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    people.set(9001, { login: 'renamed', id: 9001, type: 'User' });
    people.set(9002, { login: 'handed-on', id: 9002, type: 'User' });
    await context.clearCookies();
    await signIn('handed-on');
    expect(await page.locator('main').innerText()).not.toContain('of the first');
    expect(await page.locator('main').innerText()).toContain('id 9002');
  });

  it('shows nothing of an organisation whose single sign-on keeps us out', async () => {
    server.github.state.signIn.singleSignOn.set(ORG.id, 'required');
    await signIn();
    expect(await page.locator('main').innerText()).toContain('You are in none');
    server.github.state.signIn.singleSignOn.delete(ORG.id);
  });

  it('says that the App’s right was taken away, until the person signs in again', async () => {
    await signIn();
    server.github.state.signIn.revoke(octocat.id);
    const [row] = await server.brain.sql('select id from codered.profiles where github_id = $1', [String(octocat.id)]);
    await server.flow.refreshAccess(row?.id ?? '');
    await page.goto(`${server.url}/account`);
    expect(await page.locator('main').innerText()).toContain('you took away CodeRed’s right');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await authorize(octocat.login);
    expect(await page.locator('main').innerText()).not.toContain('you took away');
  });
});
