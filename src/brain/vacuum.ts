// Gives the room of deleted rows back to their tables.

import type { SqlBackend } from './backends/sql-backend.ts';
import { identifier } from './calls/function-call.ts';

/**
 * Runs VACUUM (ANALYZE) on tables of `schema`, one after the other: later rows take the room that deleted ones had, the
 * files do not shrink. The embedded database needs it, as it runs no autovacuum; it serves nobody else meanwhile.
 */
export function vacuumTables(backend: SqlBackend, schema: string, tables: readonly string[]): Promise<void> {
  return backend.session(async (session) => {
    await session.query('set statement_timeout = 0');
    for (const table of tables) {
      await session.query(`vacuum (analyze) ${identifier(schema)}.${identifier(table)}`);
    }
  });
}
