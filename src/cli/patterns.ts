// `codered patterns`: checks pattern files. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { readPatternFile, renderProblem } from './pattern-files.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered patterns check [--json] FILE...

Reads pattern files (YAML, or PyTorch's TOML) and says what is wrong with them. Ends with 1 if anything is.

  --json   print one object a line per file: { "file", "patterns", "problems": [{ "section", "index", "name", "reason" }] },
           patterns being the number that can be loaded`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const [verb, ...paths] = positionals;
  if (verb !== 'check') throw new Misused(`\`codered patterns\` knows \`check\`, not ${JSON.stringify(verb ?? '')}.`);
  if (paths.length === 0) throw new Misused('Name at least one pattern file.');

  let failed = false;
  for (const path of paths) {
    const { patterns, problems } = await readPatternFile(path);
    failed ||= problems.length > 0;
    if (values.json) {
      const told = problems.map(({ section, index, name, reason }) => ({ section, index, name, reason }));
      out(JSON.stringify({ file: path, patterns: patterns.length, problems: told }));
      continue;
    }
    for (const problem of problems) err(renderProblem(problem));
    out(`${path}: ${patterns.length} patterns can be loaded, ${problems.length} problems`);
  }
  return failed ? 1 : 0;
}

/** See `help`. */
export const command: Command = { help, run };
