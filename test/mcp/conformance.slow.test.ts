// MCP's own suite of tests against ours: https://github.com/modelcontextprotocol/conformance
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../brain/security/two-orgs.ts';
import { type McpServer, openMcpServer } from '../support/mcp-server.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CONFORMANCE = fileOf('../../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const EXPECTED = fileOf('conformance.yml');

let server: McpServer;
let withToken: Server;
let results = '';
beforeAll(async () => {
  server = await openMcpServer();
  withToken = passOn(server.url, await server.tokenOf(PEOPLE.a.member));
  await once(withToken.listen(0, '127.0.0.1'), 'listening');
  results = await mkdtemp(path.join(tmpdir(), 'codered-conformance-'));
});
afterAll(async () => {
  withToken.close();
  await server.close();
  await rm(results, { recursive: true });
});

/** Passes everything on as it is, with a token, which the suite has none of. */
function passOn(url: string, token: string): Server {
  return createServer((incoming, outgoing) => {
    const { method = 'GET', headers } = incoming;
    const onward = request(url, { method, headers: { ...headers, authorization: `Bearer ${token}` } }, (answered) => {
      outgoing.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
}

describe("MCP's conformance suite", () => {
  it('passes but for what asks for tools, resources or prompts of its own', async () => {
    const { port } = withToken.address() as AddressInfo;
    const args = ['server', '--url', `http://127.0.0.1:${port}/mcp`, '--suite', 'all', '-o', results];
    const { code, said } = await run([CONFORMANCE, ...args, '--expected-failures', EXPECTED]);
    expect(code, said).toBe(0);
    expect(said).toContain('server-initialize');
  });
});

function run(args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (_, out, err) =>
      resolve({ code: child.exitCode ?? 1, said: `${out}\n${err}` }),
    );
  });
}
