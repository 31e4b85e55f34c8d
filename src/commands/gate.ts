// `codered gate`: says what a policy would say of a pull request, from what the brain knows. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Brain, type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config.ts';
import { type DescribedVerdict, describeVerdict } from '../gate/describe-verdict.ts';
import { type GateSubject, gateSubject } from '../gate/gather.ts';
import { judgeSubject, unreadRuns } from '../gate/judge-subject.ts';
import type { Policy } from '../gate/policy.ts';
import type { GateVerdict } from '../gate/verdict.ts';
import { type Command, type CommandContext, Misused } from './command.ts';
import { gateTable } from './gate-table.ts';
import { readPolicyFile, renderPolicyProblem } from './policy-file.ts';

const help = `codered gate simulate --repo OWNER/NAME --pr NUMBER --policy FILE [--json]

Says what a policy would say of the head commit of a pull request, judged as CodeRed judges it, from what the database
knows. Nothing is written, and GitHub is not asked: which files the pull request changes is not known then, and where a
criterion needs that it is said. Ends with 0 when the policy is met, with 1 when it is not (yet), is broken, or the pull
request is not known.

  --policy FILE  the policy to try, as it would stand in .github/codered.yml
  --json         print { "repository", "pull_request", "head_sha", "state", "criteria": [{ "id", "name", "of", "state",
                 "measured", "threshold", "unit", "sources", "reason", "waits" }], "notes": [text] }

The embedded database serves one process at a time, so \`codered serve\` has to be stopped first.`;

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
  const subject = await readSubject(context, { owner, name, number });
  if (subject === null) {
    context.err(`The database does not know pull request ${number} of ${owner}/${name}.`);
    return 1;
  }
  return tell(subject, read.policy, { out: context.out, from: values.policy, json: values.json });
}

interface Place {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

function readPlace({ repo, pr }: { repo?: string | undefined; pr?: string | undefined }): Place {
  const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(repo ?? '') ?? [];
  if (owner === undefined || name === undefined) throw new Misused('--repo wants OWNER/NAME.');
  if (!/^[1-9]\d{0,8}$/.test(pr ?? '')) throw new Misused('--pr wants the number of a pull request.');
  return { owner, name, number: Number(pr) };
}

async function readSubject({ env, err }: CommandContext, place: Place): Promise<GateSubject | null> {
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log });
  try {
    return await findSubject(brain, place);
  } finally {
    await brain.close();
  }
}

/** Read twice: which commit is the head stands in what is told of the pull request, whatever commit was asked for. */
async function findSubject(brain: Pick<Brain, 'call'>, { owner, name, number }: Place): Promise<GateSubject | null> {
  const repository_id = z
    .number()
    .nullable()
    .parse(await brain.call('find_repository', { owner, name }));
  if (repository_id === null) return null;
  const read = async (sha: string) =>
    gateSubject
      .nullable()
      .parse(await brain.call('read_gate_subject', { repository_id, pull_request_number: number, sha }));
  const found = await read('');
  return found === null ? null : read(found.pull_request.head_sha);
}

function tell(
  subject: GateSubject,
  policy: Policy,
  { out, from, json }: { out: CommandContext['out']; from: string; json: boolean },
): 0 | 1 {
  const verdict = judgeSubject(subject, policy, { change: null, now: new Date().toISOString() });
  const told = describeVerdict(verdict, from);
  const notes = notesOn(subject, policy, verdict);
  const { repository, pull_request } = subject;
  const repo = `${repository.owner}/${repository.name}`;
  if (json) {
    const { state, criteria } = told;
    const { number, head_sha } = pull_request;
    out(JSON.stringify({ repository: repo, pull_request: number, head_sha, state, criteria, notes }));
  } else {
    out(`${repo}#${pull_request.number} at ${pull_request.head_sha.slice(0, 7)} by ${from}`);
    for (const line of gateTable(told.criteria)) out(line);
    for (const note of notes) out(`note: ${note}`);
    out(`${told.state}: ${conclusion(told)}`);
  }
  return told.state === 'pass' ? 0 : 1;
}

function conclusion({ state, criteria }: DescribedVerdict): string {
  if (state === 'pending') return 'the check run would be in progress';
  if (criteria.length === 0) return 'the policy asks for nothing; the check run would be green';
  return `the check run would be ${state === 'pass' ? 'green' : 'red'}`;
}

/** What the verdict lacks because GitHub was not asked, and nobody has read artifacts for this policy. */
function notesOn(subject: GateSubject, policy: Policy, verdict: GateVerdict): string[] {
  const rules = [policy.when ?? []].flat();
  const needsLines = verdict.criteria.some(({ criterion }) => criterion.key === 'coverage_diff_min');
  const unread = unreadRuns(subject, verdict).length;
  return [
    ...(rules.length > 0 ? ['which files changed is not known here, so what `when` asks for on top is left out'] : []),
    ...(needsLines ? ['which lines changed is not known here, so coverage_diff_min can not be measured'] : []),
    ...(subject.pull_request.is_fork
      ? ['it comes from a fork and which files changed is not known here, so nothing that its runs say counts']
      : []),
    ...(unread > 0
      ? [`the artifacts of ${unread} workflow runs are not read yet: that is done once a policy in force asks for some`]
      : []),
  ];
}

/** See `help`. */
export const command: Command = { help, run };
