// Turns a verdict into the argument of the brain's `record_gate_verdict`. Pure.

import type { GateCriterionState, PolicyProblem } from '../model/gate.ts';
import type { GateSubject } from './collect/collect.ts';
import { nameOf } from './describe-verdict.ts';
import { remedyOf } from './model/remedies.ts';
import type { CriterionVerdict, FailCode, GateVerdict } from './model/verdict.ts';
import type { EvaluatedSubject } from './trust-pull-request.ts';

const STATUS: Readonly<Record<GateCriterionState, string>> = {
  pass: 'passed',
  fail: 'failed',
  pending: 'pending',
  missing: 'missing',
  error: 'error',
  overridden: 'overridden',
};

/**
 * The record of a verdict on `commit_sha`, whichever commit the evidence is of. When the policy only observes, the verdict is recorded
 * as it is, with a word about that.
 */
export function recordOf(
  verdict: GateVerdict & { readonly is_observed?: boolean },
  subject: EvaluatedSubject,
  commit_sha: string,
): object {
  const further = {
    // The commit that was measured, where it is another one.
    ...(subject.trusted_sha === null ? {} : { commit_sha: subject.trusted_sha }),
    ...(verdict.is_observed === true ? { observed: true } : {}),
  };
  const criteria = verdict.criteria.map((one, index) => executionOf(one, index, further));
  return { ...placeOf(subject, commit_sha), state: verdict.state, criteria };
}

/** The record for a policy that cannot be read: one criterion, which is not met until the policy is mended. */
export function brokenPolicyRecord(
  problems: readonly PolicyProblem[],
  subject: GateSubject,
  commit_sha: string,
): object {
  const shown = problems.slice(0, MOST_PROBLEMS).map((one) => ({ ...one, message: one.message.slice(0, 500) }));
  const gate = {
    gate_id: 'policy',
    gate_name: 'policy',
    gate_order: 1,
    status: STATUS.error,
    attempt_number: 1,
    validation_results: [{ type: 'policy', threshold: null, measured: null, passed: false, problems: shown }],
    fail_codes: ['POLICY_INVALID'] satisfies FailCode[],
  };
  return { ...placeOf(subject, commit_sha), state: 'fail', criteria: [gate] };
}

const MOST_PROBLEMS = 20;

function placeOf(subject: GateSubject, commit_sha: string) {
  const newest = subject.runs.toSorted((one, other) => other.at.localeCompare(one.at))[0];
  return {
    repository_id: subject.repository.id,
    pull_request_number: subject.pull_request.number,
    commit_sha,
    sprint_id: subject.sprint?.id ?? null,
    version: subject.version,
    ci_run_id: newest?.run_id ?? null,
    ci_event_ids: subject.runs.map(({ ci_event_id }) => ci_event_id),
  };
}

function executionOf(one: CriterionVerdict, index: number, further: object) {
  const { criterion, state, measured, reason, fail_codes, sources, waits } = one;
  const { name, of } = nameOf(criterion);
  const remedy = remedyOf(one);
  return {
    gate_id: criterion.id.slice(0, 200),
    gate_name: [name, of]
      .filter((part) => part !== null)
      .join(' of ')
      .slice(0, 500),
    gate_order: index + 1,
    status: STATUS[state],
    attempt_number: Math.max(1, ...sources.map(({ attempt }) => attempt)),
    validation_results: [
      {
        type: criterion.key,
        threshold: criterion.threshold,
        measured,
        passed: state === 'pass',
        reason,
        sources,
        // For who asks later what to do.
        ...(remedy === null ? {} : { remedy }),
        ...(waits === null ? {} : { waits }),
        ...further,
      },
    ],
    fail_codes,
  };
}
