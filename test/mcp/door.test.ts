// Who comes in at /mcp, and what is refused there.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, idOf, markOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { callOf, type McpServer, message, openMcpServer } from '../support/mcp-server.ts';

const project_id = idOf('a', ID.project);
const LIST = message('tools/list');

let server: McpServer;
let token = '';
beforeAll(async () => {
  server = await openMcpServer({ publicUrl: 'https://codered.example', audience: 'https://codered.example/mcp' });
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());

const errorOf = (result: { isError?: boolean; content: { text: string }[] }) => {
  expect(result.isError).toBe(true);
  return JSON.parse(result.content[0]?.text ?? '').error;
};

describe('the door of MCP', () => {
  it('lets nobody in without a token, and says where one is had', async () => {
    const metadata = 'resource_metadata="https://codered.example/.well-known/oauth-protected-resource/mcp"';
    const none = await server.post(null, LIST);
    expect([none.status, none.json.error.data.code]).toEqual([401, 'no_token']);
    expect(none.headers.get('www-authenticate')).toBe(`Bearer ${metadata}`);
    const unknown = await server.post(`crd_${randomUUID()}`, LIST);
    expect([unknown.status, unknown.json.error.data.code]).toEqual([401, 'invalid_token']);
    expect(unknown.headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", ${metadata}`);
    expect((await server.post(null, LIST, { method: 'GET' })).status).toBe(401);
  });

  it('says of what is no token of ours that it is none, as a variable that is not filled in', async () => {
    const { json } = await server.post('%CODERED_TOKEN%', LIST);
    expect(json.error.message).toContain('see that the variable with it is filled in');
  });

  it.each(['*/*', 'text/html, */*;q=0.8', 'application/json'])('answers a client that takes %s', async (accept) => {
    expect((await server.post(token, LIST, { headers: { accept } })).status).toBe(200);
    const initialize = {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    };
    const headers = { accept, 'mcp-protocol-version': '2025-06-18' };
    const { status, headers: told, json } = await server.post(token, initialize, { headers });
    expect(status).toBe(200);
    // Who takes JSON alone gets no stream.
    if (accept === 'application/json') {
      expect(told.get('content-type')).toBe('application/json');
      expect(json.result.serverInfo.name).toBe('codered');
    }
  });

  it('tells an agent as an error that GitHub could not be asked, and never gives an empty answer', async () => {
    const given = { project_id, repository: 'org-a/shop', pull_request: 1, policy: 'dod: {}' };
    const gate = await server.tokenOf(PEOPLE.a.member, 'read gate');
    const error = errorOf(await server.call(gate, 'simulate_policy', given, { query: '?toolset=ci' }));
    expect(error).toMatchObject({ code: 'github_unavailable', message: expect.stringContaining('can not be asked') });
  });

  it('takes no token in an address', async () => {
    const answered = await server.post(token, LIST, { query: `?access_token=${token}` });
    expect([answered.status, answered.json.error.data.code]).toEqual([400, 'token_in_query']);
  });

  it('refuses pages of other origins before anything else', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:3000',
      'https://codered.example.evil.example',
    ]) {
      const answered = await server.post(token, LIST, { headers: { origin } });
      expect([answered.status, answered.json.error.data.code], origin).toEqual([403, 'foreign_origin']);
    }
    expect((await server.post(null, LIST, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await server.post(token, LIST, { headers: { origin: 'https://codered.example' } })).status).toBe(200);
  });

  it('answers POST alone, and what is kept nowhere on the way', async () => {
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const answered = await server.post(token, LIST, { method });
      expect([answered.status, answered.headers.get('allow')], method).toEqual([405, 'POST']);
    }
    const { headers } = await server.post(token, LIST);
    expect([headers.get('cache-control'), headers.get('mcp-session-id')]).toEqual(['no-store', null]);
  });

  it('reads one small flat message of JSON-RPC', async () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`;
    const cases = [
      ['a'.repeat(10 * 1024 * 1024), 413, 'too_large'],
      [JSON.stringify(Array.from({ length: 1_000 }, () => LIST)), 400, 'batch'],
      ['[]', 400, 'batch'],
      [deep, 400, 'malformed'],
      ['{', 400, 'malformed'],
      ['null', 400, 'malformed'],
      ['"tools/list"', 400, 'malformed'],
    ] as const;
    for (const [raw, status, code] of cases) {
      const answered = await server.post(token, LIST, { raw });
      expect([answered.status, answered.json.error.data.code], raw.slice(0, 40)).toEqual([status, code]);
      expect(answered.json).toMatchObject({ jsonrpc: '2.0', id: null });
    }
    const plain = await server.post(token, LIST, { headers: { 'content-type': 'text/plain' } });
    expect(plain.status).toBe(415);
    const packed = await server.post(token, LIST, { headers: { 'content-encoding': 'gzip' } });
    expect(packed.status).toBe(415);
  });

  it('knows no sessions: whoever names one is nobody else', async () => {
    const stranger = await server.tokenOf(PEOPLE.stranger);
    const call = callOf('search_failures', { project_id });
    const headers = { 'mcp-session-id': 'of-somebody-else' };
    const { json } = await server.post(stranger, call, { headers });
    expect(errorOf(json.result).code).toBe('CR004');
    expect(JSON.stringify(json)).not.toMatch(markOf('a'));
  });

  it('answers methods that there are not as JSON-RPC has it', async () => {
    for (const method of ['resources/list', 'prompts/list', 'completion/complete', 'constructor', '__proto__']) {
      expect((await server.post(token, message(method))).json.error.code, method).toBe(-32601);
    }
    expect((await server.post(token, message('subscriptions/listen', { notifications: {} }))).json.error).toBeDefined();
    const unknown = await server.post(token, callOf('drop_everything', {}));
    expect(unknown.json.error).toMatchObject({ code: -32602, message: expect.stringContaining('drop_everything') });
  });

  it('goes on when callers go away in the middle', async () => {
    const gone = Array.from({ length: 10 }, async (_, index) => {
      const away = new AbortController();
      setTimeout(() => away.abort(), index);
      await server.post(token, callOf('search_failures', { project_id }), { signal: away.signal }).catch(() => null);
    });
    await Promise.all(gone);
    expect((await server.call(token, 'list_projects', {})).isError).toBeUndefined();
    expect(server.lines.filter((line) => JSON.stringify(line).includes('could not'))).toEqual([]);
  });
});

describe('a call', () => {
  it('is bound by the sets and the read-only that the client asked for, not the list alone', async () => {
    const given = { project_id, title: 'Not in this set' };
    expect(errorOf(await server.call(token, 'create_task', given))).toMatchObject({
      code: 'tool_not_selected',
      message: expect.stringContaining('toolset=ci,tasks'),
    });
    const readOnly = { query: '?toolset=tasks&read-only' };
    expect(errorOf(await server.call(token, 'create_task', given, readOnly)).code).toBe('tool_not_selected');
    const made = await server.call(token, 'create_task', given, { query: '?toolset=tasks' });
    expect(made.structuredContent.answer.title).toBe('Not in this set');
  });

  it('needs the scope, which a header takes away and never gives', async () => {
    const tasks = { query: '?toolset=tasks' };
    const given = { project_id, title: 'Out of scope' };
    const reader = await server.tokenOf(PEOPLE.a.member, 'read');
    expect(errorOf(await server.call(reader, 'create_task', given, tasks)).code).toBe('insufficient_scope');
    const widened = { ...tasks, headers: { 'x-mcp-scopes': 'read,tasks' } };
    expect(errorOf(await server.call(reader, 'create_task', given, widened)).code).toBe('insufficient_scope');
    const narrowed = { ...tasks, headers: { 'x-mcp-scopes': 'read' } };
    expect(errorOf(await server.call(token, 'create_task', given, narrowed)).code).toBe('insufficient_scope');
    const { json } = await server.post(token, LIST, narrowed);
    expect(json.result.tools.map(({ name }: { name: string }) => name)).not.toContain('create_task');
  });

  it('is refused in words that say which field and what to do', async () => {
    const error = errorOf(await server.call(token, 'search_failures', { project_id: 'x', batch: 3, '\u202e': 1 }));
    expect(error).toMatchObject({ code: 'malformed', message: 'Use limit instead of batch' });
    expect(errorOf(await server.call(token, 'search_failures', { project_id: 'x', nonsense: 1 }))).toMatchObject({
      code: 'malformed',
      what_to_do: expect.any(String),
      details: { fields: [{ field: 'project_id' }, { field: 'nonsense' }] },
    });
    const long = Object.fromEntries(Array.from({ length: 900 }, (_, key) => [`${key}${'k'.repeat(900)}`, 1]));
    const many = { task_id: project_id, title: 5, dependencies: Array.from({ length: 9_000 }, () => 1), ...long };
    const refused = await server.call(token, 'update_task', many, { query: '?toolset=tasks' });
    expect(errorOf(refused).code).toBe('malformed');
    expect(refused.content[0].text.length).toBeLessThan(20_000);
    const cursor = { project_id, cursor: 'made-up' };
    expect(errorOf(await server.call(token, 'search_failures', cursor)).code).toBe('malformed_cursor');
    const kept = { project_id, a: JSON.parse('{"__proto__":1}') };
    expect(errorOf(await server.call(token, 'search_failures', kept)).code).toBe('malformed');
  });

  it('is refused for a project that its person has left, and none of it is told', async () => {
    const theirs = await server.tokenOf(PEOPLE.a.admin);
    expect((await server.call(theirs, 'search_failures', { project_id })).isError).toBeUndefined();
    await server.brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.admin]);
    const left = await server.call(theirs, 'search_failures', { project_id });
    expect(errorOf(left)).toMatchObject({ code: 'CR004', what_to_do: expect.stringContaining('list_projects') });
    expect(JSON.stringify(left)).not.toMatch(markOf('a'));
    expect((await server.call(theirs, 'list_projects', {})).structuredContent.answer.items).toEqual([]);
  });

  it.each([{ repository: 'a/nowhere' }, { pull_request: 4_711 }])(
    'of %o, which there is not, is no empty answer',
    async (which) => {
      for (const tool of ['get_failure_summary', 'search_failures']) {
        expect(errorOf(await server.call(token, tool, { project_id, ...which }))).toMatchObject({ code: 'CR004' });
      }
    },
  );

  it('that can not be answered is a loud refusal, never an empty answer', async () => {
    await server.brain.sql('alter function codered.list_failures rename to gone');
    try {
      const error = errorOf(await server.call(token, 'get_failure_summary', { project_id }));
      expect(error.what_to_do).toContain('nothing may be made up');
    } finally {
      await server.brain.sql('alter function codered.gone rename to list_failures');
    }
  });
});
