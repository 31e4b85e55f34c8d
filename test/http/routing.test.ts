import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApi } from '../../src/http/api.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeHealth } from '../../src/http/routes/health.ts';
import { makeMetrics } from '../../src/http/routes/metrics.ts';
import { makeSchema } from '../../src/http/routes/policy-schema.ts';
import { makeRoutes, serveRoutes } from '../../src/http/routing.ts';
import { WEBHOOK_PATH } from '../../src/inbox/receive.ts';
import { makeLogLines } from '../support/log-lines.ts';

let http: Listening;
const errors: unknown[] = [];
const { log } = makeLogLines();

beforeAll(async () => {
  const status = () => Promise.reject(new Error('no database here'));
  const broken = makeRoutes();
  broken.get('/broken', () => {
    throw new Error('a bug');
  });
  const echo = makeApi(
    { echo: async (request, query) => ({ status: 200, body: { method: request.method, query: [...query] } }) },
    log,
  );
  const resources = [
    makeHealth({ status, metrics: makeMetrics(status, async () => []), log }),
    makeSchema(),
    echo,
    broken,
  ];
  const onError = (error: unknown) => void errors.push(error);
  const handlers = [serveRoutes({ resources, onError, webhookPath: WEBHOOK_PATH })];
  http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
});
afterAll(() => http.close(1_000));

/** What the server answers to these bytes, until it closes the connection. */
function raw(bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => {
    text += piece;
  });
  socket.once('close', () => resolve(text)).once('error', reject);
  socket.write(bytes);
  return promise;
}
const get = (target: string, more = '') => raw(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`);
const first = (answer: string) => answer.split('\r\n', 1)[0];

describe('a webhook that is sent to another path', () => {
  it.each(['/', '/webhook', '/api/github', '/api/github/webhooks/', '/api/github/webhooks/x?y'])(
    '%s is told which it is',
    async (path) => {
      const response = await fetch(http.url + path, {
        method: 'POST',
        body: '{}',
        headers: { 'x-github-event': 'ping' },
      });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: `There is nothing here; GitHub's webhooks are received at ${WEBHOOK_PATH}: put that at the end of the webhook URL in the settings of the App`,
      });
    },
  );

  it('is no message of MCP that is sent beside it', async () => {
    for (const path of ['/mcp/', '/sse', '/register']) {
      const response = await fetch(http.url + path, { method: 'POST', body: '{}' });
      expect(await response.json()).toEqual({ error: expect.stringMatching(/^There is nothing here; there are /) });
    }
  });

  it('is told so though it is not read to its end, and the connection is closed', async () => {
    const answer = await raw(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n{"half":`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain(WEBHOOK_PATH);
  });
});

describe('what is at no path, or asked for in another way', () => {
  it('is told which paths there are', async () => {
    for (const path of ['/', '/healthz/', '/constructor', '/__proto__', '/api/v2/echo']) {
      const response = await fetch(http.url + path);
      expect([response.status, await response.json()]).toEqual([
        404,
        {
          error: `There is nothing here; there are POST ${WEBHOOK_PATH}, GET /healthz, GET /readyz, GET /metrics, GET /schema/codered.json, POST /api/v1/echo, GET /broken`,
        },
      ]);
    }
    const api = await fetch(`${http.url}/api/v1/ecko`, { method: 'POST' });
    const detail =
      'There is nothing at /api/v1/ecko; there are POST /api/v1/echo and what GET /api/v1/openapi.json describes, without a slash at the end';
    expect([api.status, api.headers.get('content-type'), await api.json()]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
      {
        ...{ type: 'about:blank', title: 'Not Found', status: 404, detail, code: 'not_found', details: {} },
        message: detail,
      },
    ]);
  });

  it.each([
    ['/healthz', 'POST', 'GET', { error: '/healthz is read with GET' }],
    ['/metrics', 'DELETE', 'GET', { error: '/metrics is read with GET' }],
    ['/schema/codered.json', 'PUT', 'GET', { error: '/schema/codered.json is read with GET' }],
    [
      '/api/v1/echo',
      'GET',
      'POST, OPTIONS',
      { status: 405, code: 'method_not_allowed', detail: '/api/v1/echo takes POST' },
    ],
    ['/api/v1/echo', 'PATCH', 'POST, OPTIONS', { code: 'method_not_allowed', title: 'Method Not Allowed' }],
  ])('%s with %s says which way it is', async (path, method, allow, body) => {
    const response = await fetch(http.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject(body);
  });

  it('is answered without a body to HEAD', async () => {
    for (const [path, status] of [
      ['/healthz', 200],
      ['/schema/codered.json', 200],
      ['/none', 404],
      ['/api/v1/echo', 405],
    ] as const) {
      const answer = await raw(`HEAD ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(first(answer)).toContain(` ${status} `);
      expect(answer.endsWith('\r\n\r\n')).toBe(true);
    }
  });

  it('is told that something broke, without what', async () => {
    const response = await fetch(`${http.url}/broken`);
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: 'This request could not be answered; the log says why' },
    ]);
    expect(errors.splice(0)).toEqual([new Error('a bug')]);
  });
});

describe('a hostile request', () => {
  it('finds no page by another name than its own', async () => {
    for (const path of [
      '/%68ealthz',
      '/a/../healthz',
      '//healthz',
      '/./healthz',
      '/healthz;x',
      '/HEALTHZ',
      'http://a/healthz',
      '/healthz%3fx',
    ]) {
      expect([path, first(await get(path))]).toEqual([path, 'HTTP/1.1 404 Not Found']);
    }
    expect(first(await get('/healthz?%'))).toBe('HTTP/1.1 200 OK');
  });

  it.each(['a b', 'a/b', '[', 'a:b:c', '%', 'ü'])(
    'with the host %j is answered, and is no error of ours',
    async (host) => {
      const answer = await raw(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(first(answer)).toMatch(/^HTTP\/1\.1 (?:200|400) /);
      expect(errors).toEqual([]);
    },
  );

  it('without a host is answered as HTTP/1.0 has it', async () => {
    expect(first(await raw('GET /healthz HTTP/1.0\r\n\r\n'))).toBe('HTTP/1.1 200 OK');
  });

  it.each(['*', '\\', '/\\evil', 'x'])('for the target %s is refused', async (target) => {
    expect(first(await raw(`OPTIONS ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`))).toMatch(
      /^HTTP\/1\.1 40[04] /,
    );
    expect(errors).toEqual([]);
  });

  it.each(['TRACE', 'PURGE', 'M-SEARCH', 'QUERY'])('by %s is none of a page', async (method) => {
    const answer = await raw(`${method} /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(first(answer)).toBe('HTTP/1.1 405 Method Not Allowed');
  });

  it('that says a body follows is told to go on, or is answered at once, and the next on its connection too', async () => {
    const call = 'POST /api/v1/echo?a=1&a=%ff HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n';
    const answer = await raw(`${call}\r\n${call}Expect: 100-continue\r\nConnection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 100', 'HTTP/1.1 200']);
    expect(answer).toContain('{"method":"POST","query":[["a","1"],["a","�"]]}');
  });

  it('that is gone before it is answered harms nobody', async () => {
    for (let times = 0; times < 20; times += 1) {
      const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
      socket.write('POST /api/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
      socket.once('error', () => {});
      await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    expect(first(await get('/healthz'))).toBe('HTTP/1.1 200 OK');
    expect(errors).toEqual([]);
  });
});
