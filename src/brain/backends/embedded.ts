// The embedded database: Postgres compiled to WebAssembly, in a directory or in memory. The only file that imports PGlite.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messages, PGlite, protocol } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto';
import { vector } from '@electric-sql/pglite-pgvector';
import { asError, Misconfigured } from '../../model/errors.ts';
import { lockDirectory } from './directory-lock.ts';
import { type SqlBackend, SqlError, type SqlSession, type Statement, TAKE_BACK, type TextRow } from './sql-backend.ts';
import { TurnQueue } from './turn-queue.ts';

/** The embedded database, and the way to keep a copy of it. */
export interface EmbeddedBackend extends SqlBackend {
  /** The whole database as a tar file of 40 MB, to be given to `openEmbedded` as `dump`. */
  dump(): Promise<Blob>;
}

/** `directory`: where the database lives, null keeps it in memory. `dump`: what to begin with; only in memory. */
export interface EmbeddedOptions {
  readonly directory: string | null;
  readonly dump?: Blob | null;
}

const { serialize } = protocol;

/**
 * PGlite's own, made smaller: 128 MB of buffers would all be ours to carry, the system caches the files anyway, and with
 * 1 GB of log the start after a kill would take minutes. Postgres counts its own stack alone; JavaScript's, which is used up
 * twice as fast, has to be left some, or JSON that is nested deeply breaks the database instead of being refused.
 */
const startParams = [
  ...PGlite.defaultStartParams,
  ...['shared_buffers=16MB', 'max_wal_size=128MB', 'min_wal_size=32MB', 'max_stack_depth=1MB'].flatMap((setting) => [
    '-c',
    setting,
  ]),
];

/**
 * Opens the database in this thread, making it when it is not there (3 s; from a dump 0.5 s). A directory belongs to one process at a
 * time; throws Misconfigured when another has it or when the files can't be read. What is committed survives kill -9,
 * as PGlite writes through to the files before it answers; it calls no fsync, so a power failure may take the last seconds.
 */
export async function openEmbedded({ directory, dump = null }: EmbeddedOptions): Promise<EmbeddedBackend> {
  if (directory === null) return startEmbedded({ files: null, dump });
  const { files, unlock } = await embeddedFiles(directory, async (unfinished) =>
    startEmbedded({ files: unfinished, dump: null }),
  );
  try {
    const backend = await startEmbedded({ files, dump: null });
    return { ...backend, close: () => backend.close().then(unlock) };
  } catch (error) {
    unlock();
    throw noStart(directory, error);
  }
}

/** Takes a data directory for this process, and makes the database's files, with `open`, where they are not there. */
export async function embeddedFiles(
  directory: string,
  open: (unfinished: string) => Promise<Pick<EmbeddedBackend, 'close'>>,
): Promise<{ files: string; unlock: () => void }> {
  let unlock = () => {};
  try {
    unlock = await lockDirectory(directory);
    const files = join(directory, 'postgres');
    if (!existsSync(files)) await makeFiles(files, open);
    return { files, unlock };
  } catch (error) {
    unlock();
    throw error instanceof Misconfigured ? error : noStart(directory, error);
  }
}

/** What a database that does not start means to the person who runs CodeRed. */
export function noStart(directory: string, thrown: unknown): Misconfigured {
  return new Misconfigured(
    `The embedded database in ${directory} does not start: ${asError(thrown).message}. ` +
      'See that the directory is readable, writable and on a disk with room, or set CODERED_DATA_DIR to another one.',
    { cause: thrown },
  );
}

/**
 * `files`: of a locked data directory, null for memory. `beforeTurn` as `TurnQueue` has it. `onBroken`: told why the database can't
 * go on, once; all that is asked from then on is refused with class 57, as asking it would never end.
 */
export async function startEmbedded(options: {
  readonly files: string | null;
  readonly dump: Blob | null;
  readonly beforeTurn?: () => void;
  readonly onBroken?: (reason: string) => void;
}): Promise<EmbeddedBackend> {
  const { files, dump, beforeTurn, onBroken = () => {} } = options;
  return backendOver(new Connection(await start(files, dump), onBroken), new TurnQueue(beforeTurn));
}

function start(files: string | null, dump: Blob | null): Promise<PGlite> {
  return PGlite.create({
    ...(files === null ? {} : { dataDir: files }),
    ...(dump === null ? {} : { loadDataDir: dump }),
    extensions: { pg_trgm, pgcrypto, vector },
    startParams,
  });
}

/** Makes the files aside and renames them, so that a process killed halfway leaves nothing that looks like a database. */
async function makeFiles(
  files: string,
  open: (unfinished: string) => Promise<Pick<EmbeddedBackend, 'close'>>,
): Promise<void> {
  const unfinished = `${files}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await (await open(unfinished)).close();
  renameSync(unfinished, files);
}

/** So often its main loop may run after it broke down, to end by itself with what was asked; it may also never end. */
const MOST_TURNS_AFTER = 1_000;

/** How PGlite goes back to its main loop after an error of SQL: `POSTGRES_MAIN_LONGJMP` of its source. */
const isJump = (thrown: unknown) =>
  typeof thrown === 'object' && thrown !== null && 'status' in thrown && thrown.status === 100;

/** PGlite's one connection. Whoever has the turn has it alone, so that no call lands in another's transaction. */
class Connection {
  readonly #database: PGlite;
  readonly #onBroken: (reason: string) => void;
  #broken: SqlError | null = null;
  /** What broke the statement off that is under way. */
  #trap: Error | null = null;

  constructor(database: PGlite, onBroken: (reason: string) => void) {
    this.#database = database;
    this.#onBroken = onBroken;
    this.#watch(database.Module);
  }

  /** PGlite goes on after whatever is thrown, and says nothing: half of what was asked would pass for done. */
  #watch(postgres: PGlite['Module']): void {
    const { _PostgresMainLoopOnce: once } = postgres;
    let turnsAfter = 0;
    postgres._PostgresMainLoopOnce = () => {
      if (this.#trap !== null && ++turnsAfter > MOST_TURNS_AFTER) this.#breakDown(this.#trap.message, this.#trap);
      try {
        once();
      } catch (thrown) {
        if (!isJump(thrown)) this.#trap ??= asError(thrown);
        throw thrown;
      }
    };
  }

  get isOpen(): boolean {
    return !this.#database.closed && this.#broken === null;
  }

  async send(...parts: readonly Uint8Array[]): Promise<Messages> {
    if (this.#broken !== null) throw this.#broken;
    if (this.#database.closed) throw new SqlError('The embedded database is closed', { code: '57P01' });
    let answer: Messages = [];
    try {
      answer = (await this.#database.execProtocol(Buffer.concat(parts))).messages;
    } catch (error) {
      if (!(error instanceof messages.DatabaseError)) throw this.#breakDown(asError(error).message, error);
      // Postgres itself ends at these: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-SEVERITY-LEVELS
      if (error.severity === 'PANIC' || error.severity === 'FATAL') throw this.#breakDown(error.message, error);
      if (this.#trap === null) throw new SqlError(error.message, { ...fieldsOf(error), cause: error });
    }
    if (this.#trap === null) return answer;
    throw this.#breakDown(`it stopped in the middle of a statement: ${this.#trap.message}`, this.#trap);
  }

  async dump(): Promise<Blob> {
    if (this.#broken !== null) throw this.#broken;
    return this.#database.dumpDataDir('none');
  }

  async close(): Promise<void> {
    if (this.isOpen) await this.#database.close();
  }

  #breakDown(reason: string, cause: unknown): SqlError {
    if (this.#broken === null) {
      this.#broken = new SqlError(`The embedded database broke down: ${reason}`, { code: '57P02', cause });
      this.#onBroken(reason);
    }
    return this.#broken;
  }
}

function backendOver(connection: Connection, turns: TurnQueue): EmbeddedBackend {
  const session: SqlSession = {
    query: async (text, values = []) =>
      rowsOf(await connection.send(...extended({ text, values }, true), serialize.sync())),
    script: async (text) => {
      await connection.send(serialize.query(text));
    },
  };
  const tidy = async (script: string) => {
    if (connection.isOpen) await connection.send(serialize.query(script));
  };
  return {
    kind: 'embedded',
    transact(statements, { isUrgent = false, isApart = false } = {}) {
      // Everything up to the Sync message is one transaction: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
      const bytes = [...statements.flatMap((statement) => extended(statement, false)), serialize.sync()];
      const work = async () => lastCell(await connection.send(...bytes));
      return turns.run(() => (isApart ? work().finally(() => tidy(TAKE_BACK)) : work()), { isUrgent });
    },
    session: (work) =>
      turns.run(async () => {
        try {
          return await work(session);
        } finally {
          await tidy('rollback');
          await tidy('discard all');
        }
      }),
    dump: () => turns.run(() => connection.dump()),
    close: () => turns.run(() => connection.close()),
  };
}

function extended({ text, values }: Statement, describe: boolean): Uint8Array[] {
  const bound = [serialize.parse({ text }), serialize.bind({ values: [...values] })];
  return [...bound, ...(describe ? [serialize.describe({ type: 'P' })] : []), serialize.execute()];
}

type Messages = Awaited<ReturnType<PGlite['execProtocol']>>['messages'];

function rowsOf(answer: Messages): TextRow[] {
  const names = answer
    .filter((message) => message instanceof messages.RowDescriptionMessage)
    .flatMap((message) => message.fields.map((field) => field.name));
  return answer
    .filter((message) => message instanceof messages.DataRowMessage)
    .map((row) => Object.fromEntries(names.map((name, column) => [name, row.fields[column] ?? null])));
}

function lastCell(answer: Messages): string | null {
  // The rows of the earlier statements come first; the last row is the last statement's, which has one.
  return answer.findLast((message) => message instanceof messages.DataRowMessage)?.fields[0] ?? null;
}

function fieldsOf({ code, detail, hint }: messages.DatabaseError) {
  return { code: code ?? 'XX000', detail, hint };
}
