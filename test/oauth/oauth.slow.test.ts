// Letting an app in with a real browser: Chromium without a screen and without scripts, against the stand-in for GitHub, for an app that
// listens on this computer, and for the official client of MCP. Chromium has to be there already (CHROMIUM names it, else it is looked
// for in /usr/bin); without one these are skipped, and oauth.test.ts asks the same over HTTP.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auth } from '@modelcontextprotocol/client';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearerOf } from '../../src/http/person-door/bearer.ts';
import { ClientMemory } from '../support/mcp-client-memory.ts';
import { callWith, OauthClient } from '../support/oauth-client.ts';
import { openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(PROGRAM))('in Chromium', () => {
  let server: SignInServer;
  let chrome: Browser;
  let context: BrowserContext;
  let page: Page;
  let app: Server;
  let redirect = '';
  beforeAll(async () => {
    server = await openSignInServer();
    app = createServer((_, response) => response.end('the app has its answer'));
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    redirect = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
    chrome = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await chrome.close();
    app.close();
    await server.close();
  });
  beforeEach(async () => {
    context = await chrome.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    return () => context.close();
  });

  const authorize = () => page.getByRole('button', { name: `Authorize as ${PEOPLE.octocat.login}` }).click();
  const letIn = () => page.getByRole('button', { name: 'Let it in', exact: true }).click();
  const answer = () => new URL(page.url()).searchParams;

  it('a person signs in, lets an app in that listens here, and keeps it out again', async () => {
    // It said another port when it registered: programs take what is free.
    const client = await OauthClient.register(server, {
      client_name: 'My agent',
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    const begun = client.begin({ redirect_uri: redirect, scope: 'read tasks gate' });
    await page.goto(begun.address);
    await authorize();
    expect(await page.locator('h1').innerText()).toContain('Let an app in?');
    const shown = await page.locator('main').innerText();
    expect(shown).toContain('calls itself “My agent”');
    expect(shown).toContain('nobody checked it');
    expect(shown).toContain('override and explain gates');
    await page.getByRole('checkbox', { name: 'gate' }).uncheck();
    await letIn();
    expect(await page.locator('body').innerText()).toBe('the app has its answer');
    expect([answer().get('state'), answer().get('iss')]).toEqual([begun.state, server.url]);
    const { body } = await client.redeem(answer().get('code') ?? '', begun, { redirect_uri: redirect });
    expect(body.scope).toBe('read tasks');
    expect((await callWith(server, body.access_token)).status).toBe(200);

    await page.goto(`${server.url}/account`);
    await page.getByRole('button', { name: 'Keep My agent out' }).click();
    expect(await page.locator('main').innerText()).toContain(
      'An app that you let in, such as an agent over MCP, stands here',
    );
    expect((await callWith(server, body.access_token)).status).toBe(401);
  });

  it('the page keeps its style and policy, and its form leads back to the app alone', async () => {
    const scripted = await chrome.newContext();
    page = await scripted.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const client = await OauthClient.register(server, { redirect_uris: [redirect] });
    await page.goto(client.begin({ redirect_uri: redirect }).address);
    await authorize();
    expect(await page.evaluate<string>(`getComputedStyle(document.querySelector('main')).maxWidth`)).toBe('640px');
    await page.getByRole('button', { name: 'Do not let it in' }).click();
    expect(answer().get('error')).toBe('access_denied');
    expect(complaints).toEqual([]);
    await scripted.close();
  });

  it('another browser can’t answer, and what was answered is over', async () => {
    const client = await OauthClient.register(server, { redirect_uris: [redirect] });
    await page.goto(client.begin({ redirect_uri: redirect }).address);
    await authorize();
    const at = page.url();
    const other = await chrome.newContext({ javaScriptEnabled: false });
    const elsewhere = await other.newPage();
    await elsewhere.goto(at);
    expect(await elsewhere.locator('h1').innerText()).toContain('No longer good');
    await other.close();
    await letIn();
    expect(answer().has('code')).toBe(true);
    await page.goto(at);
    expect(await page.locator('h1').innerText()).toContain('No longer good');
  });

  it('the official client of MCP finds its way, gets a token for /mcp alone, and refreshes it', async () => {
    const memory = new ClientMemory(redirect);
    const serverUrl = `${server.url}/mcp`;
    expect(await auth(memory, { serverUrl })).toBe('REDIRECT');
    await page.goto(memory.sentTo?.href ?? '');
    await authorize();
    expect(await page.locator('main').innerText()).toContain('MCP, the tools for agents');
    await letIn();
    const [authorizationCode, iss] = [answer().get('code') ?? '', answer().get('iss') ?? ''];
    expect(await auth(memory, { serverUrl, authorizationCode, iss })).toBe('AUTHORIZED');
    const first = memory.kept?.access_token;
    const bearer = (token: unknown, audience: string) =>
      bearerOf(server.brain, { authorization: `Bearer ${token}`, query: new URLSearchParams() }, audience);
    expect(await bearer(first, serverUrl)).toMatchObject({ scopes: ['read', 'tasks', 'agents'] });
    await expect(bearer(first, `${server.url}/api/v1`)).rejects.toThrow('was given for another interface');
    expect(await auth(memory, { serverUrl })).toBe('AUTHORIZED');
    expect(memory.kept?.access_token).not.toBe(first);
    expect(await bearer(memory.kept?.access_token, serverUrl)).toMatchObject({ scopes: ['read', 'tasks', 'agents'] });
  });
});
