// The clients that agents are made with, of both protocols, over HTTP and over `codered mcp --stdio`.
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio2025 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAMED = { name: 'story', version: '1' };

/** What a story needs of a client, whichever it is. */
export interface AnyClient {
  readonly protocol: string | undefined;
  readonly instructions: string | undefined;
  readonly tools: () => Promise<string[]>;
  readonly call: (name: string, given: Record<string, unknown>) => Promise<z.output<typeof called>>;
  readonly close: () => Promise<void>;
}

const called = z.object({
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

export interface Reached {
  /** Of MCP, with a query. */
  readonly url: string;
  readonly token: string;
}

/** Each way in, by what it is. */
export const WAYS = {
  '2026-07-28 over HTTP': (to) => modern(new StreamableHTTPClientTransport(new URL(to.url), bearer(to)), 'auto'),
  '2025-11-25 over HTTP, of the same client': (to) =>
    modern(new StreamableHTTPClientTransport(new URL(to.url), bearer(to)), 'legacy'),
  '2025-11-25 over HTTP': (to) => old(new Http2025(new URL(to.url), bearer(to))),
  '2026-07-28 over standard input': (to) => modern(new StdioClientTransport(stdio(to)), 'auto'),
  '2025-11-25 over standard input': (to) => old(new Stdio2025(stdio(to))),
} satisfies Record<string, (to: Reached) => Promise<AnyClient>>;

function bearer({ token }: Reached) {
  return { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

/** The command as a configuration of a client starts it, with nothing else of this process's environment. */
function stdio({ url, token }: Reached) {
  const { origin, searchParams } = new URL(url);
  const toolset = searchParams.get('toolset');
  return {
    command: process.execPath,
    args: ['src/main.ts', 'mcp', '--stdio', ...(toolset === null ? [] : ['--toolset', toolset])],
    cwd: ROOT,
    env: { CODERED_URL: origin, CODERED_TOKEN: token, PATH: process.env.PATH ?? '' },
    stderr: 'pipe' as const,
  };
}

type Modern = Parameters<Client['connect']>[0];

async function modern(transport: Modern, mode: 'auto' | 'legacy'): Promise<AnyClient> {
  const client = new Client(NAMED, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    instructions: client.getInstructions(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, given) => called.parse(await client.callTool({ name, arguments: given })),
    close: () => client.close(),
  };
}

async function old(transport: Http2025 | Stdio2025): Promise<AnyClient> {
  const client = new Client2025(NAMED);
  // Its types want what `exactOptionalPropertyTypes` lets nobody give.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    protocol: transport instanceof Http2025 ? transport.protocolVersion : '2025-11-25',
    instructions: client.getInstructions(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, given) => called.parse(await client.callTool({ name, arguments: given })),
    close: () => client.close(),
  };
}
