// Whether a policy only observes at the moment. Pure.

import type { Policy } from './policy.ts';

const DAY_MS = 86_400_000;

/** The policy only observes, `until` a time (ISO 8601); null: until the policy is changed. */
export interface Observation {
  readonly until: string | null;
}

/**
 * Whether the policy only observes at the time `now` (ms since 1970); null when it is enforced. `mode: enforce` counts at once,
 * whatever else the file says. `installed_at` is when the App was installed (ISO 8601); when it is null, days after the
 * installation cannot be counted, and the policy is enforced.
 */
export function observationOf(
  { mode, observe_days_after_installation: days }: Pick<Policy, 'mode' | 'observe_days_after_installation'>,
  { installed_at, now }: { readonly installed_at: string | null; readonly now: number },
): Observation | null {
  if (mode === 'observe') return { until: null };
  if (mode === 'enforce' || days === undefined || installed_at === null) return null;
  const end = Date.parse(installed_at) + days * DAY_MS;
  return now < end ? { until: new Date(end).toISOString() } : null;
}

/** Words about it for reports, to follow the place of the policy; empty when the policy is enforced. */
export function untilWhen(observed: Observation | null): string {
  if (observed === null) return '';
  return observed.until === null ? ', only observing' : `, only observing until ${observed.until.slice(0, 10)}`;
}
