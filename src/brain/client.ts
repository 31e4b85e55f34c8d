// The one way to the database: a supabase-js client of which only `.rpc` is used, whichever of the three homes lies behind it.
// Steps, inbox/, commands/ and main.ts import it. The only file that imports supabase-js.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Misconfigured } from '../model/errors.ts';
import { openEmbedded } from './backends/embedded.ts';
import { openPostgres, serverOf } from './backends/postgres.ts';
import { type SqlBackend, SqlError } from './backends/sql-backend.ts';
import { startError } from './backends/start-error.ts';
import { signToken } from './bearer-token.ts';
import { errorOfCall, type FailedCall } from './calls/call-error.ts';
import { makeRpcFetch } from './calls/rpc-fetch.ts';
import type { Database } from './database.types.ts';
import { openEmbeddedCopy } from './embedded-copy.ts';
import { type MigrationReport, migrateHome } from './migrate.ts';
import { readMigrationFiles } from './migration-files.ts';
import { missingGrants } from './missing-grants.ts';
import { bucketObjects } from './objects/bucket-objects.ts';
import { directoryObjects } from './objects/directory-objects.ts';
import { memoryObjects } from './objects/memory-objects.ts';
import type { ObjectSettings, ObjectStore } from './objects/object-store.ts';
import { s3Objects } from './objects/s3-objects.ts';
import { vacuumHome } from './vacuum.ts';

/** Where the brain is. `directory` null: in memory, gone when the process ends. */
export type BrainSettings =
  | { readonly kind: 'supabase'; readonly url: string; readonly serviceRoleKey: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly objects?: ObjectSettings | null }
  | { readonly kind: 'embedded'; readonly directory: string | null; readonly objects?: ObjectSettings | null };

/** What brain/ has to say besides its answers; pino's loggers fit. */
export interface BrainLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

type Functions = Database['codered']['Functions'];

export interface Brain {
  readonly backend: 'embedded' | 'postgres' | 'supabase';
  /** For what `call` can't do; schema codered, role service_role. */
  readonly client: SupabaseClient<Database, 'codered'>;
  /** For documents that are too large for a row; null: a Postgres server without a setting that names a place. */
  readonly objects: ObjectStore | null;
  /**
   * Calls an SQL function. Throws Transient when trying again may help (connection, deadlock, overload), Misconfigured
   * when the person who runs CodeRed must act, Rejected (with the SQLSTATE as `code`) otherwise.
   */
  call<Name extends keyof Functions & string>(
    name: Name,
    args: Functions[Name]['Args'],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Functions[Name]['Returns']>;
  /** Resolves when the database answers and has our functions; throws what `call` throws. For /readyz. */
  check(): Promise<void>;
  /** Lets these tables use the room of their deleted rows again, and refreshes their statistics. Supabase does so by itself. */
  vacuum(tables: readonly string[]): Promise<void>;
  /** Waits for what is running and lets go of the database. Twice is fine. */
  close(): Promise<void>;
}

const schema = 'codered';

/**
 * Opens the brain. The embedded home is migrated on the way; for the others see `migrateBrain`. Does not wait for a
 * server: one that can't be reached shows at the first call. Throws Misconfigured when the settings can't work.
 */
export async function openBrain(settings: BrainSettings, { log }: { log: BrainLog }): Promise<Brain> {
  if (settings.kind === 'supabase') return supabaseBrain(settings);
  const home = await openHome(settings, log);
  try {
    if (home.kind === 'embedded') await migrateAndTell(home, log);
    return sqlBrain(home, undefined, objectsOf(settings));
  } catch (error) {
    await home.close();
    throw error;
  }
}

/**
 * Brings the database that `settings` name up to date. Throws Misconfigured for a Supabase URL, which gives no SQL, and that or
 * Transient, in one line, for a Postgres server that is not there or does not let us in.
 */
export async function migrateBrain(settings: BrainSettings, { log }: { log: BrainLog }): Promise<MigrationReport> {
  if (settings.kind === 'supabase') {
    throw new Misconfigured(
      'SUPABASE_URL gives no way to run migrations. Run `npx supabase link` and `npx supabase db push --include-seed`, ' +
        "or set DATABASE_URL to the project's connection string and run `codered migrate` again.",
    );
  }
  const home = await openHome(settings, log);
  try {
    return await migrateAndTell(home, log);
  } catch (thrown) {
    throw settings.kind === 'postgres' ? await startErrorOf(thrown, home, serverOf(settings.url)) : thrown;
  } finally {
    await home.close();
  }
}

/** Where a right is missing all that are, else what `startError` says. */
async function startErrorOf(thrown: unknown, home: SqlBackend, server: string): Promise<unknown> {
  const refusal = thrown instanceof Misconfigured ? thrown.cause : thrown;
  if (!(refusal instanceof SqlError) || refusal.code !== NO_RIGHT) return startError(thrown, server);
  const grants = await home.session(missingGrants).catch(() => []);
  if (grants.length === 0) return startError(thrown, server);
  const lines = grants.map((statement) => `  ${statement}`).join('\n');
  return new Misconfigured(
    `The user of DATABASE_URL may not migrate the database: ${refusal.message}. ` +
      `Run this once in it as a superuser (psql), then start again:\n${lines}`,
    { cause: thrown },
  );
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege */
const NO_RIGHT = '42501';

async function openHome(settings: Exclude<BrainSettings, { kind: 'supabase' }>, log: BrainLog): Promise<SqlBackend> {
  if (settings.kind === 'postgres') {
    return openPostgres({
      url: settings.url,
      onIdleError: (error) => log.warn({ err: error }, 'an idle database connection was lost'),
    });
  }
  if (settings.directory === null) return openEmbeddedCopy(await readMigrationFiles());
  return openEmbedded({ directory: settings.directory });
}

async function migrateAndTell(home: SqlBackend, log: BrainLog): Promise<MigrationReport> {
  const report = await migrateHome(home, await readMigrationFiles());
  if (report.applied.length > 0) log.info({ applied: report.applied }, 'database migrated');
  return report;
}

/** The place that settings name, else a folder beside the embedded database. */
function objectsOf(settings: Exclude<BrainSettings, { kind: 'supabase' }>): ObjectStore | null {
  const { objects: named = null } = settings;
  if (named !== null) return named.kind === 's3' ? s3Objects(named) : directoryObjects(named.directory);
  if (settings.kind === 'postgres') return null;
  return settings.directory === null ? memoryObjects() : directoryObjects(join(settings.directory, 'objects'));
}

/** A brain over a database we reach with SQL. `secret` signs the tokens it accepts; drawn anew unless a test wants to sign some. */
export function sqlBrain(
  home: SqlBackend,
  secret: string = randomBytes(32).toString('hex'),
  objects: ObjectStore | null = memoryObjects(),
): Brain {
  const client = makeClient({
    url: 'http://codered.invalid',
    key: signToken({ role: 'service_role' }, secret),
    fetch: makeRpcFetch({ home, schema, secret }),
  });
  return brainOver(home.kind, client, {
    objects,
    vacuum: (tables) => vacuumHome(home, schema, tables),
    close: () => home.close(),
  });
}

function supabaseBrain({ url, serviceRoleKey }: { url: string; serviceRoleKey: string }): Brain {
  const client = makeClient({ url, key: serviceRoleKey });
  return brainOver('supabase', client, {
    objects: bucketObjects(client.storage),
    vacuum: async () => {},
    close: async () => {},
  });
}

/** A client that keeps no session and starts no timer. */
export function makeClient({ url, key, fetch }: { url: string; key: string; fetch?: typeof globalThis.fetch }) {
  return createClient<Database, 'codered'>(url, key, {
    db: { schema },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: fetch ? { fetch } : {},
  });
}

interface Answer {
  readonly data: unknown;
  readonly error: FailedCall['error'] | null;
  readonly status: number;
}

/** `.rpc` without its types: they follow the generated ones only for a name known while compiling. */
interface UntypedClient {
  rpc(name: string, args: unknown): PromiseLike<Answer> & { abortSignal(signal: AbortSignal): PromiseLike<Answer> };
}

function brainOver(
  home: Brain['backend'],
  client: Brain['client'],
  own: Pick<Brain, 'objects' | 'vacuum' | 'close'>,
): Brain {
  const untyped: UntypedClient = client;
  const call: Brain['call'] = async (name, args, { signal } = {}) => {
    const request = untyped.rpc(name, args);
    const { data, error, status } = await (signal ? request.abortSignal(signal) : request);
    if (error !== null) throw errorOfCall({ name, home, status, error });
    // The types are generated from the very functions that answer.
    return data as Functions[typeof name]['Returns'];
  };
  const check = async () => {
    await call('inbox_status', {});
  };
  return { backend: home, client, call, check, ...own };
}
