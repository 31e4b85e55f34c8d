// Evaluates what the brain knows of a commit by a policy, and lists what must still be read before that is final. Pure.

import { criteriaOf, zonesTouched } from '../policy/schema/criteria.ts';
import { type Policy, ZONES } from '../policy/schema/policy.ts';
import { type Change, collect, type GateSubject } from './collect/collect.ts';
import { withoutOutdone } from './collect/own-runs.ts';
import { evaluate } from './evaluate.ts';
import type { GateVerdict } from './model/verdict.ts';

/** Whether the list of changed files decides anything. Only then GitHub is asked for it, as that costs a request for each hundred files. */
export function asksForChange({ pull_request }: GateSubject, policy: Policy): boolean {
  const rules = [policy.when ?? []].flat();
  const asksForLines = [policy.dod, ...rules.map((rule) => rule.dod)].some(
    (dod) => dod.coverage_diff_min !== undefined,
  );
  return pull_request.is_fork || rules.length > 0 || asksForLines;
}

/** The pull request in the form in which GitHub is asked for its files. */
export function headOf({ repository, pull_request }: GateSubject) {
  const { number: pull_number, head_sha, base_ref } = pull_request;
  return { owner: repository.owner, repo: repository.name, pull_number, head_sha, base_ref };
}

/** What an evaluation needs to know besides commit and policy. */
export interface Circumstances {
  /** The changed files; null when the policy does not need them. An incomplete list counts as a change of every zone. */
  readonly change: Change | null;
  /** The time at which the commit is evaluated, ISO 8601. */
  readonly now: string;
  /** Slugs of Apps whose checks a fork defines itself. */
  readonly untrusted_apps?: readonly string[] | undefined;
}

/** Evaluates what the brain knows of a commit by a policy. */
export function evaluateSubject(
  subject: GateSubject,
  policy: Policy,
  { change, now, untrusted_apps }: Circumstances,
): GateVerdict {
  // What is moved out of a zone touches it as well.
  const files =
    change?.files.flatMap(({ filename, previous_filename }) => [filename, previous_filename ?? filename]) ?? [];
  const criteria = criteriaOf(policy, change?.complete === false ? ZONES : zonesTouched(policy, files));
  return evaluate(collect(withoutOutdone(subject), change, untrusted_apps), {
    criteria,
    deadline_minutes: policy.deadline_minutes,
    now,
  });
}

/** Whether any criterion can be measured by an artifact. */
export function restsOnArtifacts({ criteria }: Pick<GateVerdict, 'criteria'>): boolean {
  return criteria.some(({ criterion: { source } }) => source === null || 'artifact' in source);
}

/** Ids (of `ci_events`) of the runs whose artifacts still have to be read; empty when no criterion can be measured by an artifact. */
export function unreadRuns({ runs }: GateSubject, { criteria }: GateVerdict): string[] {
  if (!restsOnArtifacts({ criteria })) return [];
  return runs.filter(({ is_over, is_read }) => is_over && !is_read).map(({ ci_event_id }) => ci_event_id);
}
