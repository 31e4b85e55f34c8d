// Asks the MCP of a running CodeRed over HTTP, one message at a time.
import { type CallToolResult, isSpecType, type ListToolsResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { printable } from '../terminal/printable.ts';

const VERSION = '2026-07-28';
/** Answers have 10,000 tokens at the most: a server that sends more is none of ours. */
const LONGEST_ANSWER = 4 * 1024 * 1024;
/** A call that has GitHub asked takes seconds. */
const WAIT_MS = 120_000;

/** What is forwarded; anything else in an answer is of the connection between the two. */
const listed = z.object({ tools: z.array(z.looseObject({ name: z.string() })) });
const called = z.object({
  content: z.array(z.looseObject({ type: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});
const discovered = z.object({ instructions: z.string().optional() });
const answered = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ message: z.string(), code: z.number() }) }),
]);

export interface Forwarder {
  readonly discover: (signal: AbortSignal) => Promise<z.output<typeof discovered>>;
  readonly listTools: (signal: AbortSignal) => Promise<ListToolsResult>;
  readonly callTool: (call: { name: string; given: unknown }, signal: AbortSignal) => Promise<CallToolResult>;
}

/**
 * Each of its functions throws Misconfigured for a token that is refused, Transient where CodeRed is not reached or can't answer now,
 * Rejected for what it refuses.
 */
export function makeForwarder({ url, token }: { readonly url: string; readonly token: string }): Forwarder {
  const ask = async (method: string, params: Record<string, unknown>, signal: AbortSignal): Promise<unknown> => {
    const response = await post(url, { token, method, params, signal });
    const text = await boundedText(response);
    const body = answered.safeParse(jsonOf(text));
    if (response.status === 401 || response.status === 403) {
      const said = body.success && 'error' in body.data ? printable(body.data.error.message) : 'it did not say why';
      throw new Misconfigured(`CodeRed at ${new URL(url).origin} refuses the token: ${said}`);
    }
    if (!body.success) {
      throw new Transient(
        `At ${new URL(url).origin} is no CodeRed with MCP: it answered ${response.status} and no message of MCP`,
      );
    }
    if ('error' in body.data) {
      const message = printable(body.data.error.message);
      if (response.status === 429 || response.status >= 500) throw new Transient(message);
      throw new Rejected(message);
    }
    return body.data.result;
  };
  return {
    discover: async (signal) => discovered.parse(await ask('server/discover', {}, signal)),
    listTools: async (signal) => {
      const list = listed.parse(await ask('tools/list', {}, signal));
      if (isSpecType.ListToolsResult(list)) return list;
      throw new Transient('CodeRed answered with no list of tools');
    },
    callTool: async ({ name, given }, signal) => {
      const result = called.parse(await ask('tools/call', { name, arguments: given ?? {} }, signal));
      if (isSpecType.CallToolResult(result)) return result;
      throw new Transient('CodeRed answered with no result of a tool');
    },
  };
}

interface Message {
  readonly token: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

async function post(url: string, { token, method, params, signal }: Message): Promise<Response> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientInfo': { name: 'codered mcp --stdio', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  try {
    return await fetch(url, {
      method: 'POST',
      // The token is for this address and no other.
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...(typeof params.name === 'string' ? { 'mcp-name': headerText(params.name) } : {}),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]),
    });
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const { cause, message } = asError(thrown);
    const why = cause === undefined ? message : asError(cause).message;
    const { origin } = new URL(url);
    throw new Transient(
      `CodeRed is not reached at ${origin} (${printable(why)}): see that it runs, and that CODERED_URL is right`,
      {
        cause: thrown,
      },
    );
  }
}

/** What no header may hold is no name of a tool. */
function headerText(name: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(name) ? name : 'none';
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER) throw new Transient('The answer is longer than any of CodeRed');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
