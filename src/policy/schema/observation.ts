// Whether a policy only observes at the moment. Pure.

import type { Policy } from './policy.ts';

const DAY_MS = 86_400_000;

/** `until`: ISO 8601; null: until the policy says otherwise. */
export interface Observation {
  readonly until: string | null;
}

/**
 * Null where the policy is enforced: a file that says so waits for no day, whatever else it says. `installed_at`: when the App was installed, ISO 8601; where that is not known no day counts.
 * `now` in ms since 1970.
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

/** What is to be said of it beside where the policy stands, in words of our own; empty: it is enforced. */
export function untilWhen(observed: Observation | null): string {
  if (observed === null) return '';
  return observed.until === null ? ', only observing' : `, only observing until ${observed.until.slice(0, 10)}`;
}
