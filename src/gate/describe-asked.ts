// What a policy asks for, in words, before anything is measured. Pure.

import { type Criterion, criteriaOf } from '../policy/schema/criteria.ts';
import type { Policy, Source, Zone } from '../policy/schema/policy.ts';
import { nameOf } from './describe-verdict.ts';

/** One criterion that a policy asks for, in words. With an empty `zones` it is asked of every change, else of changes in these zones. */
export interface AskedCriterion extends Pick<Criterion, 'id' | 'threshold' | 'source'> {
  readonly zones: readonly Zone[];
  readonly text: string;
}

/** Lists everything that a policy asks for: first of every change, then what changes in some zones need in addition. */
export function describeAsked(policy: Policy): AskedCriterion[] {
  const rules = [policy.when ?? []].flat();
  return [{ dod: policy.dod, zones: [] }, ...rules].flatMap(({ dod, zones }) =>
    criteriaOf({ ...policy, dod, when: undefined }, []).map((criterion) => describe(criterion, zones)),
  );
}

function describe(criterion: Criterion, zones: readonly Zone[]): AskedCriterion {
  const { id, threshold, source } = criterion;
  const { name, of } = nameOf(criterion);
  const what = of === null ? name : `${name} of ${of}`;
  const where = zones.length === 0 ? '' : `, for changes in zone ${zones.join(' or ')}`;
  return { id, threshold, source, zones, text: `${id}: ${what} ${needed(criterion)}${where}, ${foundIn(source)}` };
}

function needed({ key, threshold }: Criterion): string {
  if (threshold === null) return 'has to pass';
  return key === 'lighthouse_min'
    ? `at least ${threshold}`
    : // As many digits as were written: 0.8005 is 80.05 %.
      `at least ${Number((threshold * 100).toFixed(6))} %`;
}

function foundIn(source: Source | null): string {
  if (source === null) return 'found by names';
  const workflow = 'workflow' in source && source.workflow !== undefined ? ` of ${source.workflow}` : '';
  if ('job' in source) return `from job ${source.job}${workflow}`;
  if ('check' in source)
    return `from check ${source.check}${source.app === undefined ? '' : ` of the App ${source.app}`}`;
  return 'status' in source ? `from status ${source.status}` : `from artifact ${source.artifact}${workflow}`;
}
