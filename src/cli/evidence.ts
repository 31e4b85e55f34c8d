// `codered evidence`: says what CodeRed reads in reports, and what a policy would say of them.
import { parseArgs } from 'node:util';
import { keepArtifact } from '../evidence/kept-artifact.ts';
import { evaluateArtifacts } from '../gate/evaluate-artifacts.ts';
import { changedLines } from '../gate/model/changed-lines.ts';
import type { ChangedLines } from '../gate/model/evidence-model.ts';
import { remedyOf } from '../gate/model/remedies.ts';
import type { CriterionVerdict, FailCode } from '../gate/model/verdict.ts';
import type { GateCriterionState } from '../model/gate.ts';
import { redact } from '../text/redact.ts';
import { describeArtifact, linesOf } from './evidence/describe-artifact.ts';
import { type NamedArtifact, readArtifactAt } from './evidence/read-artifact.ts';
import { readDiffAt } from './evidence/read-diff-at.ts';
import { readPolicyFile, renderPolicyProblem } from './policy/policy-file.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { printable } from './terminal/printable.ts';

const help = `codered evidence FILE|ZIP|FOLDER... [--policy FILE] [--diff FILE|-] [--json]

Says what CodeRed reads in these reports, and with a policy what its criteria would say of them. Each FILE, ZIP or FOLDER is one
artifact, as a job would upload it, named without its extension: coverage.zip is the artifact coverage. Nothing else is
needed: no database, no network, no pull request. Ends with 0 when all was read and every criterion that can be judged here is
met, else with 1: one that stays pending, for GitHub alone tells of it, is told and does not count.

  --policy FILE  the policy, as it would stand in .github/codered.yml. Of what it asks for by zones (when) nothing is told,
                 for which files change is not known; a criterion that rests on a job, check or status stays pending,
                 also where such a one would be found by its name, unless a report tells
  --diff FILE|-  which lines change, as git diff base...head writes it; - reads it from standard input. Without it
                 coverage_diff_min stays pending
  --json         print one object: { "artifacts": [{ "name", "refused", "reports": [{ "path", "kind", "format", … }], "others",
                 "remarks" }], "criteria": [{ "criterion", "state", "measured", "needed", "reason", "codes", "remedy" }] }. A report of
                 kind coverage, tests, lighthouse, findings or summary holds its figures, the cases that failed or what was
                 found; one of kind unreadable the reason and the line. others are files that are no report. Of a
                 broken policy each problem is a criterion "policy" in state error`;

async function run(context: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...context.args],
    allowPositionals: true,
    options: { policy: { type: 'string' }, diff: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length === 0) throw new Misused('Name at least one report, zip archive or folder of reports.');
  const policy = values.policy === undefined ? null : await readPolicyFile(values.policy);
  const diff = values.diff === undefined ? null : await readDiffAt(values.diff);
  if (diff !== null && 'problem' in diff) {
    context.err(printable(diff.problem));
    return 1;
  }
  const changed = diff === null ? null : changedLines(diff);
  const artifacts: NamedArtifact[] = [];
  for (const [index, path] of positionals.entries()) {
    context.glance?.(`reading ${printable(path)} (${index + 1} of ${positionals.length})`);
    artifacts.push(await readArtifactAt(path));
  }
  const descriptions = artifacts.map(describeArtifact);
  const criteria = policy === null ? [] : evaluateAll(policy, artifacts, changed);
  if (values.json) context.out(JSON.stringify({ artifacts: descriptions, criteria }));
  else {
    for (const { text, isBad } of descriptions.flatMap(linesOf)) (isBad ? context.err : context.out)(printable(text));
    for (const line of criterionLines(criteria)) context.out(printable(line));
  }
  const wasRead = descriptions.every(
    ({ refused, reports }) =>
      refused === null && reports.length > 0 && reports.every(({ kind }) => kind !== 'unreadable'),
  );
  return wasRead && criteria.every(({ state }) => state === 'pass' || state === 'pending') ? 0 : 1;
}

/** For a broken policy one criterion, as in the brain: nothing can be evaluated, so nothing is met. */
function evaluateAll(
  read: Awaited<ReturnType<typeof readPolicyFile>>,
  artifacts: readonly NamedArtifact[],
  changed: ChangedLines | null,
): CriterionDescription[] {
  if ('policy' in read) return evaluateArtifacts(read.policy, artifacts.map(keep), changed).map(describeCriterion);
  const codes = ['POLICY_INVALID'] satisfies FailCode[];
  return read.problems.map((problem) => ({
    criterion: 'policy',
    state: 'error',
    measured: null,
    needed: null,
    reason: redact(renderPolicyProblem('policy', problem)),
    codes,
    remedy: null,
  }));
}

function keep({ name, artifact }: NamedArtifact) {
  return { name, content: keepArtifact({ id: null, name, digest: null }, artifact).content };
}

interface CriterionDescription {
  readonly criterion: string;
  readonly state: GateCriterionState;
  /** In the unit of `needed`: a share 0..1 or a score 0..100. */
  readonly measured: number | null;
  readonly needed: number | null;
  readonly reason: string;
  readonly codes: readonly FailCode[];
  /** What to do about it; null: nothing more than the reason says. */
  readonly remedy: string | null;
}

function describeCriterion(verdict: CriterionVerdict): CriterionDescription {
  const { criterion, state, measured, reason, fail_codes } = verdict;
  return {
    criterion: criterion.id,
    state,
    measured,
    needed: criterion.threshold,
    reason: redact(reason),
    codes: fail_codes,
    remedy: remedyOf(verdict),
  };
}

function criterionLines(criteria: readonly CriterionDescription[]): string[] {
  const width = Math.max(0, ...criteria.map(({ criterion }) => criterion.length));
  return criteria.flatMap(({ criterion, state, measured, needed, reason, remedy }) => {
    const figures = needed === null ? '' : ` ${measured ?? '–'} of ${needed}:`;
    const line = `${state.padEnd('pending'.length)}  ${criterion.padEnd(width)} ${figures} ${reason}`;
    return remedy === null ? [line] : [line, `  fix: ${remedy}`];
  });
}

/** See `help`. */
export const command: Command = { help, run };
