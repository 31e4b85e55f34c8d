// Zones that no change can touch, and what is asked of changes there. Pure.

import { listedGlob } from '../globs/glob.ts';
import { readGlob } from '../globs/glob-syntax.ts';
import { type Policy, ZONES, type Zone } from '../schema/policy.ts';
import { type Finding, type Place, problem, warning } from '../schema/policy-finding.ts';

/** Whether the file is the whole policy. When it extends another one, or others may extend it, not all that counts is known here. */
export function isWhole(policy: object): boolean {
  return !('extends' in policy) && !('repositories_may' in policy);
}

/** The most characters of all globs as regular expressions, which are compiled anew for each commit. */
const MOST_CHARACTERS = 32_768;

interface Rule {
  readonly zones: readonly Zone[];
  readonly at: Place;
}

/** Finds zones that no change can touch, and rules for zones without files. `rules` are the entries of `when`. */
export function findZoneNonsense(policy: Policy, rules: readonly Rule[]): Finding[] {
  const zones = policy.zones ?? {};
  const whole = isWhole(policy);
  const unknown = rules.flatMap(({ zones: asked, at }) =>
    asked.flatMap((zone, index) => {
      if (asked.indexOf(zone) < index) return [warning([...at, 'zones', index], 'stands here twice')];
      if (zones[zone] !== undefined || !whole) return [];
      return [problem([...at, 'zones', index], `zones has no ${zone}, so this is asked of no change`)];
    }),
  );
  const read = ZONES.flatMap((zone) => (zones[zone] ?? []).map((text) => meaningOf(listedGlob(text).glob)));
  const characters = read.reduce((sum, means) => sum + means.length, 0);
  return [
    ...(characters > MOST_CHARACTERS
      ? [problem(['zones'], 'stands for more globs than can be held against each commit', true)]
      : []),
    ...unknown,
    ...ZONES.flatMap((zone) => (zones[zone] === undefined ? [] : findInZone(zone, zones[zone]))),
    ...findUnused(zones, rules, whole),
  ];
}

function findUnused(zones: NonNullable<Policy['zones']>, rules: readonly Rule[], whole: boolean): Finding[] {
  if (!whole) return [];
  const unused = ZONES.filter((zone) => zones[zone] !== undefined && !rules.some((rule) => rule.zones.includes(zone)));
  return unused.map((zone) => warning(['zones', zone], 'is used by no when: nothing is asked of changes in it', true));
}

interface Read {
  readonly means: string;
  readonly takesOut: boolean;
}

function findInZone(zone: Zone, list: readonly string[]): Finding[] {
  if (list.length === 0) return [problem(['zones', zone], 'has no globs, so no change touches it')];
  const read = list.map((text): Read => {
    const { glob, takesOut } = listedGlob(text);
    return { takesOut, means: meaningOf(glob) };
  });
  const firstIn = read.findIndex(({ takesOut }) => !takesOut);
  const idle = read
    .slice(0, firstIn === -1 ? read.length : firstIn)
    .map((_, index) =>
      problem(['zones', zone, index], 'has nothing before it to take out of; put it below what it takes out of'),
    );
  const isEmpty = firstIn !== -1 && !isAnyLeft(read);
  return [
    ...idle,
    ...(isEmpty ? [problem(['zones', zone], 'takes out all that it names, so no change touches it')] : []),
    ...repeats(read).map((index) => warning(['zones', zone, index], 'stands here twice')),
  ];
}

/** Whether any glob of the list is not taken out whole by one below it. */
function isAnyLeft(read: readonly Read[]): boolean {
  const takenOut = new Set<string>();
  return read.toReversed().some(({ takesOut, means }) => {
    if (takesOut) takenOut.add(means);
    return !takesOut && !takenOut.has(means) && !takenOut.has(EVERYTHING);
  });
}

/** Globs that stood there before, with nothing of the other kind between. */
function repeats(read: readonly Read[]): number[] {
  const before = { in: new Set<string>(), out: new Set<string>() };
  return read.flatMap(({ takesOut, means }, index) => {
    const [own, other] = takesOut ? [before.out, before.in] : [before.in, before.out];
    other.clear();
    if (own.has(means)) return [index];
    own.add(means);
    return [];
  });
}

const EVERYTHING = meaningOf('**');

/** Equal for globs that are written otherwise and mean the same: `src/` and `/src/**`. */
function meaningOf(glob: string): string {
  const read = readGlob(glob);
  return 'plain' in read ? read.plain.map(({ expression }) => expression).join('|') : glob;
}
