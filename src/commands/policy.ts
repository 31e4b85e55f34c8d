// `codered policy`: checks policy files and prints their JSON Schema. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { describeAsked } from '../gate/describe-asked.ts';
import { type Policy, policyJsonSchema } from '../gate/policy.ts';
import type { PolicyBase } from '../gate/policy-layers.ts';
import { type Command, type CommandContext, Misused } from './command.ts';
import { readBaseFile, readPolicyFile, renderPolicyProblem } from './policy-file.ts';
import { printable } from './printable.ts';

const help = `codered policy check [--org-file FILE] [--json] FILE...
codered policy schema

check reads policies (.github/codered.yml) and says what each asks for, one criterion a line, or what is wrong with it as
FILE:line:column path: message. Ends with 1 if anything is wrong. Needs neither database nor network.
What a file extends is not read. schema prints the JSON Schema of the file, for editors; docs/codered.schema.json is the same.

  --org-file FILE  check: each file as it counts on top of this one, the organisation's (codered.yml of its repository .github)
  --json   check: print one object a line for each file: { "file", "criteria": [{ "id", "zones", "threshold", "source" }],
           "problems": [{ "line", "column", "path", "message" }] }; a criterion with zones is asked of changes in one of
           those alone, a source of null is found by names; of a file that can't be read line and column are null`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'org-file': { type: 'string' } },
  });
  const [verb, ...paths] = positionals;
  if (verb === 'schema' && paths.length === 0) {
    out(JSON.stringify(policyJsonSchema(), null, 2));
    return 0;
  }
  if (verb === 'schema') throw new Misused('`codered policy schema` takes no file.');
  if (verb !== 'check')
    throw new Misused(`\`codered policy\` knows \`check\` and \`schema\`, not ${JSON.stringify(verb ?? '')}.`);
  if (paths.length === 0) throw new Misused('Name at least one policy file.');

  const bases = await readBases(values['org-file'], err);
  if (bases === null) return 1;
  let failed = false;
  for (const file of paths) {
    const read = await readPolicyFile(file, bases);
    const problems = 'problems' in read ? read.problems : [];
    const asked = 'policy' in read ? describeAsked(read.policy) : [];
    failed ||= problems.length > 0;
    if (values.json) {
      const criteria = asked.map(({ id, zones, threshold, source }) => ({ id, zones, threshold, source }));
      out(JSON.stringify({ file, criteria, problems }));
      continue;
    }
    for (const problem of problems) err(renderPolicyProblem(file, problem));
    for (const { text } of asked) out(`${file}: ${printable(text)}`);
    if ('policy' in read) for (const line of remarks(read.policy, asked.length)) out(printable(`${file}: ${line}`));
  }
  return failed ? 1 : 0;
}

function remarks(policy: Policy, asked: number): string[] {
  const named = policy.extends === undefined ? [] : [`on top of ${policy.extends}, which is not read here`];
  const days = policy.observe_days_after_installation;
  const observing = days === undefined ? [] : [`only observes for ${days} days after the App was installed`];
  return [
    ...(asked === 0 ? ['asks for nothing'] : []),
    ...named,
    ...(policy.mode === 'observe' ? ['only observes'] : observing),
  ];
}

/** Null: it is broken, which was said. */
async function readBases(file: string | undefined, err: CommandContext['err']): Promise<PolicyBase[] | null> {
  if (file === undefined) return [];
  const base = await readBaseFile(file);
  if (!('problems' in base)) return [base];
  for (const problem of base.problems) err(renderPolicyProblem(file, problem));
  return null;
}

/** See `help`. */
export const command: Command = { help, run };
