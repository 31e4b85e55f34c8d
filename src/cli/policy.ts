// `codered policy`: checks policy files and prints their JSON Schema.
import { parseArgs } from 'node:util';
import { type AskedCriterion, describeAsked } from '../gate/describe-asked.ts';
import type { PolicyProblem } from '../model/gate.ts';
import { locateFindings } from '../policy/parse-policy.ts';
import type { PolicyBase } from '../policy/policy-layers.ts';
import { type Policy, policyJsonSchema } from '../policy/schema/policy.ts';
import { findUnmatched } from '../policy/sense/unmatched-globs.ts';
import { type FileProblem, readBaseFile, readPolicyText, renderPolicyProblem } from './policy/policy-file.ts';
import { listRepoFiles } from './policy/repo-files.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { printable } from './terminal/printable.ts';

const help = `codered policy check [--org-file FILE] [--repo-files FOLDER|LIST|-] [--strict] [--json] FILE...
codered policy schema

check reads policies (.github/codered.yml) and says what each asks for, one criterion a line, or what is wrong with it as
FILE:line:column path: message. Ends with 1 if anything is wrong. What counts, but may not be meant, is told as a warning.
Needs neither database nor network: what a file extends is not read.
schema prints the JSON Schema of the file, for editors; docs/codered.schema.json is the same.

  --org-file FILE    check: each file as it counts on top of this one, the organisation's (codered.yml of its repository
                     .github)
  --repo-files FROM  check: also say which zones and globs fit no file of the repository, and end with 1 if any does: a
                     folder (a checkout; links are not followed, .git and node_modules are left out), a list of paths,
                     one a line, or - for such a list on standard input: git ls-files -z | codered policy check FILE
                     --repo-files -
  --strict           check: end with 1 for warnings too
  --json             check: print one object a line for each file: { "file", "criteria": [{ "id", "zones", "threshold",
                     "source" }], "problems": [{ "line", "column", "path", "message" }], "warnings": [the same],
                     "unmatched": [the same] }; a criterion with zones is asked of changes in one of those alone, a source
                     of null is found by names; of a file that can't be read line and column are null; unmatched is what
                     --repo-files finds`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      'org-file': { type: 'string' },
      'repo-files': { type: 'string' },
    },
  });
  const [verb, ...paths] = positionals;
  if (verb === 'schema' && paths.length === 0) {
    out(JSON.stringify(policyJsonSchema(), null, 2));
    return 0;
  }
  if (verb === 'schema') throw new Misused('`codered policy schema` takes no file.');
  if (verb === undefined) throw new Misused('`codered policy` wants to be told what to do: check FILE..., or schema.');
  if (verb !== 'check')
    throw new Misused(`\`codered policy\` knows \`check\` and \`schema\`, not ${JSON.stringify(verb)}.`);
  if (paths.length === 0) throw new Misused('Name at least one policy file.');

  const from = values['repo-files'];
  const files = from === undefined ? null : await listRepoFiles(from);
  if (files !== null && 'problem' in files) {
    err(files.problem);
    return 1;
  }
  const bases = await readBases(values['org-file'], err);
  if (bases === null) return 1;
  let failed = false;
  for (const file of paths) {
    const checked = await check(file, bases, files?.paths ?? null);
    const { asked, problems, warnings, unmatched } = checked;
    failed ||= problems.length + unmatched.length + (values.strict ? warnings.length : 0) > 0;
    if (values.json) {
      const criteria = asked.map(({ id, zones, threshold, source }) => ({ id, zones, threshold, source }));
      out(JSON.stringify({ file, criteria, problems, warnings, unmatched }));
      continue;
    }
    for (const problem of [...problems, ...unmatched]) err(renderPolicyProblem(file, problem));
    for (const one of warnings) err(renderPolicyProblem(file, { ...one, message: `${one.message} (warning)` }));
    for (const { text } of asked) out(`${file}: ${printable(text)}`);
    if (checked.policy !== null)
      for (const line of remarks(checked.policy, asked.length)) out(printable(`${file}: ${line}`));
  }
  return failed ? 1 : 0;
}

interface Checked {
  /** Null: it is broken. */
  readonly policy: Policy | null;
  readonly asked: readonly AskedCriterion[];
  readonly problems: readonly (PolicyProblem | FileProblem)[];
  readonly warnings: readonly PolicyProblem[];
  readonly unmatched: readonly PolicyProblem[];
}

/** `files`: all paths of the repository; null: the globs are not checked against them. */
async function check(path: string, bases: readonly PolicyBase[], files: readonly string[] | null): Promise<Checked> {
  const { text, ...read } = await readPolicyText(path, bases);
  if ('problems' in read) return { policy: null, asked: [], problems: read.problems, warnings: [], unmatched: [] };
  const { policy, warnings = [] } = read;
  const unmatched = files === null ? [] : locateFindings(text, findUnmatched(policy, files));
  return { policy, asked: describeAsked(policy), problems: [], warnings, unmatched };
}

function remarks(policy: Policy, asked: number): string[] {
  const named = policy.extends === undefined ? [] : [`on top of ${policy.extends}, which is not read here`];
  const days = policy.observe_days_after_installation;
  const observing =
    days === undefined || policy.mode === 'enforce'
      ? []
      : [`only observes for ${days} days after the App was installed`];
  return [
    ...(asked === 0 ? ['asks for nothing'] : []),
    ...named,
    ...(policy.mode === 'observe' ? ['only observes'] : observing),
  ];
}

/** Null when the file is broken; that has been printed then. */
async function readBases(file: string | undefined, err: CommandContext['err']): Promise<PolicyBase[] | null> {
  if (file === undefined) return [];
  const base = await readBaseFile(file);
  if (!('problems' in base)) return [base];
  for (const problem of base.problems) err(renderPolicyProblem(file, problem));
  return null;
}

/** See `help`. */
export const command: Command = { help, run };
