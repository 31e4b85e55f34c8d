// The reference page: every operation, for people, without a script, readable without a token.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { makeReference } from '../../src/http/reference/reference.ts';
import { fullPath, PLACES, REST_PREFIX } from '../../src/http/rest/paths.ts';
import { makeRoutes, serveRoutes } from '../../src/http/routing.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';

/** A path of the API that has to be looked up there. */
const makeSome = () => makeRoutes().get('/api/v1/tasks/:task_id', () => new Response());

let url = '';
let close = async () => {};
beforeAll(async () => {
  const onError = () => {};
  const handlers = [serveRoutes({ resources: [makeReference(), makeSome()], onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  url = `${http.url}${REST_PREFIX}/reference`;
  close = () => http.close(1000);
});
afterAll(() => close());

it('stands for all that it tells of where nothing is at an address', async () => {
  const response = await fetch(new URL('/nothing', url));
  const told = 'There is nothing here; there are GET /api/v1/reference';
  expect([response.status, await response.json()]).toEqual([404, { error: told }]);
});

async function read(path = '') {
  const response = await fetch(url + path);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('the reference page', () => {
  it('has a section for each operation, which an anchor and an address of its own lead to', async () => {
    const { status, headers, text } = await read();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const { name, summary } of OPERATIONS) {
      const place = PLACES[name] ?? { method: 'get', path: '?' };
      expect(text.split(`<section id="${name}">`), name).toHaveLength(2);
      expect(text).toContain(`<a href="#${name}">`);
      expect(text).toContain(summary.replaceAll("'", '&#39;').replaceAll('"', '&quot;'));
      expect(text).toContain(`<code>${place.method.toUpperCase()} ${fullPath(place)}</code>`);
    }
    const { text: one } = await read('/create_task');
    expect(one.split('<section')).toHaveLength(2);
    expect(one).toContain('curl -X POST &quot;$CODERED_URL/api/v1/projects/$PROJECT_ID/tasks&quot;');
    expect(one).toContain('{&quot;title&quot;:&quot;Mend the build&quot;}');
    expect(one).toMatch(/<code>title<\/code><\/td><td>text, 1 to 500 characters<\/td><td>body, needed<\/td>/);
    expect(one).toMatch(/<code>zone<\/code><\/td><td>red, yellow or green<\/td>/);
    expect(one).toContain('<code>409</code>');
  });

  it('runs no script, loads nothing, and can stand in no frame', async () => {
    const { headers, text } = await read();
    expect(text).not.toMatch(/<script|<link|<img|\son\w+=|style=/i);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  });

  it('finds operations by words, says when none has them, and shows what was sought as text', async () => {
    const { text } = await read('?find=POST+lock');
    expect(text).toContain('<section id="lock_task">');
    expect(text).not.toContain('<section id="list_tasks">');
    const hostile = await read(`?find=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect([hostile.status, hostile.text.includes('<script')]).toEqual([200, false]);
    expect(hostile.text).toContain('No operation has these words.');
    expect(hostile.text).toContain('value="&quot;&gt;&lt;script&gt;');
  });

  it('says that there is no such operation, and that it is only read', async () => {
    const absent = await read('/%3Cscript%3E');
    expect([absent.status, absent.text.includes('There is no operation of this name.')]).toEqual([404, true]);
    expect(absent.text).not.toContain('<script');
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });
});
