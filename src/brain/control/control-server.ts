// Lets commands of the same user call functions of the embedded database while this process has it.

import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { makePlace } from './control-place.ts';
import {
  ANSWER_BYTES,
  type ControlRequest,
  errorLine,
  REFUSAL,
  REQUEST_BYTES,
  readRequest,
} from './control-protocol.ts';
import { readLine } from './line.ts';

/** A command asks one thing at a time. */
const MOST_CONNECTIONS = 16;
const REQUEST_MS = 5_000;
const TAKE_MS = 30_000;

/** Far more often than a command gives up a silent server, which is after 30 s. */
const SIGN_MS = 2_000;
/** JSON allows it before a value, so that what is sent stays one line of JSON. */
const SIGN_OF_LIFE = ' ';

export interface ControlOptions {
  /** The data directory, whose lock this process holds. */
  readonly directory: string;
  readonly call: (name: ControlRequest['call'], args: ControlRequest['args']) => Promise<unknown>;
  readonly requestMs?: number;
  readonly takeMs?: number;
  /** How often a command hears, while its call is under way, that this process lives. */
  readonly signMs?: number;
}

/** Listens until `close`, which ends every connection. Throws when there can be no socket. */
export async function startControl(options: ControlOptions): Promise<{ readonly close: () => Promise<void> }> {
  const { path, remove } = makePlace(options.directory);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    // What a client does to its own end concerns nobody else.
    socket.on('error', () => socket.destroy());
    void serve(socket, options).catch(() => socket.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(path);
  try {
    await once(server, 'listening');
    // The folder lets nobody else in from the start; this is for who looks at the file.
    chmodSync(path, 0o600);
  } catch (error) {
    remove();
    throw error;
  }
  server.unref();
  return {
    close: async () => {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      remove();
    },
  };
}

/** One question, one answer, and signs of life until it comes; whoever is too slow to ask or to take the answer is let go. */
async function serve(
  socket: Socket,
  { call, requestMs = REQUEST_MS, takeMs = TAKE_MS, signMs = SIGN_MS }: ControlOptions,
): Promise<void> {
  const request = readRequest(await readLine(socket, { bytes: REQUEST_BYTES, withinMs: requestMs }));
  const signs = setInterval(() => socket.write(SIGN_OF_LIFE), signMs).unref();
  socket.on('close', () => clearInterval(signs));
  const line = request === null ? REFUSAL : await answerTo(request, call);
  clearInterval(signs);
  const timer = setTimeout(() => socket.destroy(), takeMs);
  socket.on('close', () => clearTimeout(timer));
  socket.end(`${line}\n`);
}

async function answerTo({ call: name, args }: ControlRequest, call: ControlOptions['call']): Promise<string> {
  try {
    const line = JSON.stringify({ answer: (await call(name, args)) ?? null });
    return Buffer.byteLength(line) <= ANSWER_BYTES ? line : errorLine(new Error('too large'));
  } catch (thrown) {
    return errorLine(thrown);
  }
}
