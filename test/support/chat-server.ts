// A server with the chat completions of OpenAI's interface, as far as they are used: it answers what a test tells it, and keeps what it was asked.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** What it answers: JSON with 200, or something else. */
export interface ChatReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Sent as it is instead of JSON. */
  readonly text?: string;
}

/** One request as it came. */
export interface ChatRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answer of a model that says `content`, and what it counted. */
export function saying(
  content: string,
  more: { readonly finish_reason?: string; readonly refusal?: string } = {},
): ChatReply {
  const { finish_reason = 'stop', refusal = null } = more;
  const message = { role: 'assistant', content, refusal };
  return {
    json: {
      object: 'chat.completion',
      model: 'small-1',
      choices: [{ index: 0, finish_reason, message }],
      usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 },
    },
  };
}

/** Answers `replies` one after the other, the last of them again and again; null: no answer at all. */
export async function openChatServer(replies: readonly (ChatReply | null)[]) {
  const asked: ChatRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const reply = replies[Math.min(asked.length, replies.length - 1)];
    asked.push({
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    });
    if (reply === null || reply === undefined) return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.text ?? JSON.stringify(reply.json ?? {}));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
