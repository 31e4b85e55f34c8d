// Writes supabase/seed.sql from supabase/patterns and supabase/models.yml: `npm run seed:build`. With --check nothing is
// written, and the exit code is 1 when seed.sql is not what those files give.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePatternFile } from '../src/diagnose/pattern-files/pattern-file.ts';
import { parseModels } from './model-seed.ts';
import { renderSeed } from './seed.ts';

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

const models = parseModels(readFileSync(join(root, 'supabase/models.yml'), 'utf8'));
const sql = renderSeed(
  files.flatMap((file) => file.patterns),
  models,
);
if (!process.argv.includes('--check')) writeFileSync(target, sql);
else if (sql !== readFileSync(target, 'utf8')) {
  console.error('supabase/seed.sql is not what its sources give: run `npm run seed:build` and commit it.');
  process.exitCode = 1;
}
