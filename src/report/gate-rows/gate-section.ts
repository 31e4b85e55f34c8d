// The Definition of Done as it stands on the pull request: a table for the body. Pure; the files of
// report/ may import it.

import type { GateCriterion, GateReport, PolicyProblem } from '../../model/gate.ts';
import { POLICY_PATH } from '../../policy/schema/policy.ts';
import { counted, plain } from '../../text/markdown.ts';
import { isMet } from './gate-figures.ts';
import { gateRows, type IsShown } from './gate-row.ts';

const PROBLEMS_SHOWN = 10;
const ROWS_SHOWN = 30;
const REASON_BYTES = 300;

/** The section of comment and check run, as one or no Markdown text. */
export function gateSection(gate: GateReport | null, isShown: IsShown): string[] {
  if (gate === null) return [];
  if (gate.state === 'error') return [brokenPolicy(gate)];
  if (gate.criteria.length === 0) return [];
  const met = gate.criteria.filter(isMet).length;
  const rows = gateRows(shownOf(gate.criteria), isShown);
  const more = gate.criteria.length - rows.length;
  const table = ['| | criterion | measured | needed | from |', '|---|---|---|---|---|', ...rows].join('\n');
  const rest = more > 0 ? `\n\n${counted(more, 'more criterion').replace('criterions', 'criteria')}.` : '';
  return [
    `#### Definition of Done: ${met} of ${gate.criteria.length}\n\n${table}${rest}\n\n<sub>\`/codered help\` · ${plain(gate.from, 200)}</sub>`,
  ];
}

/** In the policy's order, unless there are too many: then what is not met is shown before what is. */
function shownOf(criteria: readonly GateCriterion[]): readonly GateCriterion[] {
  if (criteria.length <= ROWS_SHOWN) return criteria;
  return criteria.toSorted((a, b) => Number(isMet(a)) - Number(isMet(b))).slice(0, ROWS_SHOWN);
}

/** What is wrong with the policy that the pull request brings, as one or no Markdown text. */
export function proposedSection(problems: readonly PolicyProblem[]): string[] {
  if (problems.length === 0) return [];
  if (problems.every(({ is_warning }) => is_warning === true)) {
    const notice = `This pull request changes \`${POLICY_PATH}\`. It can be read, but may not say what is meant:`;
    return [['#### The new policy', '', notice, '', ...problemList(problems)].join('\n')];
  }
  const said = `This pull request changes \`${POLICY_PATH}\`. Once it is merged, nothing could pass:`;
  return [['#### ⚠️ The new policy is broken', '', said, '', ...problemList(problems)].join('\n')];
}

/** Whether somebody answers for a criterion that is not met: then it is shown who, though all is green. */
export function isOverridden(gate: GateReport | null): boolean {
  return gate !== null && gate.state !== 'error' && gate.criteria.some(({ state }) => state === 'overridden');
}

function brokenPolicy({ problems, from: place }: Extract<GateReport, { state: 'error' }>): string {
  const head = `#### ⛔ error in ${plain(place, 200)}`;
  return [head, '', 'Nothing can pass until it is mended:', '', ...problemList(problems)].join('\n');
}

function problemList(problems: readonly PolicyProblem[]): string[] {
  const lines = problems.slice(0, PROBLEMS_SHOWN).map(({ line, column, path, message }) => {
    const where = path === '' ? '' : `${plain(path)}: `;
    return `- line ${line}, column ${column}: ${where}${plain(message, REASON_BYTES)}`;
  });
  return problems.length > PROBLEMS_SHOWN ? [...lines, `- and ${problems.length - PROBLEMS_SHOWN} more`] : lines;
}
