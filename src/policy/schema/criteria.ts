// The criteria that one change has to meet, out of a policy: one row each, in the order in which they are shown. Pure.

import { GLOB_WORK, globListMatcher } from '../globs/glob.ts';
import {
  CRITERION_KEYS,
  type CriterionKey,
  type Dod,
  LIGHTHOUSE_CATEGORIES,
  type Policy,
  type Source,
  ZONES,
  type Zone,
} from './policy.ts';

/** Which part of a report counts for a criterion: all of it, a flag, the files of a glob, or a category. */
export type Scope =
  | { readonly kind: 'whole' }
  | { readonly kind: 'flag'; readonly flag: string }
  /** `work`: how many steps of matching it may take (see `GlobWork`). */
  | { readonly kind: 'path'; readonly glob: string; readonly work: number }
  | { readonly kind: 'category'; readonly category: (typeof LIGHTHOUSE_CATEGORIES)[number] };

/** One criterion; `id` is its `gate_id` in the brain and its name in commands. */
export interface Criterion {
  readonly id: string;
  readonly key: CriterionKey;
  readonly scope: Scope;
  /** A share 0..1 for coverage, a score 0..100 for Lighthouse, null for what passes or does not. */
  readonly threshold: number | null;
  /** Where the policy says that it is measured; null: it is found by the names of jobs, checks and artifacts. */
  readonly source: Source | null;
}

/**
 * The zones that the changed files (paths from the root of the repository) touch, worst first. All zones when there are too many
 * globs and files to be compared: this is safe, because a zone can only ask for more.
 */
export function zonesTouched(policy: Pick<Policy, 'zones'>, files: readonly string[]): Zone[] {
  const work = { left: GLOB_WORK };
  const touched = ZONES.filter((zone) => files.some(globListMatcher(policy.zones?.[zone] ?? [], work)));
  return work.left < 0 ? [...ZONES] : touched;
}

/** The criteria for a change that touches `zones`: those of `dod`, and those that `when` adds for these zones. Of equal ones the stricter counts. */
export function criteriaOf(policy: Policy, zones: readonly Zone[]): Criterion[] {
  const further = [policy.when ?? []].flat().filter((rule) => rule.zones.some((zone) => zones.includes(zone)));
  const asked = [policy.dod, ...further.map((rule) => rule.dod)].flatMap((dod) => criteriaIn(dod, policy.evidence));
  const strictest = new Map<string, Criterion>();
  for (const criterion of asked) {
    const other = strictest.get(criterion.id);
    if (other === undefined || (criterion.threshold ?? 0) > (other.threshold ?? 0))
      strictest.set(criterion.id, criterion);
  }
  const order = (criterion: Criterion) => CRITERION_KEYS.indexOf(criterion.key);
  return shareWork([...strictest.values()].toSorted((one, other) => order(one) - order(other)));
}

/** The criteria of one Definition of Done; its globs have no limit of work yet. */
export function criteriaIn(dod: Dod, evidence: Policy['evidence']): Criterion[] {
  return CRITERION_KEYS.flatMap((key) => expand(key, dod, evidence?.[key] ?? null));
}

/** Each glob over the files of a report gets as much of the work as the others. */
function shareWork(criteria: readonly Criterion[]): Criterion[] {
  const work = Math.floor(GLOB_WORK / criteria.filter(({ scope }) => scope.kind === 'path').length);
  return criteria.map((one) => (one.scope.kind === 'path' ? { ...one, scope: { ...one.scope, work } } : one));
}

function expand(key: CriterionKey, dod: Dod, source: Source | null): Criterion[] {
  const one = (id: string, scope: Scope, threshold: number | null): Criterion => ({
    id,
    key,
    scope,
    threshold,
    source,
  });
  const whole: Scope = { kind: 'whole' };
  switch (key) {
    case 'lint_pass':
    case 'type_check':
    case 'e2e_pass':
      return dod[key] === true ? [one(key, whole, null)] : [];
    case 'coverage_diff_min':
      return dod[key] === undefined ? [] : [one(key, whole, dod[key])];
    case 'coverage_min':
      return expandCoverage(dod.coverage_min, one);
    case 'lighthouse_min':
      return expandLighthouse(dod.lighthouse_min, one);
    default:
      throw new Error(`criterion ${key satisfies never} is not known`);
  }
}

type MakeCriterion = (id: string, scope: Scope, threshold: number | null) => Criterion;

function expandCoverage(asked: Dod['coverage_min'], one: MakeCriterion): Criterion[] {
  if (asked === undefined) return [];
  if (typeof asked === 'number') return [one('coverage_min', { kind: 'whole' }, asked)];
  const flags = Object.entries(asked.flags ?? {});
  const paths = Object.entries(asked.paths ?? {});
  return [
    ...(asked.total === undefined ? [] : [one('coverage_min', { kind: 'whole' }, asked.total)]),
    ...flags.map(([flag, share]) => one(`coverage_min.flags.${flag}`, { kind: 'flag', flag }, share)),
    ...paths.map(([glob, share]) => one(`coverage_min.paths.${glob}`, { kind: 'path', glob, work: 0 }, share)),
  ];
}

function expandLighthouse(asked: Dod['lighthouse_min'], one: MakeCriterion): Criterion[] {
  if (asked === undefined) return [];
  if (typeof asked === 'number') return [one('lighthouse_min', { kind: 'category', category: 'performance' }, asked)];
  return LIGHTHOUSE_CATEGORIES.filter((category) => asked[category] !== undefined).map((category) =>
    one(
      category === 'performance' ? 'lighthouse_min' : `lighthouse_min.${category}`,
      { kind: 'category', category },
      asked[category] ?? 0,
    ),
  );
}
