// A way to a server on which requests are refused or answers lost, as a test wants it. For tests of what rides that out.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** What happens to a request: it goes through, is refused for now, never gets there, or gets there and its answer is lost. */
export type Fate = 'through' | 'busy' | 'down' | 'answer lost';

/** One that went by. */
export interface Passed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `fateOf` is asked for each request, with how many had that path before. */
export async function openRoughWay(target: string, fateOf: (path: string, before: number) => Fate) {
  const passed: Passed[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? '';
    const body = Buffer.concat(chunks);
    const fate = fateOf(path, passed.filter((one) => one.path === path).length);
    passed.push({ path, headers: request.headers, body: body.toString() });
    if (fate === 'busy') {
      response.writeHead(429, { 'retry-after': '0', 'content-type': 'application/json' }).end('{}');
      return;
    }
    if (fate === 'down') return void request.socket.destroy();
    const { authorization = '' } = request.headers;
    const answer = await fetch(target + path, {
      method: request.method ?? 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body,
    });
    const text = await answer.text();
    if (fate === 'answer lost') return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
