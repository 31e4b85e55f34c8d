// What is known of the usual criteria where nothing is asked for: folded, for it needs nobody. Pure.

import type { GateCriterion } from '../../model/gate.ts';
import { POLICY_PATH } from '../../policy/schema/policy.ts';
import { details, plain } from '../../text/markdown.ts';
import { figure, sourceText } from './gate-row.ts';

const REASON_BYTES = 200;

/** The section as one or no Markdown text. */
export function informationSection(information: readonly GateCriterion[]): string[] {
  if (information.length === 0) return [];
  const measured = information.filter(isMeasured).length;
  const title = `Definition of Done: nothing is asked for, ${measured} of ${information.length} criteria are measured`;
  const table = ['| criterion | measured | from |', '|---|---|---|', ...information.map(row)].join('\n');
  const advice = `What shall hold a merge back stands under \`dod\` in \`${POLICY_PATH}\` on the base branch.`;
  return [details(title, `${table}\n\n${advice}\n`)];
}

function row(one: GateCriterion): string {
  return `| ${[one.name, measured(one), from(one)].join(' | ')} |`;
}

function isMeasured({ state }: GateCriterion): boolean {
  return state === 'pass' || state === 'fail';
}

function measured(one: GateCriterion): string {
  if (one.state === 'fail' && one.measured === null) return 'failed';
  return one.state === 'pending' && one.sources.length > 0 ? 'running' : figure(one);
}

function from(one: GateCriterion): string {
  const [first, ...others] = one.sources;
  if (first === undefined) return 'nothing found';
  // Why something is not measured names what it rests on.
  return isMeasured(one) || one.state === 'pending'
    ? sourceText(first, others.length)
    : plain(one.reason, REASON_BYTES);
}
