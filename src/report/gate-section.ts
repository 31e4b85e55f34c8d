// The Definition of Done as it stands on the pull request: a sentence for the headline, a table for the body. Pure; the files of
// report/ may import it.

import { POLICY_PATH } from '../gate/policy.ts';
import type { GateCriterion, GateCriterionState, GateReport, PolicyProblem } from '../gate-report.ts';
import { measuredText, neededText, waitingText } from './gate-figures.ts';
import { counted, link, plain } from './markdown.ts';

/** The sign and the word of each state; a sign never stands without its word. */
const STATES: Readonly<Record<GateCriterionState, string>> = {
  pass: '✅ passed',
  fail: '❌ failed',
  pending: '⏳ waiting',
  missing: '⚠️ missing',
  error: '⛔ error',
  overridden: '🔓 overridden',
};

const PROBLEMS_SHOWN = 10;
const ROWS_SHOWN = 30;
const REASON_BYTES = 300;

/** What the headline says of the gate, in words of our own: "2 of 5 criteria are not met: coverage, e2e". */
export function gateHeadline(gate: GateReport): string {
  switch (gate.state) {
    case 'error':
      return `the policy is broken: ${counted(gate.problems.length, 'problem')}`;
    case 'pass':
      return gate.criteria.length === 0
        ? 'nothing is asked for'
        : `Definition of Done met, ${tally(gate.criteria)}${overriddenOf(gate.criteria)}`;
    case 'fail':
      return `${tally(gate.criteria, unmet)} not met: ${names(gate.criteria.filter(unmet))}`;
    case 'pending': {
      const failed = gate.criteria.filter((one) => unmet(one) && one.state !== 'pending');
      const waiting = `waiting for ${names(gate.criteria.filter(({ state }) => state === 'pending'))}`;
      return failed.length === 0 ? waiting : `not met: ${names(failed)} · ${waiting}`;
    }
    default:
      throw new Error(`gate ${gate satisfies never} is not known`);
  }
}

/** The section of comment and check run, as one or no Markdown text. */
export function gateSection(gate: GateReport | null): string[] {
  if (gate === null) return [];
  if (gate.state === 'error') return [brokenPolicy(gate)];
  if (gate.criteria.length === 0) return [];
  const met = gate.criteria.filter((one) => !unmet(one)).length;
  const rows = gate.criteria.slice(0, ROWS_SHOWN).map(row);
  const more = gate.criteria.length - rows.length;
  const table = ['| | criterion | measured | needed | from |', '|---|---|---|---|---|', ...rows].join('\n');
  const rest = more > 0 ? `\n\n${counted(more, 'more criterion').replace('criterions', 'criteria')}.` : '';
  return [
    `#### Definition of Done: ${met} of ${gate.criteria.length}\n\n${table}${rest}\n\n<sub>\`/codered help\` · ${plain(gate.from, 200)}</sub>`,
  ];
}

/** What is wrong with the policy that the pull request brings, as one or no Markdown text. */
export function proposedSection(problems: readonly PolicyProblem[]): string[] {
  if (problems.length === 0) return [];
  if (problems.every(({ is_warning }) => is_warning === true)) {
    const told = `This pull request changes \`${POLICY_PATH}\`. It can be read, but may not say what is meant:`;
    return [['#### The new policy', '', told, '', ...problemList(problems)].join('\n')];
  }
  const said = `This pull request changes \`${POLICY_PATH}\`. Once it is merged, nothing could pass:`;
  return [['#### ⚠️ The new policy is broken', '', said, '', ...problemList(problems)].join('\n')];
}

/** Whether somebody answers for a criterion that is not met: then it is shown who, though all is green. */
export function isOverridden(gate: GateReport | null): boolean {
  return gate !== null && gate.state !== 'error' && gate.criteria.some(({ state }) => state === 'overridden');
}

function overriddenOf(criteria: readonly GateCriterion[]): string {
  const { length } = criteria.filter(({ state }) => state === 'overridden');
  return length === 0 ? '' : `, ${length} overridden`;
}

function unmet({ state }: GateCriterion): boolean {
  return state !== 'pass' && state !== 'overridden';
}

function tally(
  criteria: readonly GateCriterion[],
  which: (one: GateCriterion) => boolean = (one) => !unmet(one),
): string {
  const noun = criteria.length === 1 ? 'criterion' : 'criteria';
  return `${criteria.filter(which).length} of ${criteria.length} ${noun}`;
}

/** Without what they are narrowed to: that may come from outside, and a headline is our words alone. */
function names(criteria: readonly GateCriterion[]): string {
  return [...new Set(criteria.map(({ name }) => name))].join(', ');
}

function row(one: GateCriterion): string {
  const name = one.of === null ? one.name : `${one.name} of ${plain(one.of)}`;
  return `| ${[STATES[one.state], name, measuredText(one), neededText(one), from(one)].join(' | ')} |`;
}

function from(criterion: GateCriterion): string {
  const { state, sources, reason } = criterion;
  const [first, ...others] = sources;
  const source = first === undefined ? [] : [sourceText(first, others.length)];
  const waiting = waitingText(criterion) ?? [];
  // Of what passed the source says it all; the reason of an override says who answers for it.
  const why = state === 'pass' ? [] : [plain(reason, REASON_BYTES)];
  return [source, why, waiting].flat().join(' · ');
}

/** What a verdict rests on, with its link, as Markdown that stands in a cell; `others`: how many more there are. */
export function sourceText({ kind, name, url, attempt }: GateCriterion['sources'][number], others: number): string {
  const more = others > 0 ? ` and ${others} more` : '';
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `${kind} ${link(plain(name), url)}${again}${more}`;
}

function brokenPolicy({ problems, from: place }: Extract<GateReport, { state: 'error' }>): string {
  const said = `${plain(place, 200)} is broken, so nothing can pass until it is mended:`;
  return [`#### ⛔ error: the policy can't be read`, '', said, '', ...problemList(problems)].join('\n');
}

function problemList(problems: readonly PolicyProblem[]): string[] {
  const lines = problems.slice(0, PROBLEMS_SHOWN).map(({ line, column, path, message }) => {
    const where = path === '' ? '' : `${plain(path)}: `;
    return `- line ${line}, column ${column}: ${where}${plain(message, REASON_BYTES)}`;
  });
  return problems.length > PROBLEMS_SHOWN ? [...lines, `- and ${problems.length - PROBLEMS_SHOWN} more`] : lines;
}
