// A stand-in for GitHub on 127.0.0.1: its API over in-memory state, every request and answer held against GitHub's
// own description, and a sender of webhooks.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isJsonObject, type Json, type JsonObject } from './contract/json-value.ts';
import { loadGithubContract } from './contract/openapi-contract.ts';
import { createFailures, type Failure, type FailureMatch, type Failures } from './failures.ts';
import { createResponder, type Outcome, type Responder, type Violation } from './responder.ts';
import { createLogStorage, type LogStorage } from './routes/log-storage.ts';
import type { Answer, AppIdentity } from './routes/route.ts';
import { serveSignIn } from './sign-in-pages.ts';
import { createDeliveries, type Deliveries } from './state/deliveries.ts';
import { createGithubState, type GithubState } from './state/github-state.ts';
import { type DeliveryOptions, sendWebhook, type WebhookTarget } from './webhook-sender.ts';

/** Whose GitHub it is: the one App it knows. */
export interface StandInOptions {
  appId: number;
  /** The public half of the App's private key, PEM. */
  publicKeyPem: string;
  appSlug: string;
  /** Where `deliver` sends to; may be set later through the returned `webhook`. */
  webhook?: WebhookTarget;
}

/** One request the stand-in was sent, in the order of the answers. */
export interface RecordedRequest {
  method: string;
  /** Without the query and any `/api/v3`. */
  path: string;
  query: string;
  body: Json | undefined;
  /** 0 when the connection was closed without an answer. */
  status: number;
  /** Milliseconds since 1970 at which the answer was sent. */
  at: number;
  /** The installation whose token was used; null for the App's own and for none. */
  installation: number | null;
}

/** A request that GitHub would not have accepted, or a change it would have left undone. */
export interface Refusal {
  method: string;
  path: string;
  status: number;
  message: string;
}

/** A running stand-in: what it knows, what it was asked, and what went wrong. */
export interface GithubStandIn {
  /** Octokit's `baseUrl`; the same under `/api/v3` for GHE_HOST. */
  url: string;
  state: GithubState;
  requests: RecordedRequest[];
  /** Answers that break GitHub's description, and requests it knows but the stand-in does not: faults of the stand-in. */
  violations: Violation[];
  refused: Refusal[];
  webhook: { target: WebhookTarget | null };
  failNext(match: FailureMatch, failure: Failure): void;
  /** What was sent, newest last, as `GET /app/hook/deliveries` lists it; `loses` has the network lose some. */
  deliveries: Deliveries;
  /** Sends a webhook to the target; throws when none was set. */
  deliver(event: string, payload: JsonObject, options?: DeliveryOptions): Promise<Response>;
  close(): Promise<void>;
}

/** The id of the App's bot user, which writes its comments. */
const BOT_ID = 198_982_749;

/** Starts a stand-in on a free port. Throws `MissingPackage` when the development dependencies are not installed. */
export async function startGithubStandIn(options: StandInOptions): Promise<GithubStandIn> {
  const { appId, publicKeyPem, appSlug } = options;
  const app: AppIdentity = { id: appId, slug: appSlug, botId: BOT_ID, publicKeyPem };
  const state = createGithubState();
  const storage = createLogStorage();
  const failures = createFailures();
  const webhook: GithubStandIn['webhook'] = { target: options.webhook ?? null };
  const deliveries = createDeliveries(({ event, payload, guid }, delivery) => {
    if (webhook.target === null) throw new TypeError('the stand-in has no webhook target: set webhook.target first');
    return sendWebhook(webhook.target, { event, payload, appId, options: { ...delivery, guid } });
  });
  const contract = await loadGithubContract();
  const responder = createResponder({ app, state, storage, failures, deliveries, contract });
  const context: Context = { responder, storage, state, failures, requests: [], refused: [] };
  const server = createServer((request, response) => {
    serve(context, request, response).catch((thrown) => {
      const problem = thrown instanceof Error ? String(thrown.stack) : String(thrown);
      responder.violations.push({ operation: `${request.method} ${request.url}`, problems: [problem] });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: originOf(server.address()),
    state,
    requests: context.requests,
    violations: responder.violations,
    refused: context.refused,
    webhook,
    failNext: failures.failNext,
    deliveries,
    deliver: (event, payload, delivery = {}) => deliveries.send({ event, payload }, delivery),
    async close() {
      await deliveries.settled();
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
    },
  };
}

interface Context {
  responder: Responder;
  storage: LogStorage;
  state: GithubState;
  failures: Failures;
  requests: RecordedRequest[];
  refused: Refusal[];
}

/** Answers one request and writes it down. */
async function serve(
  { responder, storage, state, failures, requests, refused }: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const [path = '/', query = ''] = url.replace(/^\/api\/v3(?=\/)/, '').split('?', 2);
  const record = (status: number, { body, installation }: Pick<Outcome, 'body' | 'installation'>): void => {
    requests.push({ method, path, query, body, status, at: Date.now(), installation });
  };
  if (await storage.serve(request, response)) {
    return record(response.statusCode, { body: undefined, installation: null });
  }
  const text = await readText(request);
  if (path.startsWith('/login/')) {
    const failure = failures.take('before', method, path);
    if (failure === 'hang up') request.socket.destroy();
    else if (failure !== null) send(response, failure);
    else if (!serveSignIn(state.signIn, { request, response, text })) response.writeHead(404).end();
    // What is sent there is secret.
    return record(response.statusCode, { body: undefined, installation: null });
  }
  const origin = originOf(request.socket.address());
  const outcome = responder.answer({ method, path, query, text, headers: request.headers, origin });
  const { answer } = outcome;
  if (answer === 'hang up') {
    record(0, outcome);
    request.socket.destroy();
    return;
  }
  if ('refused' in answer && answer.refused !== undefined) {
    refused.push({ method, path, status: answer.status, message: answer.refused });
  }
  const toSend = unlessSame(answer, request.headers['if-none-match']);
  record(toSend.status, outcome);
  send(response, toSend);
}

/** What was read before, by the word of that answer, is not sent again. docs/github.md#rate-limits */
function unlessSame(answer: Answer, known: string | undefined): Answer {
  if (answer.status !== 200 || answer.body === undefined || 'refused' in answer) return answer;
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`;
  const headers = { ...answer.headers, etag };
  return known === etag ? { status: 304, headers } : { ...answer, headers };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Like GitHub, JSON unless the answer says otherwise, and the limits in the headers. */
function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const type = isJsonObject(body) || Array.isArray(body) ? { 'content-type': 'application/json; charset=utf-8' } : {};
  response.writeHead(status, {
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': 'C0DE:1234:5678:9ABC',
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    ...type,
    ...headers,
  });
  response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
}

function originOf(address: AddressInfo | object | string | null): string {
  if (address !== null && typeof address === 'object' && 'port' in address) return `http://127.0.0.1:${address.port}`;
  throw new TypeError('the stand-in does not listen on a port');
}
