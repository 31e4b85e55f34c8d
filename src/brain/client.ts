// The one way to the database: `Brain.call` of an SQL function, whichever of the three backends lies behind it.

import { Misconfigured } from '../model/errors.ts';
import { DirectoryInUse } from './backends/directory-lock.ts';
import { openEmbeddedThread } from './backends/embedded-thread.ts';
import { openPostgres, serverOf } from './backends/postgres.ts';
import type { SqlBackend } from './backends/sql-backend.ts';
import type { SupabaseBackend } from './backends/supabase.ts';
import { openSqlCalls } from './calls/sql-calls.ts';
import { openSupabaseCalls } from './calls/supabase-calls.ts';
import { unlessAborted } from './calls/unless-aborted.ts';
import { callThere, expectServed } from './control/control-client.ts';
import { SERVED_SCHEMA } from './control/control-protocol.ts';
import { startControl } from './control/control-server.ts';
import type { Database } from './database.types.ts';
import { openEmbeddedCopy } from './embedded-copy.ts';
import { type MigrationReport, migrateBackend, type OnStep } from './migrate.ts';
import { type MigrationFiles, readMigrationFiles } from './migration-files.ts';
import { migrationError } from './missing-grants.ts';
import { bucketObjects } from './objects/bucket-objects.ts';
import { memoryObjects } from './objects/memory-objects.ts';
import type { ObjectSettings, ObjectStore } from './objects/object-store.ts';
import { openObjects } from './objects/open-objects.ts';
import { ensurePeople, openPeople, type PeopleSettings } from './open-people.ts';
import { askedThere, type PeopleCalls, peopleThrough } from './person-calls/people-calls.ts';
import type { PersonAnswer, PersonCall } from './person-calls/person-call.ts';
import { migrateThere, schemaOf } from './served-schema.ts';
import { vacuumTables } from './vacuum.ts';

/** Where the brain is. `directory` null: in memory, gone when the process ends. */
export type BrainSettings =
  | { readonly kind: 'supabase'; readonly url: string; readonly serviceRoleKey: string }
  | ({ readonly kind: 'postgres'; readonly objects?: ObjectSettings | null } & PeopleSettings)
  | { readonly kind: 'embedded'; readonly directory: string | null; readonly objects?: ObjectSettings | null };

/** What brain/ has to say besides its answers; pino's loggers fit. */
export interface BrainLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

type Functions = Database['codered']['Functions'];

export interface Brain {
  readonly backend: 'embedded' | 'postgres' | 'supabase';
  /** Supabase Storage; null on the other backends. */
  readonly storage: SupabaseBackend['storage'] | null;
  /**
   * Makes a user of Supabase Auth with this app metadata and gives their id; null where `ensure_person` makes them itself. Throws
   * what `call` throws.
   */
  readonly makeUser: ((github: { readonly id: number }) => Promise<string>) | null;
  /** For documents that are too large for a row; null: a Postgres server without a setting that names a place. */
  readonly objects: ObjectStore | null;
  /**
   * Calls an SQL function as the service role. Throws Transient when trying again may help (connection, deadlock, overload),
   * Misconfigured when the person who runs CodeRed must act, Rejected (with the SQLSTATE as `code`) otherwise.
   */
  call<Name extends keyof Functions & string>(
    name: Name,
    args: Functions[Name]['Args'],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Functions[Name]['Returns']>;
  /**
   * Does one operation as a person, with no more rights than people have: docs/brain.md#peoples-calls. Throws what `call` throws,
   * Misconfigured where that can't be had.
   */
  callAs(call: PersonCall): Promise<PersonAnswer>;
  /** Resolves when the database answers and has our functions; throws what `call` throws. For /readyz. */
  check(): Promise<void>;
  /** Resolves when `callAs` can be had; throws what it throws. */
  checkPeople(): Promise<void>;
  /** Lets these tables use the room of their deleted rows again, and refreshes their statistics. Supabase does so by itself. */
  vacuum(tables: readonly string[]): Promise<void>;
  /** Waits for what is running and lets go of the database. Twice is fine. */
  close(): Promise<void>;
}

const schema = 'codered';

/** How the brain is opened. `mayShare`: for commands, which may ask a running server that has the embedded database. */
export interface OpenOptions {
  readonly log: BrainLog;
  readonly mayShare?: boolean;
}

/**
 * Opens the brain. The embedded database is migrated on the way; for the others see `migrateBrain`. Does not wait for a
 * server: one that can't be reached shows at the first call. Throws Misconfigured when the settings can't work.
 */
export async function openBrain(settings: BrainSettings, { log, mayShare = false }: OpenOptions): Promise<Brain> {
  if (settings.kind === 'supabase') return supabaseBrain(settings);
  const objects = openObjects(settings);
  const shared = settings.kind === 'embedded' && mayShare ? settings.directory : null;
  const backend = await openBackend(settings, log).catch(async (error: unknown) => {
    if (shared === null || !(error instanceof DirectoryInUse)) throw error;
    await expectServed(shared);
    return null;
  });
  if (backend === null) return brainThere(shared ?? '', objects);
  try {
    const people = openPeople(backend, settings.kind === 'postgres' ? settings : null, lostIdle(log));
    if (backend.kind !== 'embedded') return sqlBrain(backend, objects, people);
    const files = await readMigrationFiles();
    await migrateAndTell(backend, files, { log });
    return await controlled(sqlBrain(backend, objects, people), { settings, files, log });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** The brain of a data directory answers commands of the same user beside its own work. Best effort: without a socket it serves all the same. */
async function controlled(
  brain: Brain,
  { settings, files, log }: { settings: BrainSettings; files: MigrationFiles; log: BrainLog },
): Promise<Brain> {
  if (settings.kind !== 'embedded' || settings.directory === null || process.platform === 'win32') return brain;
  // By the files of now: those of a newer version may lie there later.
  const schemaHere = schemaOf(files);
  try {
    const control = await startControl({
      directory: settings.directory,
      call: async (name, args) => {
        if (name === SERVED_SCHEMA) return schemaHere;
        if (name === 'call_as' || name === 'call_as_once') return askedThere(brain.callAs, args);
        return brain.call(name, args as never);
      },
    });
    return { ...brain, close: () => control.close().finally(brain.close) };
  } catch (err) {
    log.warn({ err }, 'commands can not be answered beside this process: its control socket could not be made');
    return brain;
  }
}

/** The brain that another process has: calls go over its control socket. */
function brainThere(directory: string, objects: ObjectStore | null): Brain {
  const call: PlainCall = (name, args, signal) => unlessAborted(signal, () => callThere(directory, name, args));
  const own = {
    backend: 'embedded',
    storage: null,
    makeUser: null,
    objects,
    vacuum: async () => {},
    close: async () => {},
  } as const;
  return brainOver(call, peopleThrough(call), own);
}

/**
 * Brings the database that `settings` name up to date; where a running process has it, that one did when it started. `onStep` is told what is being done. Throws Misconfigured for a Supabase URL, which gives no SQL, and that or
 * Transient, in one line, for a Postgres server that is not there or does not let us in.
 */
export async function migrateBrain(
  settings: BrainSettings,
  { log, onStep }: { log: BrainLog; onStep?: OnStep },
): Promise<MigrationReport> {
  if (settings.kind === 'supabase') {
    throw new Misconfigured(
      'SUPABASE_URL gives no way to run migrations. Run `npx supabase link` and `npx supabase db push --include-seed`, ' +
        "or set DATABASE_URL to the project's connection string and run `codered migrate` again.",
    );
  }
  const files = await readMigrationFiles();
  const backend = await openBackend(settings, log).catch((error: unknown) => {
    if (settings.kind === 'embedded' && error instanceof DirectoryInUse) return settings.directory;
    throw error;
  });
  if (typeof backend === 'string' || backend === null) return migrateThere(backend ?? '', files);
  try {
    const report = await migrateAndTell(backend, files, { log, onStep });
    if (settings.kind === 'postgres') await ensurePeople(settings, backend, (message) => log.warn({}, message));
    return report;
  } catch (thrown) {
    throw settings.kind === 'postgres' ? await migrationError(thrown, backend, serverOf(settings.url)) : thrown;
  } finally {
    await backend.close();
  }
}

async function openBackend(settings: Exclude<BrainSettings, { kind: 'supabase' }>, log: BrainLog): Promise<SqlBackend> {
  if (settings.kind === 'postgres') {
    return openPostgres({ url: settings.url, onIdleError: lostIdle(log) });
  }
  if (settings.directory === null) return openEmbeddedCopy(await readMigrationFiles(), openEmbeddedThread);
  return openEmbeddedThread({ directory: settings.directory });
}

function lostIdle(log: BrainLog) {
  return (err: Error) => log.warn({ err }, 'an idle database connection was lost');
}

async function migrateAndTell(
  backend: SqlBackend,
  files: MigrationFiles,
  { log, onStep }: { log: BrainLog; onStep?: OnStep | undefined },
): Promise<MigrationReport> {
  const report = await migrateBackend(backend, files, onStep);
  if (report.applied.length > 0) log.info({ applied: report.applied }, 'database migrated');
  return report;
}

/** What a call comes down to: throws an error of `model/errors.ts`. */
type PlainCall = (name: string, args: object, signal?: AbortSignal) => Promise<unknown>;

/** A brain over a database that is reached with SQL. */
export function sqlBrain(
  backend: SqlBackend,
  objects: ObjectStore | null = memoryObjects(),
  people: PeopleCalls = openPeople(backend),
): Brain {
  return brainOver(openSqlCalls(backend, schema), people, {
    backend: backend.kind,
    storage: null,
    makeUser: null,
    objects,
    vacuum: (tables) => vacuumTables(backend, schema, tables),
    close: () => backend.close(),
  });
}

function supabaseBrain(settings: { url: string; serviceRoleKey: string }): Brain {
  const { call, makeUser, storage } = openSupabaseCalls({ ...settings, schema });
  const objects = bucketObjects(storage);
  const own = {
    backend: 'supabase',
    storage,
    makeUser,
    objects,
    vacuum: async () => {},
    close: async () => {},
  } as const;
  return brainOver(call, peopleThrough(call), own);
}

function brainOver(
  plain: PlainCall,
  people: PeopleCalls,
  own: Omit<Brain, 'call' | 'check' | 'callAs' | 'checkPeople'>,
): Brain {
  // The types are generated from the very functions that answer.
  const call: Brain['call'] = async (name, args, { signal } = {}) =>
    (await plain(name, args, signal)) as Functions[typeof name]['Returns'];
  const check = async () => {
    await call('inbox_status', {});
  };
  const close = () => people.close().finally(own.close);
  return { ...own, call, check, callAs: people.callAs, checkPeople: people.check, close };
}
