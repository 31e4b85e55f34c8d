// Gives the room of deleted rows back to their tables.

import { type SqlBackend, SqlError } from './backends/sql-backend.ts';
import { identifier } from './calls/function-call.ts';

/** Of a statement that took longer than the server allows. */
const QUERY_CANCELED = '57014';

/**
 * Runs VACUUM (ANALYZE) on tables of `schema`, one after the other: later rows take the room that deleted ones had, the
 * files do not shrink. The embedded database needs it, as it runs no autovacuum; others get their turn between two tables. A table for
 * which the server's limit on statements does not suffice is left to the server's own autovacuum: to lift the limit for a session would,
 * behind a pooler, lift it for whoever has that connection next.
 */
export async function vacuumTables(backend: SqlBackend, schema: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await backend.session(async (session) => {
      await session.query(`vacuum (analyze) ${identifier(schema)}.${identifier(table)}`).catch((error: unknown) => {
        if (!(error instanceof SqlError) || error.code !== QUERY_CANCELED) throw error;
      });
    });
  }
}
