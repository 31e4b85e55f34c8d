// Gives the room of deleted rows back to their tables.

import type { SqlBackend } from './backends/sql-backend.ts';
import { identifier } from './calls/function-call.ts';

/**
 * Runs VACUUM (ANALYZE) on tables of `schema`, one after the other: later rows take the room that deleted ones had, the
 * files do not shrink. The embedded database needs it, as it runs no autovacuum; others get their turn between two tables.
 */
export async function vacuumTables(backend: SqlBackend, schema: string, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await backend.session(async (session) => {
      await session.query('set statement_timeout = 0');
      await session.query(`vacuum (analyze) ${identifier(schema)}.${identifier(table)}`);
    });
  }
}
