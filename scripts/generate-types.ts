// Writes src/brain/database.types.ts from the migrations: asks the Supabase CLI about a migrated PGlite, which has all of
// the schema. `npm run types:generate` writes, `npm run types:check` fails when the file is not what the migrations give.
import { readFile, writeFile } from 'node:fs/promises';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { runSupabase } from '../test/support/supabase-cli.ts';
import { openMigratedPglite } from './migrated-pglite.ts';

const file = new URL('../src/brain/database.types.ts', import.meta.url);
const isCheck = process.argv.includes('--check');

async function generateTypes(database: PGlite): Promise<string> {
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 10 });
  await server.start();
  try {
    const remote = `--remote=postgres://postgres:postgres@${server.getServerConn()}/postgres`;
    const { code, stdout, output } = await runSupabase(
      'gen',
      'types',
      remote,
      '--schema=codered',
      '--query-timeout=60s',
    );
    // The CLI writes remarks about the connection before the types.
    const start = stdout.indexOf('export type Json');
    if (code !== 0 || start < 0) throw new Error(`the Supabase CLI gave no types:\n${output.slice(0, 2_000)}`);
    return `// Generated from the schema by \`npm run types:generate\`; not written by hand.\n${stdout.slice(start).trimEnd()}\n`;
  } finally {
    await server.stop();
  }
}

const database = await openMigratedPglite();
const generated = await generateTypes(database).finally(() => database.close());

if (!isCheck) {
  await writeFile(file, generated);
  console.log('src/brain/database.types.ts is written.');
} else if ((await readFile(file, 'utf8')) === generated) {
  console.log('src/brain/database.types.ts is up to date.');
} else {
  console.error(
    'src/brain/database.types.ts is not what the migrations give: run `npm run types:generate` and commit it.',
  );
  process.exitCode = 1;
}
