// `codered patterns`: checks pattern files, and lists how often patterns matched.
import { parseArgs } from 'node:util';
import { counted } from '../text/markdown.ts';
import { readPatternFile, renderProblem, starterFiles } from './pattern-files.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered patterns check [--json] [FILE...]
codered patterns list --repo OWNER/NAME [--all] [--json]

check reads pattern files (YAML, or PyTorch's TOML) and says what is wrong with them; without a FILE it checks the starter
library, which \`codered classify\` uses unless it is given other files. Each sample has to be matched by its pattern, and no
pattern of the named files may come before it there; no name may stand twice. Ends with 1 if anything is wrong.
A note tells of a pattern that also matches logs of jobs that passed (fixtures/logs/passing): it may be worded too widely.
How a pattern is written: docs/patterns.md

list shows which patterns matched failures in the organisation of a repository, and how often; it needs the database.

  --repo OWNER/NAME  whose patterns: those of the repository's project, and everybody's
  --all              also those that never matched

  --json   check prints one object a line per file: { "file", "patterns", "samples",
           "problems": [{ "section", "index", "name", "reason" }], "notes": [the same] }, patterns being the number that can be
           loaded; list one a pattern: { "name", "category", "rank", "is_own", "is_enabled", "matched", "told", "in_green_logs",
           "last_matched_at" }: failures that it matched, those it was told as the cause of, those where the log of a job that
           passed has it too (many: it is worded too widely for what is built there)`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  repo: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

async function run(context: CommandContext): Promise<0 | 1 | 2> {
  const { values, positionals } = parseArgs({ args: [...context.args], allowPositionals: true, options: OPTIONS });
  const [verb, ...paths] = positionals;
  if (verb === undefined) {
    for (const line of await overview()) context.out(line);
    return 2;
  }
  if (verb === 'list') {
    const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(values.repo ?? '') ?? [];
    if (owner === undefined || name === undefined || paths.length > 0)
      throw new Misused('Say of which repository: codered patterns list --repo OWNER/NAME');
    const { listPatterns } = await import('./patterns/list.ts');
    return listPatterns({ owner, name, all: values.all, json: values.json }, context);
  }
  if (verb !== 'check')
    throw new Misused(`\`codered patterns\` knows \`check\` and \`list\`, not ${JSON.stringify(verb)}.`);
  if (values.repo !== undefined || values.all) throw new Misused('--repo and --all go with `codered patterns list`.');
  return check(paths, values.json, context);
}

async function check(paths: readonly string[], json: boolean, { out, err }: CommandContext): Promise<0 | 1> {
  const { checkFiles } = await import('./patterns/check.ts');
  const named = paths.length > 0 ? paths : await starterFiles();
  const files = await Promise.all(named.map(async (path) => ({ path, content: await readPatternFile(path) })));
  const checks = await checkFiles(files);
  for (const { file, patterns, samples, problems, notes } of checks) {
    if (json) {
      out(
        JSON.stringify({ file, patterns, samples, problems: problems.map(withoutFile), notes: notes.map(withoutFile) }),
      );
      continue;
    }
    for (const problem of problems) err(renderProblem(problem));
    for (const note of notes) out(`note: ${renderProblem(note)}`);
    const sampled = samples > 0 ? `, ${counted(samples, 'sample')}` : '';
    out(`${file}: ${counted(patterns, 'pattern')} can be loaded${sampled}, ${counted(problems.length, 'problem')}`);
  }
  return checks.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

function withoutFile<T extends { readonly file: string }>({ file: _, ...rest }: T): Omit<T, 'file'> {
  return rest;
}

/** The lines for people who name no sub-command: which there are, and which patterns are used by default. */
async function overview(): Promise<string[]> {
  const files = await Promise.all((await starterFiles()).map(readPatternFile));
  const patterns = files.reduce((sum, file) => sum + file.patterns.length, 0);
  return [
    'codered patterns check [FILE...]           says what is wrong with pattern files, or with the starter library',
    'codered patterns list --repo OWNER/NAME    says which patterns matched in the organisation of a repository',
    '',
    `Without a file of your own the starter library counts: ${patterns} patterns in ${files.length} files of`,
    'supabase/patterns/, each of which shows how one is written. Try yours: codered classify --patterns FILE LOG',
  ];
}

/** See `help`. */
export const command: Command = { help, run };
