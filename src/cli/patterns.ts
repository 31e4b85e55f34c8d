// `codered patterns`: checks pattern files.
import { parseArgs } from 'node:util';
import { readPatternFile, renderProblem, starterFiles } from './pattern-files.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered patterns check [--json] FILE...

Reads pattern files (YAML, or PyTorch's TOML) and says what is wrong with them. Ends with 1 if anything is. Without a
sub-command says what there is: the starter library, which \`codered classify\` uses unless it is given other files.

  --json   print one object a line per file: { "file", "patterns", "problems": [{ "section", "index", "name", "reason" }] },
           patterns being the number that can be loaded`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1 | 2> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const [verb, ...paths] = positionals;
  if (verb === undefined) {
    for (const line of await overview()) out(line);
    return 2;
  }
  if (verb !== 'check') throw new Misused(`\`codered patterns\` knows \`check\`, not ${JSON.stringify(verb)}.`);
  if (paths.length === 0) throw new Misused('Name at least one pattern file.');

  let failed = false;
  for (const path of paths) {
    const { patterns, problems } = await readPatternFile(path);
    failed ||= problems.length > 0;
    if (values.json) {
      const shown = problems.map(({ section, index, name, reason }) => ({ section, index, name, reason }));
      out(JSON.stringify({ file: path, patterns: patterns.length, problems: shown }));
      continue;
    }
    for (const problem of problems) err(renderProblem(problem));
    out(`${path}: ${patterns.length} patterns can be loaded, ${problems.length} problems`);
  }
  return failed ? 1 : 0;
}

/** The lines for people who name no sub-command: which there are, and which patterns are used by default. */
async function overview(): Promise<string[]> {
  const files = await Promise.all((await starterFiles()).map(readPatternFile));
  const patterns = files.reduce((sum, file) => sum + file.patterns.length, 0);
  return [
    'codered patterns check FILE...   says what is wrong with pattern files',
    '',
    `No file is named. Without one of your own the starter library counts: ${patterns} patterns in ${files.length} files of`,
    'supabase/patterns/, each of which shows how one is written. Try yours: codered classify --patterns FILE LOG',
  ];
}

/** See `help`. */
export const command: Command = { help, run };
