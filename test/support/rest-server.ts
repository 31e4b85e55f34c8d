// The operations over REST on a real port, with two organisations and people who have tokens.

import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { makeApi } from '../../src/http/api.ts';
import { listen } from '../../src/http/listen.ts';
import { makeOpenapiPage } from '../../src/http/rest/openapi.ts';
import { makeRest, type RestDeps } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeStreams, type StreamDeps } from '../../src/http/streams/streams.ts';
import { seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from './brain.ts';
import { expectDescribed } from './described.ts';
import { makeLogLines } from './log-lines.ts';
import { openStream } from './read-stream.ts';

/** What is sent; `body` becomes JSON, `raw` goes as it is. */
export interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Record<string, string>;
}

/** A server and the ways to ask it. */
export type RestServer = Awaited<ReturnType<typeof openRestServer>>;

interface StreamOptions {
  readonly streams?: StreamDeps['limits'];
}

/**
 * Opens both, on a brain of its own, with what else REST is given. Whose address a request has, its header `x-address` says. `close` ends
 * them.
 */
export async function openRestServer(
  asGiven: (Partial<RestDeps> & StreamOptions) | ((brain: TestBrain) => Partial<RestDeps> & StreamOptions) = {},
) {
  const brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  const { streams: limits, ...more } = typeof asGiven === 'function' ? asGiven(brain) : asGiven;
  const { log, lines } = makeLogLines();
  const asked: string[] = [];
  const refused: string[] = [];
  const watched = {
    callAs: ((call) => {
      asked.push(call.name);
      return brain.callAs(call).catch((thrown: unknown) => {
        refused.push(call.name);
        throw thrown;
      });
    }) satisfies TestBrain['callAs'] as TestBrain['callAs'],
    call: ((name: string, ...rest: unknown[]) => {
      asked.push(name);
      return (brain.call as (...all: unknown[]) => unknown)(name, ...rest);
    }) as TestBrain['call'],
  };
  const onError = () => {};
  const addressOf = ({ headers }: IncomingMessage) => headers['x-address']?.toString() ?? null;
  const quiet = { info: () => {}, error: () => {} };
  const given = { brain: watched, log, addressOf, ...more };
  const streams = makeStreams({ ...given, pollMs: 20, ...(limits === undefined ? {} : { limits }) });
  const operations = makeRest(given).route('/', streams.routes);
  const resources = [makeOpenapiPage(), makeApi({}, quiet, operations)];
  const handlers = [serveRoutes({ resources, onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  return {
    brain,
    url: http.url,
    lines,
    /** The functions of the database that were called, in order. */
    asked,
    /** Those that a person called and that were refused. */
    refused,
    tokenOf: (userId: string, scope?: string) => tokenOf(brain, userId, scope),
    ask: (token: string, path: string, sent: Sent = {}) => ask(`${http.url}/api/v1${path}`, token, sent),
    /** The same under the paths of document 002. */
    askV1: (token: string, path: string, sent: Sent = {}) => ask(`${http.url}/v1${path}`, token, sent),
    /** The same with the whole path. */
    askWhole: (token: string, path: string, sent: Sent = {}) => ask(http.url + path, token, sent),
    /** The same of a stream, which stays open. */
    follow: (token: string, path: string, headers: Record<string, string> = {}) =>
      openStream(http.url + path, token, headers),
    /** Ends the streams, as a process does that stops. */
    endStreams: streams.close,
    close: async () => {
      await streams.close();
      await http.close(1000);
      await brain.close();
    },
  };
}

async function tokenOf(brain: TestBrain, user_id: string, scope = 'read tasks agents'): Promise<string> {
  const made = `crd_${randomUUID()}`;
  await brain.call('create_token', {
    user_id,
    name: 'rest',
    token_hash: createHash('sha256').update(made).digest('hex'),
    scope,
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  return made;
}

async function ask(url: string, token: string, { method = 'GET', body, raw, headers = {} }: Sent) {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  expectDescribed({ method, url, status: response.status, headers: response.headers, text });
  return { status: response.status, headers: response.headers, text, json: text === '' ? null : JSON.parse(text) };
}
