// What to answer for a deployment: by the policy of the default branch and the commit's verdict. Pure.

import { nameMatcher } from '../policy/globs/name-matcher.ts';
import type { ParsedPolicy } from '../policy/parse-policy.ts';
import { redact } from '../text/redact.ts';

export interface Held {
  readonly environment: string;
  readonly sha: string;
  /** ISO 8601: when GitHub asked. */
  readonly since: string;
}

/** The newest verdict on the commit; null when there is none yet. */
export type HeldVerdict = { readonly status: string; readonly unmet: readonly string[] } | null;

export type Answer = { readonly state: 'approved' | 'rejected'; readonly comment: string } | { readonly state: 'wait' };

const MOST_NAMES = 10;

/** `policy` null: the default branch has none. Nothing is approved on a policy that can't be read; one that only observes holds nothing back. */
export function answerFor(
  held: Held,
  policy: (ParsedPolicy & { readonly isObserved?: boolean }) | null,
  verdict: HeldVerdict,
  now: number,
): Answer {
  if (policy !== null && 'problems' in policy) {
    return rejected('The policy on the default branch is broken, so nothing can be judged.');
  }
  const named = (policy?.policy.environments ?? []).some((name) => nameMatcher(name)(held.environment));
  if (policy === null || !named) {
    return { state: 'approved', comment: 'The policy names no such environment: it does not wait for the gate.' };
  }
  const commit = held.sha.slice(0, 7);
  if (verdict?.status === 'completed') {
    return { state: 'approved', comment: `The Definition of Done is met on ${commit}.` };
  }
  if (policy.isObserved === true) {
    const what = verdict?.status === 'failed' ? 'is not met' : 'is not known to be met';
    const comment = `Observing: the Definition of Done ${what} on ${commit}${listed(verdict?.unmet ?? [])}; nothing is held back.`;
    return { state: 'approved', comment };
  }
  if (verdict?.status === 'failed') {
    return rejected(`The Definition of Done is not met on ${commit}${listed(verdict.unmet)}.`);
  }
  const minutes = policy.policy.deadline_minutes;
  if (now < Date.parse(held.since) + minutes * 60_000) return { state: 'wait' };
  const what = verdict === null ? 'There is no verdict' : 'The verdict is not complete';
  return rejected(`${what} on ${commit} after ${minutes} minutes${listed(verdict?.unmet ?? [])}.`);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `: ${redact(names.slice(0, MOST_NAMES).join(', '))}${more}`;
}

const rejected = (comment: string): Answer => ({ state: 'rejected', comment });
