// What the gate really says, for the situations whose comment and check run stand as files: no sentence is made up there.

import { describeVerdict } from '../../src/gate/describe-verdict.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import type { GateReport } from '../../src/model/gate.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { commit } from '../gate/evidence-cases.ts';

/** When the situations are judged, and how late it is when nothing more is waited for. */
const SOON = '2026-11-20T12:20:00.000Z';
export const LATE = '2026-11-20T13:30:00.000Z';

/** The gate's report on a commit, by the policy of the base branch. */
export function verdictOf(criteria: readonly Criterion[], fields: Partial<EvidenceModel>, now = SOON): GateReport {
  return describeVerdict(
    evaluate(commit(fields), { criteria, deadline_minutes: 60, now }),
    '.github/codered.yml on main',
  );
}
