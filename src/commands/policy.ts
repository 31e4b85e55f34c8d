// `codered policy`: checks policy files and prints their JSON Schema. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { describeAsked } from '../gate/describe-asked.ts';
import { policyJsonSchema } from '../gate/policy.ts';
import { type Command, type CommandContext, Misused } from './command.ts';
import { readPolicyFile, renderPolicyProblem } from './policy-file.ts';
import { printable } from './printable.ts';

const help = `codered policy check [--json] FILE...
codered policy schema

check reads policies (.github/codered.yml) and says what each asks for, one criterion a line, or what is wrong with it as
FILE:line:column path: message. Ends with 1 if anything is wrong. Needs neither database nor network.
schema prints the JSON Schema of the file, for editors; docs/codered.schema.json is the same.

  --json   check: print one object a line for each file: { "file", "criteria": [{ "id", "zones", "threshold", "source" }],
           "problems": [{ "line", "column", "path", "message" }] }; a criterion with zones is asked of changes in one of
           those alone, a source of null is found by names; of a file that can't be read line and column are null`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
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

  let failed = false;
  for (const file of paths) {
    const read = await readPolicyFile(file);
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
    if ('policy' in read && asked.length === 0) out(`${file}: asks for nothing`);
  }
  return failed ? 1 : 0;
}

/** See `help`. */
export const command: Command = { help, run };
