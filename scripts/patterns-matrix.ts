// Writes docs/patterns-matrix.md, which kinds of failure the library knows of which tool: `npm run patterns:matrix`. With --check
// nothing is written, and the exit code is 1 when the page is not what the patterns and their logs give.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsePatternFile } from '../src/diagnose/pattern-files/pattern-file.ts';
import { PATTERN_CATEGORIES, type Pattern } from '../src/model/failure.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'docs/patterns-matrix.md');
const logs = z
  .array(z.object({ pattern: z.string().nullable(), origin: z.enum(['captured', 'documented']) }))
  .parse(parse(readFileSync(join(root, 'fixtures/logs/index.yml'), 'utf8')));
const captured = new Set(logs.flatMap(({ pattern, origin }) => (origin === 'captured' ? (pattern ?? []) : [])));
const folder = join(root, 'supabase/patterns');
const patterns = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .sort()
  .flatMap((name) => parsePatternFile(name, readFileSync(join(folder, name), 'utf8')).patterns);

/** A name begins with its tool; a first word that few share is taken for no tool's. */
const LEAST_SHARED = 3;
/** First words that name a thing, not a tool. */
const THINGS =
  /^(?:action|api|artifact|browser|command|compiler|connection|container|dependency|environment|file|image|job|linker|native|network|package|program|pull|push|release|runner|secret|service|shared|step|system|test|tests|token|unknown|version|workflow)$/;

function firstWord({ name }: Pattern): string {
  return (name.split(/[:\s]/, 1)[0] ?? name).toLowerCase();
}

const shared = new Map<string, number>();
for (const pattern of patterns) shared.set(firstWord(pattern), (shared.get(firstWord(pattern)) ?? 0) + 1);
const isTool = (word: string) => (shared.get(word) ?? 0) >= LEAST_SHARED && !THINGS.test(word);
const rowOf = (pattern: Pattern) => (isTool(firstWord(pattern)) ? firstWord(pattern) : 'all others');

const rows = new Map<string, Pattern[]>();
for (const pattern of patterns) rows.set(rowOf(pattern), [...(rows.get(rowOf(pattern)) ?? []), pattern]);
const names = [...rows.keys()].sort(
  (a, b) => Number(a === 'all others') - Number(b === 'all others') || a.localeCompare(b, 'en'),
);

function cell(of: readonly Pattern[]): string {
  if (of.length === 0) return '';
  const real = of.filter(({ name }) => captured.has(name)).length;
  return real === 0 ? String(of.length) : `${of.length} (${real})`;
}

const table = names.map((name) => {
  const own = rows.get(name) ?? [];
  return [name, ...PATTERN_CATEGORIES.map((category) => cell(own.filter((one) => one.category === category)))];
});
const lines = [['tool', ...PATTERN_CATEGORIES], ['---', ...PATTERN_CATEGORIES.map(() => '---')], ...table];
const page = `# Which failures of which tool the library knows

Made by \`npm run patterns:matrix\` from [supabase/patterns](../supabase/patterns) and [fixtures/logs](../fixtures/logs): how many kinds of failure of a tool are known, by category, and in
brackets how many of them have a log that was captured by really running the tool. The others have a log in the words that the tool documents.
${patterns.length.toLocaleString('en')} kinds, ${names.length - 1} tools with at least ${LEAST_SHARED}; what belongs to no such tool stands in the last row.

${lines.map((one) => `| ${one.join(' | ')} |`).join('\n')}
`;

if (!process.argv.includes('--check')) writeFileSync(target, page);
else if (page !== readFileSync(target, 'utf8')) {
  console.error(
    'docs/patterns-matrix.md is not what the patterns and their logs give: run `npm run patterns:matrix` and commit it.',
  );
  process.exitCode = 1;
}
