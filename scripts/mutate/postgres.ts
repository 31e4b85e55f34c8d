// One Postgres server for all test runs of a mutation run, and what it says to a changed statement.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';

const PROGRAM = fileURLToPath(new URL('../../test/support/shared-postgres-process.ts', import.meta.url));

/** A server that runs, with a migrated database of our own on it. */
export interface MutationServer {
  /** For the tests, which join it instead of starting one. */
  readonly url: string;
  /** Whether the database refuses the statements, as types would: then no test is needed. Changes nothing. */
  refuses(script: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts it. */
export async function startMutationServer(): Promise<MutationServer> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const url = String(line);
  const admin = openPostgres({ url, poolSize: 1, onIdleError: () => {} });
  await admin.session((session) => session.script('create database mutations'));
  await admin.close();
  const own = Object.assign(new URL(url), { pathname: '/mutations' }).href;
  const backend = openPostgres({ url: own, poolSize: 1, onIdleError: () => {} });
  await migrateBackend(backend, await readMigrationFiles());
  return {
    url,
    refuses: (script) =>
      backend.session(async (session) => {
        try {
          await session.script(`begin; ${script}`);
          return false;
        } catch {
          return true;
        } finally {
          await session.script('rollback');
        }
      }),
    async stop() {
      await backend.close();
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
