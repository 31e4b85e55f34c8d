// Which globs of a policy match no file of a repository. Pure.

import { GLOB_WORK, globListMatcher, globMatcher, listedGlob } from '../globs/glob.ts';
import { criteriaIn } from '../schema/criteria.ts';
import { type Policy, ZONES } from '../schema/policy.ts';
import { type Finding, type Place, problem } from '../schema/policy-finding.ts';

/** Ten times what one evaluation may take: only the person who asked waits for it. */
const WORK = 10 * GLOB_WORK;

/** Returns a problem for each glob that matches none of `files` (all paths of the repository): zones first, then coverage. */
export function findUnmatched(policy: Policy, files: readonly string[]): Finding[] {
  const work = { left: WORK };
  const fitsAny = (fits: (path: string) => boolean) => files.some(fits);
  const ofZones = ZONES.flatMap((zone) => {
    const list = policy.zones?.[zone] ?? [];
    if (list.length === 0) return [];
    const globs = list.flatMap((text, index) => {
      const { glob, takesOut } = listedGlob(text);
      if (fitsAny(globMatcher(glob, work))) return [];
      return [
        problem(
          ['zones', zone, index],
          takesOut ? 'takes out no file of the repository' : 'fits no file of the repository',
        ),
      ];
    });
    const isEmpty = !fitsAny(globListMatcher(list, work));
    return [...(isEmpty ? [problem(['zones', zone], 'has no file of the repository', true)] : []), ...globs];
  });
  const found = [
    ...ofZones,
    ...coverageGlobs(policy).flatMap(({ glob, place }) =>
      fitsAny(globMatcher(glob, work)) ? [] : [problem(place, 'fits no file of the repository', true)],
    ),
  ];
  return work.left < 0 ? [problem([], 'has more globs than can be held against so many files')] : found;
}

function coverageGlobs(policy: Policy): { readonly glob: string; readonly place: Place }[] {
  const { dod, when = [] } = policy;
  const rules = Array.isArray(when)
    ? when.map((rule, index) => ({ dod: rule.dod, at: ['when', index, 'dod'] }))
    : [{ dod: when.dod, at: ['when', 'dod'] }];
  return [{ dod, at: ['dod'] }, ...rules].flatMap(({ dod: asked, at }) =>
    criteriaIn(asked, undefined).flatMap(({ scope }) =>
      scope.kind === 'path' ? [{ glob: scope.glob, place: [...at, 'coverage_min', 'paths', scope.glob] }] : [],
    ),
  );
}
