// The thread in which the embedded database works: takes questions, answers them one after the other, the urgent ones first.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { asError } from '../../model/errors.ts';
import { type EmbeddedBackend, startEmbedded } from './embedded.ts';
import { SqlError, type SqlSession } from './sql-backend.ts';
import type { Answered, FromThread, Question, ThreadStart, ThrownThere, ToThread } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs in a thread');
const tell = (message: FromThread) => port.postMessage(message);

const { files, dump } = workerData as ThreadStart;
/** A database that broke down answers nobody any more. */
function end(message: string): never {
  tell({ kind: 'ends', message });
  process.exit(0);
}

let backend: EmbeddedBackend;
try {
  // A statement keeps this thread busy, and its event loop from turning: what came meanwhile is read before the next is chosen.
  backend = await startEmbedded({ files, dump, beforeTurn: readAll, onBroken: end });
} catch (error) {
  end(asError(error).message);
}

let session: SqlSession | null = null;
let endSession = () => {};

function readAll(): void {
  if (port === null) return;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) hear(next.message);
}

function hear({ id, question }: ToThread): void {
  answer(question)
    .then(
      (found) => tell({ kind: 'answer', id, answer: found }),
      (thrown: unknown) => tell({ kind: 'error', id, thrown: asPlain(thrown) }),
    )
    .then(() => {
      if (question.kind === 'close') port?.close();
    });
}

async function answer(question: Question): Promise<Answered> {
  switch (question.kind) {
    case 'transact':
      return backend.transact(question.statements, question);
    case 'begin':
      return begin();
    case 'query':
      return lent().query(question.statement.text, question.statement.values);
    case 'script':
      await lent().script(question.text);
      return;
    case 'end':
      endSession();
      return;
    case 'dump':
      return backend.dump();
    case 'close':
      await backend.close();
      return;
    default:
      return question satisfies never;
  }
}

/** Resolves when the connection is lent; `end` gives it back. */
function begin(): Promise<undefined> {
  const begun = Promise.withResolvers<undefined>();
  backend
    .session(async (lentSession) => {
      const ended = Promise.withResolvers<void>();
      session = lentSession;
      endSession = ended.resolve;
      begun.resolve(undefined);
      await ended.promise;
      session = null;
    })
    .catch(begun.reject);
  return begun.promise;
}

function lent(): SqlSession {
  if (session === null) throw new SqlError('no session is open', { code: 'XX000' });
  return session;
}

function asPlain(thrown: unknown): ThrownThere {
  const error = asError(thrown);
  if (!(error instanceof SqlError)) return { message: error.message, code: 'XX000', detail: null, hint: null };
  const { message, code, detail, hint } = error;
  return { message, code, detail, hint };
}

port.on('message', hear);
tell({ kind: 'ready' });
