// Gives each pattern of supabase/patterns that has no sample one from the log that it is the verdict on: `npm run patterns:samples`. A line
// that another pattern would come first on, or that is long, is no sample. What is there already stays.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsePatternFile } from '../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type LogMatch } from '../src/diagnose/patterns/match.ts';

const MOST_CHARACTERS = 240;
const root = join(import.meta.dirname, '..');
const folder = join(root, 'supabase/patterns');
const logs = z
  .array(z.object({ file: z.string(), pattern: z.string().nullable() }))
  .parse(parse(readFileSync(join(root, 'fixtures/logs/index.yml'), 'utf8')));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .sort()
  .map((name) => ({ name, content: readFileSync(join(folder, name), 'utf8') }));
const parsed = files.map(({ name, content }) => parsePatternFile(name, content));
const matcher = compilePatterns(
  parsed.flatMap(({ patterns }) => patterns),
  {
    ignore: parsed.flatMap(({ ignore }) => ignore),
    ignore_between: parsed.flatMap(({ ignore_between }) => ignore_between),
  },
);

function read(log: Uint8Array): LogMatch {
  const matching = matcher.start();
  matching.write(log);
  return matching.end();
}

/** By pattern: a line that it comes first on. */
const samples = new Map<string, string>();
const sampled = new Set(
  parsed.flatMap(({ entries }) => entries.flatMap((one) => (one.samples.length > 0 ? one.pattern.name : []))),
);
for (const { file, pattern } of logs) {
  if (pattern === null || sampled.has(pattern) || samples.has(pattern)) continue;
  const line = read(readFileSync(join(root, 'fixtures/logs', file))).primary?.text.trimEnd() ?? '';
  if (line === '' || line.length > MOST_CHARACTERS || read(Buffer.from(line)).primary?.pattern.name !== pattern)
    continue;
  samples.set(pattern, line);
}

/** As a scalar of YAML: in single quotes where that is possible. */
function scalar(text: string): string {
  return /[\p{Cc}\p{Cf}\uFFFD]/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

let written = 0;
for (const [at, { name, content }] of files.entries()) {
  const names = (parsed[at]?.entries ?? []).map(({ pattern }) => pattern.name);
  let entry = -1;
  const lines = content.split('\n').flatMap((line) => {
    if (line.startsWith('  - name:')) entry++;
    const sample = line.startsWith('    category:') ? samples.get(names[entry] ?? '') : undefined;
    if (sample === undefined) return [line];
    written++;
    return [`    samples: [${scalar(sample)}]`, line];
  });
  writeFileSync(join(folder, name), lines.join('\n'));
}
const left = parsed
  .flatMap(({ patterns }) => patterns)
  .filter((one) => !samples.has(one.name) && !sampled.has(one.name));
console.log(`${written} samples written; without one: ${left.length}`);
for (const { name } of left) console.log(`  ${name}`);
