// What the gate says: one verdict for each criterion, and one for all of them together. Pure.

import type { GateCriterionState, GateSource } from '../../model/gate.ts';
import type { Criterion } from '../../policy/schema/criteria.ts';

/** Why a criterion is not met, as codes that do not change: they stand in `gate_executions.fail_codes`. */
export const FAIL_CODES = [
  'COVERAGE_BELOW_MIN',
  'NOTHING_MEASURED',
  'TESTS_FAILED',
  'NO_TESTS_RUN',
  'LIGHTHOUSE_BELOW_MIN',
  'LINT_FAILED',
  'TYPE_ERRORS',
  'EVIDENCE_MISSING',
  'EVIDENCE_STALE',
  'EVIDENCE_NOT_TRUSTED',
  'NO_VERDICT',
  'ARTIFACT_UNREADABLE',
  'ARTIFACTS_DISAGREE',
  'POLICY_INVALID',
] as const;
export type FailCode = (typeof FAIL_CODES)[number];

/** The verdict on one criterion. */
export interface CriterionVerdict {
  readonly criterion: Criterion;
  readonly state: GateCriterionState;
  /** In the unit of the threshold: a share 0..1 or a score 0..100; null for what only passes or fails, and when nothing was measured. */
  readonly measured: number | null;
  readonly sources: readonly GateSource[];
  /** One sentence without a full stop; may hold names from outside. */
  readonly reason: string;
  readonly fail_codes: readonly FailCode[];
  /** What to do, where the cause is known more exactly than by its codes; left out: the advice for those codes holds. */
  readonly remedy?: string;
  /** Pending only: since when it waits and when that ends, ISO 8601. */
  readonly waits: { readonly since: string; readonly until: string } | null;
}

/** The verdict on a commit. */
export interface GateVerdict {
  readonly criteria: readonly CriterionVerdict[];
  /** `pending` while any criterion is, else `pass` when every one passes or is overridden, else `fail`. */
  readonly state: 'pass' | 'fail' | 'pending';
}

/** Makes the verdict on a commit from those on its criteria. Without any criterion it is a pass: nothing was asked for. */
export function gateVerdict(criteria: readonly CriterionVerdict[]): GateVerdict {
  if (criteria.some(({ state }) => state === 'pending')) return { criteria, state: 'pending' };
  const met = criteria.every(({ state }) => state === 'pass' || state === 'overridden');
  return { criteria, state: met ? 'pass' : 'fail' };
}
