// The embedded database in a thread of its own, seen from the main thread, which stays free for HTTP meanwhile.

import { Worker } from 'node:worker_threads';
import { asError, Misconfigured } from '../../model/errors.ts';
import { type EmbeddedBackend, type EmbeddedOptions, embeddedFiles, noStart } from './embedded.ts';
import { SqlError, type SqlSession } from './sql-backend.ts';
import type { Answered, FromThread, Question, ThreadStart, ToThread } from './thread-messages.ts';

/** More than what Postgres may use of its own stack (`startParams` of embedded.ts) takes of this one. */
const STACK_MB = 32;

const WORKER = new URL('./embedded-worker.ts', import.meta.url);

/** `onDeath`: called with the reason why the thread ended although nobody closed it; left out: the process ends with exit code 1. */
export interface ThreadOptions extends EmbeddedOptions {
  readonly onDeath?: (reason: string) => void;
  /** What runs in the thread, a file that imports `embedded-worker.ts`. */
  readonly script?: URL;
}

/**
 * As `openEmbedded`, which says what is thrown and what is durable. The thread keeps the process alive only while a question is
 * unanswered. When it ends by itself, everything that was asked of it is rejected with SqlError of class 57.
 */
export async function openEmbeddedThread({
  directory,
  dump = null,
  onDeath = endProcess,
  script = WORKER,
}: ThreadOptions): Promise<EmbeddedBackend> {
  const place = directory === null ? null : await embeddedFiles(directory, startThread);
  const unlock = place?.unlock ?? (() => {});
  try {
    const thread = new DatabaseThread({ files: place?.files ?? null, dump }, { onDeath, script });
    await thread.ready;
    return backendOver(thread, unlock);
  } catch (error) {
    unlock();
    throw directory === null || error instanceof Misconfigured ? error : noStart(directory, error);
  }
}

/** A thread for making the files alone: its memory, hundreds of megabytes, goes with it. */
async function startThread(unfinished: string): Promise<DatabaseThread> {
  const thread = new DatabaseThread({ files: unfinished, dump: null }, { onDeath: () => {}, script: WORKER });
  await thread.ready;
  return thread;
}

/** There is no database any more, and the next start has all that was confirmed. */
function endProcess(reason: string): void {
  const advice = reason.includes('No space left')
    ? 'make room on its disk, then start CodeRed again'
    : 'start CodeRed again';
  process.stderr.write(
    `The thread of the embedded database ended: ${reason}. Nothing that was stored is lost; ${advice}.\n`,
  );
  process.exit(1);
}

/** Asks, and keeps apart which answer is whose. */
class DatabaseThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #open = new Map<number, PromiseWithResolvers<Answered>>();
  #questions = 0;
  #isClosing = false;
  #failure: SqlError | null = null;

  constructor(start: ThreadStart, { onDeath, script }: Required<Pick<ThreadOptions, 'onDeath' | 'script'>>) {
    this.#worker = new Worker(script, { workerData: start, execArgv: [], resourceLimits: { stackSizeMb: STACK_MB } });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    let isReady = false;
    let reason = 'it stopped by itself';
    this.#worker.on('error', (error) => {
      reason = asError(error).message;
    });
    this.#worker.on('exit', (code) => {
      this.#fail(new SqlError(`The embedded database is closed: ${reason} (${code})`, { code: '57P01' }));
      reject(new Error(reason));
      if (isReady && !this.#isClosing) onDeath(reason);
    });
    this.#worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') {
        isReady = true;
        this.#worker.unref();
        resolve();
      } else if (message.kind === 'ends') {
        reason = message.message;
      } else this.#hear(message);
    });
  }

  ask(question: Question): Promise<Answered> {
    if (this.#failure !== null || this.#isClosing) {
      return Promise.reject(this.#failure ?? new SqlError('The embedded database is closed', { code: '57P01' }));
    }
    const waiting = Promise.withResolvers<Answered>();
    this.#questions += 1;
    if (this.#open.size === 0) this.#worker.ref();
    this.#open.set(this.#questions, waiting);
    this.#worker.postMessage({ id: this.#questions, question } satisfies ToThread);
    return waiting.promise;
  }

  /** Resolves when the thread is gone. */
  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve));
    if (this.#failure !== null) return;
    const closed = this.ask({ kind: 'close' });
    this.#isClosing = true;
    await closed;
    await gone;
  }

  #hear(message: Exclude<FromThread, { kind: 'ready' | 'ends' }>): void {
    const waiting = this.#open.get(message.id);
    this.#open.delete(message.id);
    if (this.#open.size === 0 && !this.#isClosing) this.#worker.unref();
    if (message.kind === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(new SqlError(message.thrown.message, message.thrown));
  }

  #fail(failure: SqlError): void {
    this.#failure ??= failure;
    for (const { reject } of this.#open.values()) reject(this.#failure);
    this.#open.clear();
  }
}

function backendOver(thread: DatabaseThread, unlock: () => void): EmbeddedBackend {
  // The worker gives to each question the kind of answer that belongs to it.
  const session: SqlSession = {
    query: async (text, values = []) =>
      (await thread.ask({ kind: 'query', statement: { text, values } })) as Awaited<ReturnType<SqlSession['query']>>,
    script: async (text) => {
      await thread.ask({ kind: 'script', text });
    },
  };
  let closing: Promise<void> | null = null;
  return {
    kind: 'embedded',
    transact: async (statements, { isUrgent = false, isApart = false } = {}) =>
      (await thread.ask({ kind: 'transact', statements, isUrgent, isApart })) as string | null,
    session: async (work) => {
      await thread.ask({ kind: 'begin' });
      try {
        return await work(session);
      } finally {
        await thread.ask({ kind: 'end' });
      }
    },
    dump: async () => (await thread.ask({ kind: 'dump' })) as Blob,
    close: () => {
      closing ??= thread.close().finally(unlock);
      return closing;
    },
  };
}
