// Holds what was applied to a database against what supabase/migrations says today: a migration is frozen once it is applied.

import { createHash } from 'node:crypto';
import { Misconfigured } from '../model/errors.ts';
import type { SqlSession } from './backends/sql-backend.ts';
import type { MigrationFile } from './migration-files.ts';

/**
 * Throws Misconfigured, naming them, when the books hold other statements under a migration's version than its file has. A row without statements
 * says nothing. The Supabase CLI notes a file statement by statement and without semicolons, so spaces, semicolons and comments are left out.
 */
export async function refuseChanged(session: SqlSession, migrations: readonly MigrationFile[]): Promise<void> {
  const rows = await session.query(
    `select version, md5(array_to_string(statements, E'\\n')) as hash
     from supabase_migrations.schema_migrations where cardinality(statements) > 0`,
  );
  const hashes = new Map(rows.map(({ version, hash }) => [version, hash]));
  const changed: string[] = [];
  for (const { version, name, sql } of migrations) {
    const hash = hashes.get(version);
    // As `codered migrate` notes it, the hash is the file's own; all else is read whole.
    if (hash === undefined || hash === createHash('md5').update(sql).digest('hex')) continue;
    if (bareText(await appliedText(session, version)) !== bareText(sql)) changed.push(`${version}_${name}`);
  }
  if (changed.length === 0) return;
  throw new Misconfigured(
    `Applied to the database was another text than supabase/migrations has now of ${changed.join(', ')}. Nothing was changed. A migration does not ` +
      'change once it is applied: get the files of this version back (git checkout -- supabase/migrations), and write what is to change in a new one.',
  );
}

async function appliedText(session: SqlSession, version: string): Promise<string> {
  const [row] = await session.query(
    `select array_to_string(statements, E'\\n') as text from supabase_migrations.schema_migrations where version = $1`,
    [version],
  );
  return row?.text ?? '';
}

function bareText(sql: string): string {
  return sql.replace(/--[^\n]*/g, '').replace(/[\s;]/g, '');
}
