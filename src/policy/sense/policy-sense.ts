// What stands in a policy and can never count, or asks for less than it reads: the schema takes it, and the gate would be
// weaker than its authors think. Pure.

import { criteriaIn } from '../schema/criteria.ts';
import { CRITERION_KEYS, type CriterionKey, type Dod, type Policy } from '../schema/policy.ts';
import { type Finding, type Place, problem, warning } from '../schema/policy-finding.ts';
import { findFigureNonsense, placeOf } from './figure-sense.ts';
import { findNameNonsense } from './name-sense.ts';
import { findZoneNonsense, isWhole } from './zone-sense.ts';

/** Returns everything that makes no sense in a policy, in no special order. */
export function findNonsense(policy: Policy): Finding[] {
  const rules = rulesOf(policy);
  const dods: readonly Placed[] = [
    { dod: policy.dod, at: ['dod'] },
    ...rules.map(({ dod, at }) => ({ dod, at: [...at, 'dod'] })),
  ];
  return [
    ...dods.flatMap(({ dod, at }) => findEmpty(dod, at)),
    ...rules.flatMap(({ dod, at }) => findLess(policy, dod, [...at, 'dod'])),
    ...dods.flatMap(({ dod, at }) => findFigureNonsense(dod, at, { mayTakeBack: 'extends' in policy })),
    ...findIdleEvidence(policy, dods),
    ...findZoneNonsense(policy, rules),
    ...findNameNonsense(policy),
    ...findRepeats(policy),
    ...findTeams(policy),
    ...findIdleAgents(policy),
    ...findTwoModes(policy),
  ];
}

interface Placed {
  readonly dod: Dod;
  readonly at: Place;
}

function rulesOf({ when }: Policy) {
  if (when === undefined) return [];
  if (!Array.isArray(when)) return [{ ...when, at: ['when'] }];
  return when.map((rule, index) => ({ ...rule, at: ['when', index] }));
}

function findEmpty(dod: Dod, at: Place): Finding[] {
  const { coverage_min: coverage, lighthouse_min: lighthouse } = dod;
  const groups: readonly (readonly [Place, object | undefined])[] = [
    [['lighthouse_min'], typeof lighthouse === 'object' ? lighthouse : undefined],
    [['coverage_min'], typeof coverage === 'object' ? coverage : undefined],
    [['coverage_min', 'flags'], typeof coverage === 'object' ? coverage.flags : undefined],
    [['coverage_min', 'paths'], typeof coverage === 'object' ? coverage.paths : undefined],
  ];
  const empty = groups.filter(([, group]) => group !== undefined && Object.keys(group).length === 0);
  const flags = typeof coverage === 'object' ? Object.keys(coverage.flags ?? {}) : [];
  return [
    ...empty.map(([place]) => problem([...at, ...place], 'is empty, so it asks for nothing')),
    ...flags
      .filter((flag) => !/[a-z0-9*?]/i.test(flag))
      .map((flag) =>
        problem(
          [...at, 'coverage_min', 'flags', flag],
          'has neither a letter from a to z nor a digit, by which artifacts are found',
          true,
        ),
      ),
  ];
}

/** What changes in some zones need can only be more than what every change needs. */
function findLess(policy: Policy, dod: Dod, at: Place): Finding[] {
  const asked = criteriaIn(dod, policy.evidence);
  const always = new Map(criteriaIn(policy.dod, policy.evidence).map((one) => [one.id, one]));
  const less = asked.filter(({ id, threshold }) => (threshold ?? 0) < (always.get(id)?.threshold ?? 0));
  const off = CRITERION_KEYS.filter((key) => dod[key] === false && policy.dod[key] === true);
  return [
    ...(asked.length === 0 && off.length === 0 ? [problem(at, 'asks for nothing')] : []),
    ...less.map((one) => {
      const said = `asks for less than dod, which has ${always.get(one.id)?.threshold}; the stricter of both counts`;
      return problem([...at, ...placeOf(one, dod)], said);
    }),
    ...off.map((key) => problem([...at, key], 'asks for less than dod, which has true; the stricter of both counts')),
  ];
}

function findIdleEvidence({ evidence = {}, ...policy }: Policy, dods: readonly Placed[]): Finding[] {
  const asked = dods.flatMap(({ dod }) => criteriaIn(dod, evidence));
  return CRITERION_KEYS.filter((key) => evidence[key] !== undefined).flatMap((key) => {
    const ids = new Set(asked.filter((one) => one.key === key).map(({ id }) => id));
    if (ids.size === 0)
      return isWhole(policy)
        ? [problem(['evidence', key], 'is asked for nowhere: neither under dod nor under when', true)]
        : [];
    return findFigures(key, evidence, ids);
  });
}

/** A job, a check and a status pass or fail as a whole: no share and no score of the policy is held against them. */
function findFigures(
  key: CriterionKey,
  evidence: NonNullable<Policy['evidence']>,
  ids: ReadonlySet<string>,
): Finding[] {
  const source = evidence[key];
  const isFigure = key === 'coverage_min' || key === 'coverage_diff_min' || key === 'lighthouse_min';
  if (source === undefined || 'artifact' in source || !isFigure) return [];
  const kind = 'job' in source ? 'job' : 'check' in source ? 'check' : 'status';
  const parts = [...ids].filter((id) => id !== key);
  if (parts.length > 0)
    return [problem(['evidence', key], `a ${kind} says nothing of ${parts[0]}; name an { artifact }`, true)];
  return [
    warning(
      ['evidence', key],
      `a ${kind} passes or fails as a whole: the figure under dod is not held against anything`,
      true,
    ),
  ];
}

function findRepeats({ environments, override, evidence = {} }: Policy): Finding[] {
  const lists: (readonly [Place, readonly string[] | undefined])[] = [
    [['environments'], environments],
    [['override', 'roles'], override?.roles],
    [['override', 'teams'], override?.teams],
  ];
  for (const key of CRITERION_KEYS) {
    const source = evidence[key];
    if (source !== undefined && 'accept' in source) lists.push([['evidence', key, 'accept'], source.accept]);
  }
  return lists.flatMap(([place, list = []]) =>
    list.flatMap((one, index) => (list.indexOf(one) < index ? [warning([...place, index], 'stands here twice')] : [])),
  );
}

function findTeams({ override }: Policy): Finding[] {
  return (override?.teams ?? []).flatMap((team, index) =>
    /[\s/@]/.test(team)
      ? [problem(['override', 'teams', index], 'is no slug of a team; @organisation/release is written release')]
      : [],
  );
}

/** Without anybody who may there is nobody whom an agent could do it for. */
function findIdleAgents({ override }: Policy): Finding[] {
  if (override?.agents !== true || override.roles?.length !== 0 || (override.teams ?? []).length > 0) return [];
  return [warning(['override', 'agents'], 'lets nobody override: roles and teams name nobody for whom an agent could')];
}

function findTwoModes({ mode, observe_days_after_installation: days }: Policy): Finding[] {
  if (mode === undefined || days === undefined) return [];
  const said = mode === 'enforce' ? 'mode: enforce counts, so no day is observed' : 'mode: observe counts on every day';
  return [warning(['observe_days_after_installation'], `${said}; leave out one of the two`, true)];
}
