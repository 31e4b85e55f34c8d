// Databases for tests: quick to have, nobody else's, and gone afterwards. Every test may import it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend, TextRow } from '../../src/brain/backends/sql-backend.ts';
import { type Brain, sqlBrain } from '../../src/brain/client.ts';
import type { Database } from '../../src/brain/database.types.ts';
import { openEmbeddedCopy } from '../../src/brain/embedded-copy.ts';
import { ensurePeopleLogin } from '../../src/brain/ensure-people-login.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { type PeopleCalls, peopleUnderLogin } from '../../src/brain/person-calls/people-calls.ts';
import { peopleLogin } from '../../src/brain/person-calls/people-login.ts';
import { lendDatabase } from './postgres-server.ts';
import { type Claims, signToken } from './postgrest/bearer-token.ts';
import { makeRpcFetch } from './postgrest/rpc-fetch.ts';

/** A brain of one's own, and what only tests may do with it. */
export interface TestBrain extends Brain {
  /** Where the database is, for a second process or pool; null for the embedded one. */
  readonly databaseUrl: string | null;
  /** Runs one statement as the owner of the database. Every value of a row is text as Postgres writes it, or null. */
  sql(text: string, values?: readonly (string | null)[]): Promise<readonly TextRow[]>;
  /** Runs any number of statements, without parameters, as the owner. */
  script(text: string): Promise<void>;
  /** Lends a connection, as the owner: for statements in one transaction, or as somebody else after `set role`. */
  readonly session: SqlBackend['session'];
  /** The client of somebody else: `{ role: 'authenticated', sub: <uuid> }`, say. */
  clientFor(claims: Claims): SupabaseClient<Database, 'codered'>;
  /** What stands behind such a client, for requests that supabase-js would not make. */
  readonly fetch: typeof fetch;
  /** A token with these claims that the brain accepts. */
  tokenFor(claims: Claims): string;
}

/** Both kinds, for `describe.each` of what is a backend's own: what is a rule in SQL is tried on `testBackends`. */
export const bothBackends = ['embedded', 'postgres'] as const;

/** The backend on which this run tries rules in SQL: the server, and in the project `slow` the embedded one. */
export const ruleBackend: (typeof bothBackends)[number] = process.env.RULES_ON === 'embedded' ? 'embedded' : 'postgres';

/** The same for `describe.each`. */
export const testBackends = [ruleBackend];

/**
 * Opens a migrated database that nobody else uses: 0.6 s embedded, 0.2 s on the Postgres server that the test files share, the
 * first of a run some seconds. Call `close` in afterAll. `files` replaces our own migrations.
 */
export async function openTestBrain(
  kind: (typeof bothBackends)[number],
  { files }: { files?: MigrationFiles } = {},
): Promise<TestBrain> {
  const migrations = files ?? (await readMigrationFiles());
  const brain = kind === 'embedded' ? await openMigratedEmbedded(migrations) : await openMigratedPostgres(migrations);
  // scripts/mutate: a changed statement of supabase/schemas, in the place of the one that the migrations made.
  const mutated = files === undefined ? process.env.TEST_MUTATED_SQL : undefined;
  if (mutated !== undefined) await brain.script(readFileSync(mutated, 'utf8'));
  return brain;
}

async function openMigratedEmbedded(files: MigrationFiles): Promise<TestBrain> {
  return testBrain(await openEmbeddedCopy(files), null);
}

async function openMigratedPostgres(files: MigrationFiles): Promise<TestBrain> {
  const database = await lendDatabase(files);
  const backend = openPostgres({ url: database.url, onIdleError: () => {} });
  const people = openTestPeople(database.url, backend);
  return testBrain({ ...backend, close: () => backend.close().then(database.giveBack) }, database.url, people);
}

/** People's calls as `codered serve` makes them; the login is made when the first is. */
function openTestPeople(url: string, owner: SqlBackend): PeopleCalls {
  const login = peopleLogin({ url });
  if (login === null) throw new Error('the URL has no password');
  let made: Promise<void> | null = null;
  const under = openPostgres({ url: login.url, poolSize: 8, onIdleError: () => {} });
  return peopleUnderLogin({
    login,
    backend: {
      close: async () => {
        await under.close();
        if (made === null) return;
        await owner.session(({ script }) => script(`drop owned by "${login.role}"; drop role "${login.role}"`));
      },
      transact: async (...given) => {
        made ??= ensurePeopleLogin(owner, login);
        await made;
        return under.transact(...given);
      },
    },
  });
}

let resting: TestBrain | null = null;

/** An embedded one whose `close` empties it for whoever borrows next in this process: to open one costs a second of processor time. */
export async function borrowBrain(): Promise<TestBrain> {
  const brain = resting ?? (await openTestBrain('embedded'));
  resting = null;
  return {
    ...brain,
    async close() {
      await brain.script(EMPTY);
      resting = brain;
    },
  };
}

/** Everything but what the migrations bring. Triggers are off: the history lets nobody else delete it. */
const EMPTY = `
  set session_replication_role = replica;
  do $$
  declare
    name regclass;
  begin
    for name in
      select c.oid
      from pg_class c
      where c.relnamespace in ('codered'::regnamespace, 'auth'::regnamespace)
        and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname not in ('bug_patterns', 'models', 'quotas', 'retention_policies')
    loop
      execute format('delete from %s', name);
    end loop;
    delete from codered.bug_patterns where source <> 'builtin';
    delete from codered.quotas where installation_id is not null;
  end
  $$;
  set session_replication_role = origin;`;

/** The same over any backend, migrated or not. */
export function testBrain(backend: SqlBackend, databaseUrl: string | null, people?: PeopleCalls): TestBrain {
  const secret = randomBytes(32).toString('hex');
  const fetch = makeRpcFetch({ backend: backend, schema: 'codered', secret });
  const tokenFor = (claims: Claims) => signToken(claims, secret);
  return {
    ...sqlBrain(backend, undefined, people),
    databaseUrl,
    sql: (text, values) => backend.session((session) => session.query(text, values)),
    script: (text) => backend.session((session) => session.script(text)),
    session: backend.session,
    clientFor: (claims) =>
      createClient<Database, 'codered'>('http://codered.invalid', tokenFor(claims), {
        db: { schema: 'codered' },
        auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
        global: { fetch },
      }),
    fetch,
    tokenFor,
  };
}
