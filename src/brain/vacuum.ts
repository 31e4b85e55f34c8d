// Gives the room of deleted rows back to their tables. Only client.ts imports it.

import type { SqlBackend } from './backends/sql-backend.ts';
import { identifier } from './calls/rpc-statement.ts';

/**
 * Runs VACUUM (ANALYZE) on tables of `schema`, one after the other: later rows take the room that deleted ones had, the
 * files do not shrink. The embedded home needs it, as it runs no autovacuum; it serves nobody else meanwhile.
 */
export function vacuumHome(home: SqlBackend, schema: string, tables: readonly string[]): Promise<void> {
  return home.session(async (session) => {
    await session.query('set statement_timeout = 0');
    for (const table of tables) {
      await session.query(`vacuum (analyze) ${identifier(schema)}.${identifier(table)}`);
    }
  });
}
