// What `codered migrate` finds out of an embedded database that a running process has: that one brought it up to date when it started.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Misconfigured } from '../model/errors.ts';
import { callThere, expectServed } from './control/control-client.ts';
import { SERVED_SCHEMA } from './control/control-protocol.ts';
import type { MigrationReport } from './migrate.ts';
import type { MigrationFiles } from './migration-files.ts';

const servedSchema = z.object({ migrations: z.array(z.string()), seed: z.string() });

/** What the process that migrated the database by these files answers to `SERVED_SCHEMA`. */
export function schemaOf({ migrations, seed }: MigrationFiles): z.output<typeof servedSchema> {
  return {
    migrations: migrations.map(({ version, name }) => `${version}_${name}`),
    seed: createHash('sha256').update(seed).digest('hex'),
  };
}

/**
 * The report of a migration that has nothing to do. Throws Misconfigured when the process that has the directory takes no commands,
 * or is of a version with other migrations or another seed.
 */
export async function migrateThere(directory: string, files: MigrationFiles): Promise<MigrationReport> {
  await expectServed(directory);
  const there = servedSchema.parse(await callThere(directory, SERVED_SCHEMA, {}));
  const here = schemaOf(files);
  const waiting = here.migrations.filter((name) => !there.migrations.includes(name));
  const unknown = there.migrations.filter((name) => !here.migrations.includes(name));
  if (unknown.length > 0) {
    throw new Misconfigured(
      `The running CodeRed has migrations that this version does not know: ${unknown.join(', ')}. Run the commands of that version.`,
    );
  }
  if (waiting.length > 0 || there.seed !== here.seed) {
    const what = waiting.length > 0 ? waiting.join(', ') : 'a new supabase/seed.sql';
    throw new Misconfigured(
      `The running CodeRed is of an older version, and what this one brings waits for it to end: ${what}. ` +
        'Start it again with this version, which migrates first.',
    );
  }
  return { bootstrapped: true, applied: [], seeded: false };
}
