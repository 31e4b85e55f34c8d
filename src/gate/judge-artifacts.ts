// What a policy says of artifacts alone, without a commit, its jobs or its brain. Pure; commands/evidence.ts uses it.

import { parseKept } from '../evidence/kept-artifact.ts';
import { criteriaOf } from './criteria.ts';
import { evaluate } from './evaluate.ts';
import type { Gathered } from './gathered.ts';
import { measuredOf } from './measured-of.ts';
import type { Policy } from './policy.ts';
import type { CriterionVerdict } from './verdict.ts';

/** An artifact by its name, with what keepArtifact makes of it. */
export interface KeptByName {
  readonly name: string;
  readonly content: string;
}

const RUN = 'local';
const AT = '1970-01-01T00:00:00.000Z';

/**
 * One verdict a criterion, as if one run had made these artifacts and were over: what is not among them is missing. A
 * criterion that rests on a job, check or status stays pending, for GitHub alone tells of those. Which files a change
 * touches is not known, so what `when` asks for on top is left out.
 */
export function judgeArtifacts(policy: Policy, artifacts: readonly KeptByName[]): readonly CriterionVerdict[] {
  const { criteria } = evaluate(gatheredOf(artifacts), {
    criteria: criteriaOf(policy, []),
    deadline_minutes: policy.deadline_minutes,
    now: AT,
  });
  return criteria.map((verdict) => (verdict.state === 'pending' ? withoutRun(verdict) : verdict));
}

function withoutRun(verdict: CriterionVerdict): CriterionVerdict {
  const { source } = verdict.criterion;
  if (source !== null && !('artifact' in source)) return { ...verdict, waits: null };
  return { ...verdict, state: 'missing', fail_codes: ['EVIDENCE_MISSING'], waits: null };
}

function gatheredOf(artifacts: readonly KeptByName[]): Gathered {
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
      ...measuredOf(name, parseKept(content)),
    })),
    overrides: [],
    changed_lines: null,
    since: AT,
  };
}
