// A message of MCP as a client sends it: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports

import { z } from 'zod';

const VERSION = '2026-07-28';
/** What an agent that takes tasks asks for. */
export const MCP_PATH = '/mcp?toolset=tasks,agents';

/** The request that calls a tool. */
export function toolCall(name: string, given: object): { headers: Record<string, string>; json: object } {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientInfo': { name: 'demo', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return {
    headers: {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given, _meta } },
  };
}

const result = z.object({
  result: z.object({ structuredContent: z.object({ answer: z.unknown() }), isError: z.boolean().optional() }),
});

/** What the tool gave; throws ZodError when it refused, or the answer is none of MCP. */
export function answerIn(text: string): unknown {
  const { structuredContent, isError } = result.parse(JSON.parse(text)).result;
  if (isError === true) throw new TypeError(`The tool refuses: ${JSON.stringify(structuredContent)}`);
  return structuredContent.answer;
}
