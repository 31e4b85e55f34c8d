// Posts JSON and reads the answer, bounded in bytes and time; follows no redirect, so that a token goes nowhere else.

import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { asError, Transient } from '../model/errors.ts';
import { isTooDeep } from './json-result.ts';

/** What is sent, and within which bounds. */
export interface Post {
  readonly url: string;
  /** Goes as a bearer token; null: none. It stands in no message. */
  readonly token: string | null;
  readonly body: unknown;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  readonly mostBytes: number;
}

/** An answer, whatever its status. */
export interface Posted {
  readonly status: number;
  /** Undefined when the body is no JSON, or is nested so deep that writing it again would fail. */
  readonly json: unknown;
  /** How long the other asks to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null;
}

/** Throws Transient when no whole answer came in time, and what `stop` was aborted with. */
export async function postJson({ url, token, body, timeoutMs, stop, mostBytes }: Post): Promise<Posted> {
  const content = Buffer.from(JSON.stringify(body));
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  try {
    // Not fetch: it gives up after five minutes without a header, and a model may think longer.
    const request = send(url, {
      method: 'POST',
      signal,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': content.length,
        'user-agent': 'codered',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    request.end(content);
    const [response]: IncomingMessage[] = await once(request, 'response');
    // Whoever refuses a body without reading it may hang up afterwards.
    request.on('error', () => {});
    if (response === undefined) throw new TypeError('no response');
    const text = await bounded(response, mostBytes);
    return { status: response.statusCode ?? 0, json: jsonIn(text), retryAfterMs: retryAfter(response) };
  } catch (thrown) {
    stop.throwIfAborted();
    const error = asError(thrown);
    const why = signal.aborted ? `no whole answer within ${timeoutMs / 1000} s` : reasonOf(error);
    throw new Transient(`${new URL(url).origin} gives no answer (${why})`, { cause: error });
  }
}

async function bounded(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      response.destroy();
      throw new RangeError(`it sends more than ${mostBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function retryAfter({ headers }: IncomingMessage): number | null {
  const said = headers['retry-after']?.trim() ?? '';
  if (said === '') return null;
  const seconds = Number(said);
  const ms = Number.isNaN(seconds) ? Date.parse(said) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}

/** "connect ECONNREFUSED …" is empty where several addresses were tried. */
function reasonOf(error: Error): string {
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** CodeRed takes 1,000 levels itself. */
const MOST_LEVELS = 2_000;

function jsonIn(text: string): unknown {
  if (isTooDeep(text, MOST_LEVELS)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
