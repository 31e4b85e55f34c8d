// Apps come in by OAuth, over real sockets: the way through, and what the person and the app are told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callWith, OauthClient, REDIRECT, register } from '../support/oauth-client.ts';
import { openSignInServer, PEOPLE, type SignInServer } from '../support/sign-in-server.ts';

let server: SignInServer;
let client: OauthClient;
beforeAll(async () => {
  server = await openSignInServer();
  client = await OauthClient.register(server);
});
afterAll(() => server.close());

describe('an app that registers itself', () => {
  it('is let in by a person who signs in on the way, and calls REST as them', async () => {
    const browser = server.browser();
    const begun = client.begin();
    const page = await client.ask(browser, begun);
    expect(page.status).toBe(200);
    expect(page.text).toContain('An agent');
    const answered = await client.answer(browser, page);
    expect(answered.to?.href.startsWith(REDIRECT)).toBe(true);
    expect(answered.to?.searchParams.get('state')).toBe(begun.state);
    expect(answered.to?.searchParams.get('iss')).toBe(server.url);
    const { status, body } = await client.redeem(answered.to?.searchParams.get('code') ?? '', begun);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read tasks' });
    expect(status).toBe(200);
    const called = await callWith(server, body.access_token);
    expect(await called.json()).toMatchObject({ items: [{ slug: 'octo_org_secret' }] });
  });
});
