// A person with a token at a terminal: what they type, with names for what they keep, and the essential of what comes back.

import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { Rejected } from '../../model/errors.ts';
import { answerIn, MCP_PATH, toolCall } from './agents/mcp-message.ts';
import { type Line, makeCurl, type Received } from './curl.ts';

/** What the play expects of an answer. */
export interface Expected {
  /** 200 unless told. */
  readonly status?: number;
  readonly sends?: object;
  readonly method?: string;
  /** The Idempotency-Key. */
  readonly key?: string;
  /** Reads the essential from the answer: JSON, or text where it is none. */
  readonly answer: z.ZodType<string>;
}

/** Who types. */
export interface Person {
  /** Sends a request and tells of it. In `path` and in what is sent `$NAME` stands for what was kept under that name. */
  readonly ask: (says: string, path: string, expected: Expected) => Promise<void>;
  /** Calls a tool over MCP and tells of it. */
  readonly call: (says: string, tool: string, given: object, answer: z.ZodType<string>) => Promise<void>;
  readonly keep: (name: string, value: string) => void;
  /** Asks again and again without telling of it, until the answer is of that form. Throws Rejected after two minutes. */
  readonly wait: (path: string, until: z.ZodType) => Promise<void>;
}

/** Longer answers are cut. */
const SHOWN_CHARACTERS = 90;
const WAIT_MS = 120_000;
const LOOK_MS = 200;

/** Somebody with this token. `ask` throws Rejected when the status is another than was expected. */
export function makePerson({
  url,
  token,
  onLine,
}: {
  readonly url: string;
  readonly token: string;
  readonly onLine: (line: Line) => void;
}): Person {
  const curl = makeCurl();
  const kept = new Map<string, string>();
  const filled = (text: string) => [...kept].reduce((now, [name, value]) => now.replaceAll(`$${name}`, value), text);
  const named = (text: string) => [...kept].reduce((now, [name, value]) => now.replaceAll(value, `$${name}`), text);
  const shown = (words: string) => {
    const text = named(words);
    return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  };
  return {
    keep: (name, value) => void kept.set(name, value),
    wait: (path, until) => {
      const look = () => curl(url + filled(path), { headers: { authorization: `Bearer ${token}` } });
      return waitFor(path, until, look);
    },
    async ask(says, path, { status = 200, sends, method, key, answer }) {
      const to = path.startsWith('/') ? url + filled(path) : filled(path);
      const headers = { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': key }) };
      const json = sends === undefined ? undefined : JSON.parse(filled(JSON.stringify(sends)));
      const received = await curl(to, {
        headers,
        ...(method === undefined ? {} : { method }),
        ...(json === undefined ? {} : { json }),
      });
      if (received.status !== status) throw new Rejected(`${path} was answered with ${received.status}`);
      const isJson = received.headers.get('content-type')?.includes('json') === true;
      const words = answer.parse(isJson ? JSON.parse(received.text) : received.text);
      onLine({ says, typed: typedOf(path, { sends, method, key }), status, answer: shown(words) });
    },
    async call(says, tool, given, answer) {
      const { headers, json } = toolCall(tool, JSON.parse(filled(JSON.stringify(given))));
      const sent = { headers: { ...headers, authorization: `Bearer ${token}` }, json };
      const { status, text } = await curl(url + MCP_PATH, sent);
      if (status !== 200) throw new Rejected(`${tool} was answered with ${status}: ${text.slice(0, 500)}`);
      const typed = `mcp ${tool} '${JSON.stringify(given)}'`;
      onLine({ says, typed, status, answer: shown(answer.parse(answerIn(text))) });
    },
  };
}

async function waitFor(path: string, until: z.ZodType, look: () => Promise<Received>): Promise<void> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const { text } = await look();
    if (until.safeParse(JSON.parse(text)).success) return;
    if (performance.now() > end) throw new Rejected(`${path} is not what it was to be: ${text.slice(0, 500)}`);
    await pause(LOOK_MS);
  }
}

function typedOf(path: string, { sends, method, key }: Pick<Expected, 'sends' | 'method' | 'key'>): string {
  const to = path.startsWith('/') ? `$URL${path}`.replace('$URL/api/v1', '$API') : path;
  const words = [
    'api',
    ...(key === undefined ? [] : [`-H 'Idempotency-Key: ${key}'`]),
    ...(method === undefined ? [] : [`-X ${method}`]),
    ...(sends === undefined ? [] : [`--json '${JSON.stringify(sends)}'`]),
    to.includes('&') ? `"${to}"` : to,
  ];
  return words.join(' ');
}
