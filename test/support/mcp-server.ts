// MCP on a real port, with two organisations and people who have tokens.
import { createHash, randomUUID } from 'node:crypto';
import { listen } from '../../src/http/listen.ts';
import { type DoorDeps, makePersonDoor } from '../../src/http/rest/person-door.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeMcp } from '../../src/mcp/mcp.ts';
import { seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from './brain.ts';
import { makeLogLines } from './log-lines.ts';

/** A server and the ways to ask it. */
export type McpServer = Awaited<ReturnType<typeof openMcpServer>>;

/** Opens both, on a brain of its own. `close` ends them. */
export async function openMcpServer({
  publicUrl = null,
  audience = null,
  ...more
}: Partial<DoorDeps> & { readonly publicUrl?: string | null; readonly audience?: string | null } = {}) {
  const brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  const { log, lines } = makeLogLines();
  const onError = () => {};
  const door = makePersonDoor({ brain, log, ...more });
  const handlers = [serveRoutes({ resources: [makeMcp({ door, log, publicUrl, audience })], onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  const url = `${http.url}/mcp`;
  return {
    brain,
    url,
    lines,
    tokenOf: (userId: string, scope?: string) => tokenOf(brain, userId, scope),
    post: (token: string | null, message: unknown, sent: Sent = {}) => postMcp(url, token, message, sent),
    /** Calls a tool as a client of 2026-07-28 does, without one. */
    call: async (token: string, name: string, given: object, sent: Sent = {}) => {
      const { json, status } = await postMcp(url, token, callOf(name, given), sent);
      if (status !== 200 || json.result === undefined) throw new Error(`${status} ${JSON.stringify(json)}`);
      return json.result;
    },
    close: async () => {
      await http.close(1000);
      await brain.close();
    },
  };
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Behind the path. */
  readonly query?: string;
  /** Instead of the message's JSON. */
  readonly raw?: string;
  readonly signal?: AbortSignal;
}

/** A call as a message of 2026-07-28. */
export function callOf(name: string, given: object) {
  return message('tools/call', { name, arguments: given });
}

/** Any message of 2026-07-28. */
export function message(method: string, params: object = {}) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } };
}

/** Sends a message as a client does, and gives what came back. */
export async function postMcp(
  url: string,
  token: string | null,
  sent: unknown,
  { method = 'POST', headers = {}, query = '', raw, signal }: Sent = {},
) {
  const { method: called, params } = sent as { method?: string; params?: { name?: string } };
  const response = await fetch(`${url}${query}`, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      ...(called === undefined ? {} : { 'mcp-method': called }),
      ...(params?.name === undefined ? {} : { 'mcp-name': params.name }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: raw ?? JSON.stringify(sent) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
}

function jsonOf(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function tokenOf(brain: TestBrain, user_id: string, scope = 'read tasks agents'): Promise<string> {
  const made = `crd_${randomUUID()}`;
  await brain.call('create_token', {
    user_id,
    name: 'mcp',
    token_hash: createHash('sha256').update(made).digest('hex'),
    scope,
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  return made;
}
