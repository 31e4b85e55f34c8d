// `codered migrate`: brings the database that the environment names up to date.

import { parseArgs } from 'node:util';
import { type BrainLog, migrateBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import type { Command, CommandContext } from './terminal/command.ts';

const help = `codered migrate [--json]

Brings the database up to date: what Supabase would bring (roles, schema auth), every migration of
supabase/migrations that it does not have yet, and supabase/seed.sql when that has changed. Each is applied whole or
not at all, and twice changes nothing. Two migrators at once wait for each other. A database with all the migrations that
the baseline stands for is taken over as it is.

  DATABASE_URL      the Postgres server (15 or later); a Supabase project's connection string will do, too
  CODERED_DATA_DIR  otherwise: the directory of the embedded database

Where a running \`codered serve\` has the embedded database, that one has migrated it and there is nothing to do.
With SUPABASE_URL alone there is no way in for migrations; the command says what to do instead.

  --json            print { "bootstrapped", "adopted", "applied", "seeded" } instead of sentences`;

async function run({ args, env, out, err, glance = () => {} }: CommandContext): Promise<0> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const settings = readBrainSettings(env);
  glance('opening the database');
  const report = await migrateBrain(settings, { log, onStep: glance });
  if (values.json) {
    out(JSON.stringify(report));
    return 0;
  }
  if (report.adopted) out('adopted the baseline: the database had all that it makes, and now says so');
  for (const migration of report.applied) out(`applied ${migration}`);
  if (report.seeded) out('applied seed.sql');
  if (report.applied.length === 0 && !report.seeded && !report.adopted)
    out('nothing to do: the database is up to date');
  return 0;
}

/** See `help`. */
export const command: Command = { help, run };
