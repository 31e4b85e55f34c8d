// Answers a request with a small JSON body.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long, and over how many bytes, a sender whose body we do not want may go on sending it. */
const LINGER_MS = 2_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** Sends the answer, which nobody keeps unless its headers say so. A body that was not read to its end is left to `linger`. */
export function answer(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
  const text = `${JSON.stringify(body)}\n`;
  const closing = request.complete ? {} : { connection: 'close' };
  const always = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...closing };
  // https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5: no content follows.
  if (status === 304 || status === 204) {
    response.writeHead(status, { ...always, ...headers }).end();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...always,
    ...headers,
  });
  if (request.complete) response.end(text);
  else linger(request, response, text);
}

/**
 * Sends the answer while the sender is still sending, and throws away what comes, because closing a connection with
 * unread bytes resets it, and then the sender may never see the answer.
 */
function linger(request: IncomingMessage, response: ServerResponse, text: string): void {
  let bytes = 0;
  response.write(text);
  const timer = setTimeout(() => response.end(), LINGER_MS);
  const finish = () => {
    clearTimeout(timer);
    response.end();
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) finish();
  });
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}
