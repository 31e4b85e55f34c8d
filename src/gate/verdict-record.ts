// A verdict as `record_gate_verdict` takes it. Pure; gate.ts uses it.

import type { GateCriterionState } from '../gate-report.ts';
import { nameOf } from './describe-verdict.ts';
import type { Judged } from './trust-pull-request.ts';
import type { CriterionVerdict, GateVerdict } from './verdict.ts';

const STATUS: Readonly<Record<GateCriterionState, string>> = {
  pass: 'passed',
  fail: 'failed',
  pending: 'pending',
  missing: 'missing',
  error: 'error',
  overridden: 'overridden',
};

/** The argument of `record_gate_verdict`: the verdict on `commit_sha`, whatever commit its evidence is of. */
export function recordOf(verdict: GateVerdict, subject: Judged, commit_sha: string): object {
  const newest = subject.runs.toSorted((one, other) => other.at.localeCompare(one.at))[0];
  return {
    repository_id: subject.repository.id,
    pull_request_number: subject.pull_request.number,
    commit_sha,
    sprint_id: subject.sprint?.id ?? null,
    state: verdict.state,
    version: subject.version,
    ci_run_id: newest?.run_id ?? null,
    ci_event_ids: subject.runs.map(({ ci_event_id }) => ci_event_id),
    criteria: verdict.criteria.map((one, index) => executionOf(one, index, subject.trusted_sha)),
  };
}

function executionOf(one: CriterionVerdict, index: number, trusted_sha: string | null) {
  const { criterion, state, measured, reason, fail_codes, sources } = one;
  const { name, of } = nameOf(criterion);
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
        // The commit that was measured, where it is another one.
        ...(trusted_sha === null ? {} : { commit_sha: trusted_sha }),
      },
    ],
    fail_codes,
  };
}
