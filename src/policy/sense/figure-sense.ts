// Figures of a Definition of Done that ask for nothing, or for far less than their authors mean. Pure.

import { type Criterion, criteriaIn } from '../schema/criteria.ts';
import type { Dod } from '../schema/policy.ts';
import { type Finding, type Place, problem, warning } from '../schema/policy-finding.ts';

/** Where a criterion stands, as steps from its Definition of Done. */
export function placeOf({ key, scope }: Criterion, dod: Dod): Place {
  if (typeof dod[key] !== 'object') return [key];
  if (scope.kind === 'flag') return [key, 'flags', scope.flag];
  if (scope.kind === 'path') return [key, 'paths', scope.glob];
  return [key, scope.kind === 'category' ? scope.category : 'total'];
}

/**
 * Finds figures that ask for nothing, such as 0. `at` is the place of the Definition of Done in the file. `mayTakeBack`: the policy
 * below may let this one ask for less, which is what a 0 does, so it is no problem.
 */
export function findFigureNonsense(dod: Dod, at: Place, { mayTakeBack }: { readonly mayTakeBack: boolean }): Finding[] {
  return criteriaIn(dod, undefined).flatMap((one) => {
    const place = [...at, ...placeOf(one, dod)];
    return [
      ...(one.threshold === 0 && !mayTakeBack ? [problem(place, '0 asks for nothing; leave it out')] : []),
      ...findTinyShare(one, place),
      ...(one.scope.kind === 'category' && one.scope.category === 'pwa'
        ? [
            warning(
              place,
              'Lighthouse has no such score since version 12, so reports of newer ones never meet it',
              true,
            ),
          ]
        : []),
    ];
  });
}

/** Below 1 % somebody has divided by a hundred twice. */
function findTinyShare({ scope, threshold }: Criterion, place: Place): Finding[] {
  if (scope.kind === 'category' || threshold === null || threshold === 0 || threshold >= 0.01) return [];
  const percent = Number((threshold * 100).toPrecision(3));
  if (percent < 0.01) return [warning(place, `asks for ${percent} %; 80 % is 0.80`)];
  return [
    warning(place, `asks for ${percent} %; ${Number((percent * 100).toPrecision(3))} % is ${percent.toFixed(2)}`),
  ];
}
