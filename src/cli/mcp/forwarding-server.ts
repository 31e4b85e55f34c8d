// The MCP server that a client sees on standard input and output: it has no tools of its own.
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { asError, Misconfigured, Rejected } from '../../model/errors.ts';
import type { Forwarder } from './forward.ts';

/** One for a connection. What can't be forwarded is a refusal that says what to do, never an empty answer. */
export function makeForwardingServer(forward: Forwarder, instructions: string | undefined): Server {
  const server = new Server(
    { name: 'codered', title: 'CodeRed', version: '1' },
    { capabilities: { tools: {} }, ...(instructions === undefined ? {} : { instructions }) },
  );
  server.setRequestHandler('tools/list', async (_, { mcpReq }) => {
    try {
      return await forward.listTools(mcpReq.signal);
    } catch (thrown) {
      throw new ProtocolError(ProtocolErrorCode.InternalError, asError(thrown).message);
    }
  });
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    try {
      return await forward.callTool({ name: params.name, given: params.arguments }, mcpReq.signal);
    } catch (thrown) {
      const { message } = asError(thrown);
      if (thrown instanceof Rejected) throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
      const code = thrown instanceof Misconfigured ? 'refused_token' : 'not_answered';
      const error = {
        code,
        message,
        what_to_do: 'Nothing was answered: make nothing up instead, and tell whoever runs you',
      };
      return { content: [{ type: 'text', text: JSON.stringify({ error }) }], isError: true };
    }
  });
  return server;
}
