// Puts a verdict into the words that reports show. Pure.

import type { GateCriterion, GateReport } from '../model/gate.ts';
import type { Criterion } from '../policy/schema/criteria.ts';
import { redact } from '../text/redact.ts';
import { remedyOf } from './model/remedies.ts';
import type { CriterionVerdict, GateVerdict } from './model/verdict.ts';

const NAMES: Readonly<Record<Criterion['key'], string>> = {
  lint_pass: 'lint',
  type_check: 'types',
  coverage_min: 'coverage',
  coverage_diff_min: 'coverage of changed lines',
  e2e_pass: 'e2e',
  lighthouse_min: 'Lighthouse',
};

const UNITS: Readonly<Record<Criterion['key'], GateCriterion['unit']>> = {
  lint_pass: null,
  type_check: null,
  coverage_min: 'share',
  coverage_diff_min: 'share',
  e2e_pass: null,
  lighthouse_min: 'score',
};

/** The name of a criterion for people, and the flag, glob or category that it is limited to (null: none). */
export function nameOf({ key, scope }: Criterion): { readonly name: string; readonly of: string | null } {
  const name = NAMES[key];
  switch (scope.kind) {
    case 'flag':
      return { name, of: scope.flag };
    case 'path':
      return { name, of: scope.glob };
    case 'category':
      return { name, of: scope.category === 'performance' ? null : scope.category };
    case 'whole':
      return { name, of: null };
    default:
      throw new Error(`scope ${scope satisfies never} is not known`);
  }
}

/** A verdict in words: what a gate report is when the policy could be read. */
export type DescribedVerdict = Exclude<GateReport, { state: 'error' }>;

/** The verdict in the form that reports show. `from` says in words where the Definition of Done comes from. */
export function describeVerdict({ state, criteria }: GateVerdict, from: string): DescribedVerdict {
  return { state, criteria: criteria.map(describe), from };
}

function describe(verdict: CriterionVerdict): GateCriterion {
  const { criterion, state, measured, sources, reason, waits } = verdict;
  const { id, key, threshold } = criterion;
  const remedy = remedyOf(verdict);
  return {
    id,
    ...nameOf(criterion),
    state,
    measured,
    threshold,
    unit: UNITS[key],
    sources,
    reason: redact(reason),
    ...(remedy === null ? {} : { remedy }),
    waits,
  };
}
