// Shows the usual criteria where no Definition of Done asks for any. Pure.

import type { GateCriterion } from '../model/gate.ts';
import type { Criterion } from '../policy/schema/criteria.ts';
import type { CriterionKey } from '../policy/schema/policy.ts';
import { collect, type GateSubject } from './collect/collect.ts';
import { withoutOutdone } from './collect/own-runs.ts';
import { describeVerdict } from './describe-verdict.ts';
import { evaluate } from './evaluate.ts';

/** The criteria that most teams begin with. */
const USUAL: readonly CriterionKey[] = ['lint_pass', 'type_check', 'coverage_min', 'e2e_pass', 'lighthouse_min'];

/** Nobody waits for this information, so it has no deadline of its own: a day is the longest that is possible. */
const DEADLINE_MINUTES = 1_440;

/**
 * Evaluates the usual criteria on a commit, without thresholds; they are found by the names of jobs and artifacts. Empty while none is
 * measured. Nobody is kept from merging by it, so neither a fork nor an override changes it. `now` is ISO 8601.
 */
export function informationOf(subject: GateSubject, now: string): readonly GateCriterion[] {
  const own = withoutOutdone(subject);
  const runs = own.runs.map((run) => ({ ...run, is_read: true }));
  const pull_request = { ...own.pull_request, is_fork: false };
  const model = collect({ ...own, pull_request, runs, overrides: [] }, null);
  const criteria = USUAL.map(unlimited);
  const criteriaFound = describeVerdict(
    evaluate(model, { criteria, deadline_minutes: DEADLINE_MINUTES, now }),
    '',
  ).criteria;
  return criteriaFound.some(({ sources }) => sources.length > 0) ? criteriaFound : [];
}

/** One of the usual criteria without a threshold, found by names. */
export function unlimited(key: CriterionKey): Criterion {
  const isScore = key === 'lighthouse_min';
  const scope = isScore ? ({ kind: 'category', category: 'performance' } as const) : ({ kind: 'whole' } as const);
  return { id: key, key, scope, threshold: null, source: null };
}
