// The HTTP server: one for everything, with time limits, closed in good order.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { RECEIVER_LIMITS } from '../config/receiver-settings.ts';
import { Misconfigured } from '../model/errors.ts';
import { Connections } from './connections.ts';

/** Resolves to whether it has answered the request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface Listening {
  /** Where it can be reached from this machine. */
  readonly url: string;
  /** When it cuts off a sender, and how often it looks. */
  readonly timeouts: Readonly<Record<'headMs' | 'requestMs' | 'lookMs', number>>;
  /** Takes no more connections and resolves when the open requests are answered, or cut off after `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Slower senders than GitHub are cut off, so that no connection is held for nothing. */
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
/** By default Node checks every 30 s: the two above would be 40 and 60 then. */
const LOOK_MS = 1_000;
/** How long an answer may wait for a client that does not read it. */
const UNREAD_MS = 30_000;
/** Longer than the minute after which common load balancers close an idle connection, so that they close it first. */
const KEEP_ALIVE_MS = 65_000;
/** GitHub sends some fifteen headers, a proxy adds a dozen. */
const HEAD_BYTES = 16 * 1024;
const HEADERS = 100;

export interface ListenDeps {
  readonly handlers: readonly Handler[];
  readonly onError: (error: unknown) => void;
  /** The setting that chooses the port, for the message that it is taken; left out: PORT. */
  readonly portSetting?: string;
  /** Instead of those of this file and config.ts. */
  readonly limits?: Partial<Readonly<Record<'headMs' | 'requestMs' | 'unreadMs' | 'connections', number>>>;
}

/** Starts to listen; the first handler that answers a request ends its way. Throws Misconfigured when the address can't be had. */
export async function listen(
  address: { readonly host: string; readonly port: number },
  { handlers, onError, portSetting = 'PORT', limits = {} }: ListenDeps,
): Promise<Listening> {
  const { headMs = HEAD_MS, requestMs = REQUEST_MS, unreadMs = UNREAD_MS } = limits;
  const lookMs = Math.min(LOOK_MS, headMs, requestMs);
  const server = createServer({
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEAD_BYTES,
  });
  server.maxHeadersCount = HEADERS;
  const connections = new Connections(server, limits.connections ?? RECEIVER_LIMITS.connections);
  server.on('request', (request, response) => {
    void connections.inTurn({ request, response }, async () => {
      await answerWith(handlers, request, response).catch((error: unknown) => {
        onError(error);
        if (response.headersSent) response.destroy();
        else plain(response, 500, 'This request could not be answered; the log says why');
      });
      await sent(response, unreadMs);
      return { broughtIn: request.method === 'POST' && response.statusCode < 300 };
    });
  });
  await bind(server, address, portSetting);
  const timeouts = { headMs, requestMs, lookMs };
  return { url: urlOf(server, address.host), timeouts, close: (graceMs) => close(server, graceMs) };
}

/** Resolves when the answer is out, or its client gone; one that does not read it is cut off. */
async function sent(response: ServerResponse, unreadMs: number): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('finish', resolve).once('close', resolve);
  const timer = setTimeout(() => response.destroy(), unreadMs);
  await promise;
  clearTimeout(timer);
}

async function answerWith(handlers: readonly Handler[], request: IncomingMessage, response: ServerResponse) {
  for (const handler of handlers) if (await handler(request, response)) return;
  plain(response, 404, 'There is nothing here');
}

function plain(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify({ error })}\n`);
}

/** Throws Misconfigured when somebody else listens there, before anything is done that a start which fails had better not do. */
export async function checkAddress(address: { host: string; port: number }, portSetting = 'PORT'): Promise<void> {
  if (address.port === 0) return;
  const server = createServer();
  await bind(server, address, portSetting);
  await new Promise((resolve) => server.close(resolve));
}

function bind(server: Server, { host, port }: { host: string; port: number }, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE' ? `is taken; choose another ${setting}` : `can't be had (${error.code})`;
      reject(new Misconfigured(`The address ${host}:${port} ${advice}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, host: string): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is kept alive becomes idle only once its answer is out.
  const sweeping = setInterval(() => server.closeIdleConnections(), 20);
  const giveUp = new AbortController();
  await Promise.race([closed, wait(graceMs, undefined, { signal: giveUp.signal }).catch(() => {})]);
  giveUp.abort();
  clearInterval(sweeping);
  server.closeAllConnections();
  await closed;
}
