// From what the brain tells of a commit and a policy to the verdict, and what is to be read before that can be final. Pure; gate.ts
// and simulate.ts use it.

import { criteriaOf, zonesTouched } from '../policy/schema/criteria.ts';
import { type Policy, ZONES } from '../policy/schema/policy.ts';
import { type Change, collect, type GateSubject } from './collect/collect.ts';
import { withoutOutdone } from './collect/own-runs.ts';
import { evaluate } from './evaluate.ts';
import type { GateVerdict } from './model/verdict.ts';

/** Whether the files of the pull request decide anything. They are only asked for then: it costs a request for each hundred of them. */
export function asksForChange({ pull_request }: GateSubject, policy: Policy): boolean {
  const rules = [policy.when ?? []].flat();
  const asksForLines = [policy.dod, ...rules.map((rule) => rule.dod)].some(
    (dod) => dod.coverage_diff_min !== undefined,
  );
  return pull_request.is_fork || rules.length > 0 || asksForLines;
}

/** Whose files decide something, as GitHub is asked for them. */
export function headOf({ repository, pull_request }: GateSubject) {
  const { number: pull_number, head_sha, base_ref } = pull_request;
  return { owner: repository.owner, repo: repository.name, pull_number, head_sha, base_ref };
}

export interface Circumstances {
  /** Null: nobody asked for it; where GitHub does not list all of it, it counts as touching every zone. */
  readonly change: Change | null;
  /** The time of judging, ISO 8601. */
  readonly now: string;
  /** Slugs of Apps whose checks a fork defines itself. */
  readonly untrusted_apps?: readonly string[] | undefined;
}

/** The verdict on a commit by a policy. */
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

/** Whether any criterion can rest on an artifact. */
export function restsOnArtifacts({ criteria }: Pick<GateVerdict, 'criteria'>): boolean {
  return criteria.some(({ criterion: { source } }) => source === null || 'artifact' in source);
}

/** Attempts of runs whose artifacts are still to be read; none where no criterion can rest on an artifact. */
export function unreadRuns({ runs }: GateSubject, { criteria }: GateVerdict): string[] {
  if (!restsOnArtifacts({ criteria })) return [];
  return runs.filter(({ is_over, is_read }) => is_over && !is_read).map(({ ci_event_id }) => ci_event_id);
}
