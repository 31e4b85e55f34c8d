// Evaluates artifacts alone by a policy: there is no commit, no job and no brain. Pure.

import { parseKept } from '../evidence/kept-artifact.ts';
import { criteriaOf } from '../policy/schema/criteria.ts';
import type { Policy } from '../policy/schema/policy.ts';
import { criterionValues } from './collect/criterion-values.ts';
import { evaluate } from './evaluate.ts';
import { notReceived } from './model/evaluation.ts';
import type { ChangedLines, EvidenceModel } from './model/evidence-model.ts';
import type { CriterionVerdict } from './model/verdict.ts';
import { workOf } from './names/work-names.ts';

/** The name of an artifact, and its `content` from `keepArtifact`. */
export interface KeptByName {
  readonly name: string;
  readonly content: string;
}

const RUN = 'local';
const AT = '1970-01-01T00:00:00.000Z';

/** The reasons of criteria that need GitHub, which is not asked here. */
const NO_LINES = 'which lines changed is not known here: give --diff FILE';
const NO_JOBS = 'GitHub alone tells of jobs, checks and statuses, and is not asked here';

/**
 * Returns one verdict for each criterion, as if one run had made these artifacts and had ended: what is not among them is missing.
 * What only GitHub knows stays pending: jobs, checks and statuses, and the changed lines when `changed_lines` is null. The zones of
 * a change are not known here, so what `when` adds is left out.
 */
export function evaluateArtifacts(
  policy: Policy,
  artifacts: readonly KeptByName[],
  changed_lines: ChangedLines | null = null,
): readonly CriterionVerdict[] {
  const { criteria } = evaluate(modelOf(artifacts, changed_lines), {
    criteria: criteriaOf(policy, []),
    deadline_minutes: policy.deadline_minutes,
    now: AT,
  });
  return criteria.map((verdict) => {
    if (verdict.state === 'pending') return withoutRun(verdict);
    const isBlind = verdict.criterion.key === 'coverage_diff_min' && changed_lines === null;
    // Of several codes one may be of a report: that is wrong whatever changed.
    if (!isBlind || verdict.state !== 'error' || verdict.fail_codes.some((code) => code !== 'EVIDENCE_MISSING'))
      return verdict;
    const { remedy: _, ...rest } = verdict;
    return { ...rest, state: 'pending', reason: NO_LINES, fail_codes: [] };
  });
}

function withoutRun(verdict: CriterionVerdict): CriterionVerdict {
  const { source, key } = verdict.criterion;
  const isOfGithub = source === null ? workOf(key) !== null : !('artifact' in source);
  if (isOfGithub) return { ...verdict, reason: `${verdict.reason}; ${NO_JOBS}`, waits: null };
  const reason = notReceived(verdict.reason, 'here');
  const remedy = 'name the report that holds it as a FILE, ZIP or FOLDER';
  return { ...verdict, state: 'missing', reason, fail_codes: ['EVIDENCE_MISSING'], remedy, waits: null };
}

function modelOf(artifacts: readonly KeptByName[], changed_lines: ChangedLines | null): EvidenceModel {
  return {
    signals: [],
    runs: [{ run_id: RUN, workflow: '', attempt: 1, is_over: true, at: AT }],
    reports: artifacts.map(({ name, content }) => ({
      artifact: name,
      run_id: RUN,
      workflow: '',
      attempt: 1,
      url: null,
      at: AT,
      is_stale: false,
      distrust: null,
      ...criterionValues(name, parseKept(content)),
    })),
    overrides: [],
    changed_lines,
    since: AT,
  };
}
