// Databases on real Postgres servers: migrated ones on the server that all test files share (shared-postgres.ts), empty ones, whose
// tests may do anything to their server, on one of this process: started when first wanted, stopped when nobody wants it any more.
// Only test/support/brain.ts and tests of brain/ import it.

import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { hashOfFiles, type MigrationFiles } from '../../src/brain/migration-files.ts';
import { openServer, type PostgresVersion, type Server, startServer } from './start-postgres.ts';

/** A database of one's own on the server. */
export interface LentDatabase {
  readonly url: string;
  giveBack(): Promise<void>;
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
    // A copy of the files takes half the processor time of writing it all to the log, as nothing here has to be synced.
    const how = 'strategy file_copy';
    await server.admin.session((session) => session.script(`create database ${name} template ${template} ${how}`));
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
      const backend = openPostgres({ url: urlOf(`${name}_begun`), poolSize: 1, onIdleError: () => {} });
      await migrateBackend(backend, files).finally(() => backend.close());
      await session.script(`alter database ${name}_begun rename to ${name}`);
    } finally {
      await session.script('select pg_advisory_unlock(1)');
    }
  });
  return name;
}

/** The server that all test files share. */
async function joinServer(): Promise<Server> {
  const url = await text(connect(inject('postgresReceiver'), '127.0.0.1'));
  return openServer(url, async () => {});
}
