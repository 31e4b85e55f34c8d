// Writes src/brain/database.types.ts from the migrations: applies them to a Postgres of its own and asks the Supabase
// CLI. `npm run types:generate` writes, `npm run types:check` fails when the file is not what the migrations give.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { openTestBrain } from '../test/support/brain.ts';

const file = new URL('../src/brain/database.types.ts', import.meta.url);
const isCheck = process.argv.includes('--check');

const brain = await openTestBrain('postgres');
let generated: string;
try {
  if (brain.databaseUrl === null) throw new Error('the test database has no address');
  const args = ['gen', 'types', `--remote=${brain.databaseUrl}`, '--schema', 'codered'];
  const { stdout } = await promisify(execFile)('supabase', args, { maxBuffer: 64 * 1024 * 1024 });
  // The CLI writes remarks about the connection before the types.
  const start = stdout.indexOf('export type Json');
  if (start < 0) throw new Error(`the Supabase CLI gave no types:\n${stdout.slice(0, 2_000)}`);
  generated = `// Generated from the schema by \`npm run types:generate\`; not written by hand.\n${stdout.slice(start).trimEnd()}\n`;
} finally {
  await brain.close();
}

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
