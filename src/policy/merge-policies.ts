// A policy on top of another one: a repository's on its organisation's. Pure.
//
// 1. Whoever stands on top may ask for more: of each criterion the stricter counts, and zones, rules and environments add up.
// 2. It may never ask for less (a lower figure, a conclusion that is accepted, more people who may override, to observe only),
//    unless the policy below lets it: `repositories_may: ask_for_less`. Then what it says counts.
// 3. Where a criterion is measured may be said on top, for names differ between repositories, unless the policy below has said it.
// 4. What is neither more nor less (deadline, merge queue, comment) may be said on top; of a deadline that both say the shorter counts.

import { strictestDod } from './merge-dod.ts';
import { overridersOf, rolesOfBoth } from './schema/overriders.ts';
import { CRITERION_KEYS, type CriterionKey, type Policy, type Source, ZONES } from './schema/policy.ts';
import { commentOnTop } from './schema/policy-comment.ts';

/** A policy, and the names of the top-level keys that its file holds. The other keys have their default values. */
export interface SaidPolicy {
  readonly policy: Policy;
  readonly said: ReadonlySet<string>;
}

/** Merges layers of policies into one; the lowest comes first in the list. Returns null for an empty list. */
export function mergePolicies(layers: readonly SaidPolicy[]): SaidPolicy | null {
  const [top, ...below] = layers.toReversed();
  return top === undefined ? null : below.reduce((more, base) => onTop(base, more), top);
}

function onTop(base: SaidPolicy, more: SaidPolicy): SaidPolicy {
  const isFree = base.policy.repositories_may === 'ask_for_less';
  const merged = isFree ? freely(base.policy, more) : strictly(base, more);
  const { repositories_may } = base.policy;
  const named = more.policy.extends;
  const policy: Policy = { ...common(base, more), ...merged, ...(named === undefined ? {} : { extends: named }) };
  return {
    policy: repositories_may === undefined ? policy : { ...policy, repositories_may },
    said: new Set([...base.said, ...more.said]),
  };
}

/** Deadline, merge queue and comment. */
function common(base: SaidPolicy, more: SaidPolicy): Pick<Policy, 'deadline_minutes' | 'merge_queue' | 'comment'> {
  const deadlines = [base, more].filter(({ said }) => said.has('deadline_minutes'));
  const minutes = (deadlines.length > 0 ? deadlines : [base]).map(({ policy }) => policy.deadline_minutes);
  const queues = [base, more].filter(({ said }) => said.has('merge_queue')).map(({ policy }) => policy.merge_queue);
  const comment = commentOnTop(base.policy.comment, more.policy.comment);
  return {
    deadline_minutes: Math.min(...minutes),
    merge_queue: queues.length === 0 || queues.includes('full') ? 'full' : 'trust_pr',
    ...(comment === undefined ? {} : { comment }),
  };
}

/** What is said on top counts, the rest as it stands below. */
function freely(base: Policy, { policy: more, said }: SaidPolicy): Partial<Policy> & Pick<Policy, 'dod'> {
  const { repositories_may: _, extends: __, comment: ___, ...rest } = more;
  // What is to be enforced waits for no day.
  const isEnforced = more.mode === 'enforce' && !said.has('observe_days_after_installation');
  // Nor does what is to be observed for some days hold before they are over.
  const isObserved = more.mode === undefined && base.mode === 'enforce' && said.has('observe_days_after_installation');
  const gone = ['comment', ...(isEnforced ? ['observe_days_after_installation'] : []), ...(isObserved ? ['mode'] : [])];
  const kept = Object.entries(base).filter(([key]) => !gone.includes(key));
  const entries = Object.entries(rest).filter(([key]) => said.has(key) && key !== 'dod' && key !== 'evidence');
  const evidence = { ...base.evidence, ...more.evidence };
  return {
    ...Object.fromEntries([...kept, ...entries]),
    dod: { ...base.dod, ...more.dod },
    ...(Object.keys(evidence).length === 0 ? {} : { evidence }),
  };
}

function strictly({ policy: base }: SaidPolicy, { policy: more }: SaidPolicy): Partial<Policy> & Pick<Policy, 'dod'> {
  const zones = zonesOfBoth(base.zones, more.zones);
  const when = [base.when ?? [], more.when ?? []].flat(2);
  const environments = [...new Set([...(base.environments ?? []), ...(more.environments ?? [])])];
  const evidence = evidenceOfBoth(base, more);
  return {
    dod: strictestDod(base.dod, more.dod),
    ...(evidence === undefined ? {} : { evidence }),
    ...(zones === undefined ? {} : { zones }),
    ...(when.length === 0 ? {} : { when }),
    ...(environments.length === 0 ? {} : { environments }),
    ...overrideOfBoth(base, more),
    ...modeOfBoth(base, more),
  };
}

type Zones = Policy['zones'];

function zonesOfBoth(base: Zones, more: Zones): Zones {
  if (base === undefined || more === undefined) return base ?? more;
  const both = ZONES.flatMap((zone) => {
    const [below = [], above = []] = [base[zone], more[zone]];
    return below.length + above.length === 0 ? [] : [[zone, globsOfBoth(below, above)]];
  });
  return Object.fromEntries(both);
}

/** Of a list the last glob that fits decides, so one that takes out (`!`) must not stand behind what the other list takes in. */
function globsOfBoth(below: readonly string[], above: readonly string[]): string[] {
  const takesOut = (glob: string) => glob.startsWith('!');
  if (!below.some(takesOut)) return [...above, ...below];
  return [...below, ...above.filter((glob) => !takesOut(glob))];
}

type Evidence = Policy['evidence'];
const FIGURES: readonly CriterionKey[] = ['coverage_min', 'coverage_diff_min', 'lighthouse_min'];

/**
 * Of what the policy below asks for, what stands on top may not accept more, nor take a colour for a figure: a job that is green
 * says nothing of a share or a score.
 */
function evidenceOfBoth(base: Policy, more: Policy): Evidence {
  const both = CRITERION_KEYS.flatMap((key): [CriterionKey, Source][] => {
    const below = base.evidence?.[key];
    const above = more.evidence?.[key];
    if (below !== undefined) return [[key, below]];
    if (above === undefined) return [];
    if (!asksFor(base, key)) return [[key, above]];
    return FIGURES.includes(key) && !('artifact' in above) ? [] : [[key, withoutAccept(above)]];
  });
  return both.length === 0 ? undefined : (Object.fromEntries(both) as Evidence);
}

function asksFor({ dod, when }: Policy, key: CriterionKey): boolean {
  const rules = [when ?? []].flat();
  return [dod, ...rules.map((rule) => rule.dod)].some((one) => one[key] !== undefined && one[key] !== false);
}

function withoutAccept(source: Source): Source {
  if (!('accept' in source)) return source;
  const { accept: _, ...rest } = source;
  return rest;
}

/** Who may override has to be allowed to by both. */
function overrideOfBoth(base: Policy, more: Policy): Pick<Policy, 'override'> {
  if (more.override === undefined) return base.override === undefined ? {} : { override: base.override };
  const [below, above] = [overridersOf(base), overridersOf(more)];
  return {
    override: {
      roles: rolesOfBoth(below.roles, above.roles),
      teams: below.teams.filter((team) => above.teams.includes(team)),
      ...(below.agents && above.agents ? { agents: true } : {}),
    },
  };
}

/** To observe is less. What is to be enforced at once waits for no day. */
function modeOfBoth(base: Policy, more: Policy): Pick<Policy, 'mode' | 'observe_days_after_installation'> {
  if (more.mode === 'enforce') return { mode: 'enforce' };
  const { mode, observe_days_after_installation } = base;
  const days = more.observe_days_after_installation ?? Number.POSITIVE_INFINITY;
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(observe_days_after_installation === undefined
      ? {}
      : { observe_days_after_installation: Math.min(days, observe_days_after_installation) }),
  };
}
