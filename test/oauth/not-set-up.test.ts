// Where the settings of the sign-in are missing, and where clients look for metadata.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeOauth } from '../../src/oauth/oauth.ts';
import { makeLogLines } from '../support/log-lines.ts';

const settings = { url: 'https://codered.example', clientId: 'x', clientSecret: 'x', keys: [Buffer.alloc(32, 1)] };
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

async function serve(signIn: Parameters<typeof makeOauth>[0]['signIn']) {
  const { log } = makeLogLines();
  const brain = { call: () => Promise.reject(new Error('there is no database')) };
  const routes = makeOauth({ signIn, brain, log, addressOf: () => null });
  const http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [serveRoutes({ resources: [routes], onError: () => {} })], onError: () => {} },
  );
  closing.push(() => http.close(100));
  return (path: string, init: RequestInit = {}) => fetch(`${http.url}${path}`, { ...init, redirect: 'manual' });
}

describe('without the settings', () => {
  let get: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    get = await serve({ state: 'off', missing: ['CODERED_URL', 'CODERED_SECRET_KEY'] });
  });

  it.each([
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-authorization-server',
  ])('%s is not there, so that clients go on without', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('CODERED_URL, CODERED_SECRET_KEY are missing');
  });

  it('whoever uses an endpoint is told what is missing', async () => {
    const token = await get('/oauth/token', { method: 'POST', body: 'grant_type=x' });
    expect([token.status, (await token.text()).includes('CODERED_SECRET_KEY')]).toEqual([503, true]);
    const page = await get('/oauth/authorize?client_id=x');
    expect([page.status, (await page.text()).includes('<code>CODERED_URL</code>')]).toEqual([503, true]);
  });
});

describe('with the settings', () => {
  let get: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    get = await serve({ state: 'on', settings });
  });

  it.each([
    ['/.well-known/oauth-protected-resource', 'mcp', ['read', 'tasks', 'agents']],
    ['/.well-known/oauth-protected-resource/mcp', 'mcp', ['read', 'tasks', 'agents']],
    ['/.well-known/oauth-protected-resource/api/v1', 'api/v1', ['read', 'tasks', 'agents', 'gate', 'admin']],
  ])('%s tells of %s', async (path, resource, scopes_supported) => {
    expect(JSON.parse(await (await get(path)).text())).toMatchObject({
      resource: `https://codered.example/${resource}`,
      authorization_servers: ['https://codered.example'],
      scopes_supported,
    });
  });

  it('a database that does not answer is said to both', async () => {
    const token = await get('/oauth/token', { method: 'POST', body: 'grant_type=x' });
    expect([token.status, token.headers.get('retry-after')]).toEqual([503, '10']);
    const page = await get('/oauth/authorize?client_id=x');
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  });
});
