// `codered gate`: says what a policy would say of a pull request, from what the brain knows.
import { parseArgs } from 'node:util';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type PullRequestPlace, type Simulation, simulate } from '../gate/simulate.ts';
import type { Policy } from '../policy/schema/policy.ts';
import { gateTable } from './policy/gate-table.ts';
import { readPolicyFile, renderPolicyProblem } from './policy/policy-file.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered gate simulate --repo OWNER/NAME --pr NUMBER --policy FILE [--json]

Says what a policy would say of the head commit of a pull request, judged as CodeRed judges it, from what the database
knows. Nothing of the verdict is written (an embedded database that is missing or older is made or migrated), and GitHub is not asked: which files the pull request changes is not known then, and where a
criterion needs that it is said. Ends with 0 when the policy is met, with 1 when it is not (yet), is broken, or the pull
request is not known.

  --policy FILE  the policy to try, as it would stand in .github/codered.yml
  --json         print { "repository", "pull_request", "head_sha", "state", "criteria": [{ "id", "name", "of", "state",
                 "measured", "threshold", "unit", "sources", "reason", "waits" }], "notes": [text] }

Where a running \`codered serve\` has the embedded database, that one is asked.`;

async function run(context: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...context.args],
    allowPositionals: true,
    options: {
      repo: { type: 'string' },
      pr: { type: 'string' },
      policy: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [verb, ...rest] = positionals;
  if (verb === undefined)
    throw new Misused(
      '`codered gate` wants to be told what to do: simulate --repo OWNER/NAME --pr NUMBER --policy FILE.',
    );
  if (verb !== 'simulate' || rest.length > 0)
    throw new Misused(`\`codered gate\` knows \`simulate\`, not ${JSON.stringify(positionals.join(' '))}.`);
  const { owner, name, number } = readPlace(values);
  if (values.policy === undefined)
    throw new Misused('--policy FILE is needed: the one on the base branch is not known here, GitHub is not asked.');
  const read = await readPolicyFile(values.policy);
  if ('problems' in read) {
    for (const problem of read.problems) context.err(renderPolicyProblem(values.policy, problem));
    return 1;
  }
  const simulation = await simulateFor(context, { owner, name, number }, read.policy);
  if (simulation === null) {
    context.err(`The database does not know pull request ${number} of ${owner}/${name}.`);
    return 1;
  }
  return tell(simulation, { out: context.out, from: values.policy, json: values.json });
}

function readPlace({ repo, pr }: { repo?: string | undefined; pr?: string | undefined }): PullRequestPlace {
  const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(repo ?? '') ?? [];
  if (owner === undefined || name === undefined) throw new Misused('--repo wants OWNER/NAME.');
  if (!/^[1-9]\d{0,8}$/.test(pr ?? '')) throw new Misused('--pr wants the number of a pull request.');
  return { owner, name, number: Number(pr) };
}

async function simulateFor(
  { env, err }: CommandContext,
  place: PullRequestPlace,
  policy: Policy,
): Promise<Simulation | null> {
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    return await simulate(place, policy, { brain, octokitFor: null, now: Date.now });
  } finally {
    await brain.close();
  }
}

function tell(
  simulation: Simulation,
  { out, from, json }: { out: CommandContext['out']; from: string; json: boolean },
): 0 | 1 {
  if (json) {
    out(JSON.stringify(simulation));
  } else {
    out(`${simulation.repository}#${simulation.pull_request} at ${simulation.head_sha.slice(0, 7)} by ${from}`);
    for (const line of gateTable(simulation.criteria)) out(line);
    for (const note of simulation.notes) out(`note: ${note}`);
    out(`${simulation.state}: ${conclusion(simulation)}`);
  }
  return simulation.state === 'pass' ? 0 : 1;
}

function conclusion({ state, criteria }: Simulation): string {
  if (state === 'pending') return 'the check run would be in progress';
  if (criteria.length === 0) return 'the policy asks for nothing; the check run would be green';
  return `the check run would be ${state === 'pass' ? 'green' : 'red'}`;
}

/** See `help`. */
export const command: Command = { help, run };
