// Writes supabase/seed.sql from supabase/patterns: node scripts/build-seed.ts. With --check nothing is written, and the
// exit code is 1 when seed.sql is not what the pattern files give.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePatternFile } from '../src/diagnose/pattern-file.ts';
import { renderPatternSeed } from './pattern-seed.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'supabase/patterns');
const target = join(root, 'supabase/seed.sql');

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .sort()
  .map((name) => parsePatternFile(name, readFileSync(join(folder, name), 'utf8')));

const problems = files.flatMap((file) => file.problems);
for (const { file, name, index, reason } of problems) console.error(`${file}: ${name ?? `entry ${index}`}: ${reason}`);
if (problems.length > 0) process.exit(1);

const sql = renderPatternSeed(files.flatMap((file) => file.patterns));
if (!process.argv.includes('--check')) writeFileSync(target, sql);
else if (sql !== readFileSync(target, 'utf8')) {
  console.error('supabase/seed.sql is not what supabase/patterns gives; run: node scripts/build-seed.ts');
  process.exitCode = 1;
}
