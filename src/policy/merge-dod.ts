// Two Definitions of Done as one: each criterion that either asks for, the stricter where both do. Pure.

import type { Dod } from './schema/policy.ts';

/** Returns a Definition of Done that asks for as much as both do: whatever meets it meets each of the two. */
export function strictestDod(one: Dod, other: Dod): Dod {
  return defined({
    lint_pass: either(one.lint_pass, other.lint_pass),
    type_check: either(one.type_check, other.type_check),
    e2e_pass: either(one.e2e_pass, other.e2e_pass),
    coverage_min: strictestCoverage(one.coverage_min, other.coverage_min),
    coverage_diff_min: most(one.coverage_diff_min, other.coverage_diff_min),
    lighthouse_min: strictestLighthouse(one.lighthouse_min, other.lighthouse_min),
  });
}

type Coverage = Dod['coverage_min'];
type Lighthouse = Dod['lighthouse_min'];

function either(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  return one === undefined && other === undefined ? undefined : one === true || other === true;
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

function mostOfEach(
  one: Readonly<Record<string, number>> = {},
  other: Readonly<Record<string, number>> = {},
): Record<string, number> | undefined {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const figure = (from: Readonly<Record<string, number>>, key: string) =>
    Object.hasOwn(from, key) ? from[key] : undefined;
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.flatMap((key) => pair(key, most(figure(one, key), figure(other, key)))));
}

function pair(key: string, figure: number | undefined): [string, number][] {
  return figure === undefined ? [] : [[key, figure]];
}

function strictestCoverage(one: Coverage, other: Coverage): Coverage {
  if (one === undefined || other === undefined) return one ?? other;
  if (typeof one === 'number' && typeof other === 'number') return Math.max(one, other);
  const [this_, that] = [one, other].map((asked) => (typeof asked === 'number' ? { total: asked } : asked));
  return defined({
    total: most(this_?.total, that?.total),
    flags: mostOfEach(this_?.flags, that?.flags),
    paths: mostOfEach(this_?.paths, that?.paths),
  });
}

function strictestLighthouse(one: Lighthouse, other: Lighthouse): Lighthouse {
  if (one === undefined || other === undefined) return one ?? other;
  if (typeof one === 'number' && typeof other === 'number') return Math.max(one, other);
  const [this_, that] = [one, other].map((asked) => (typeof asked === 'number' ? { performance: asked } : asked));
  return mostOfEach(this_, that);
}

/** Without the keys that say nothing. */
function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
