// Of which pull requests a commit is what, and for which of them it is evaluated. Pure.

import { z } from 'zod';

/** What `read_pull_requests_of` answers. */
export const pullRequestsOf = z.object({
  installation_id: z.number().nullable(),
  owner: z.string(),
  name: z.string(),
  numbers: z.array(z.number()),
  /** Pull requests whose head the commit was before, if a check run stands on it. */
  former_numbers: z.array(z.number()),
  /** The pull request for which a merge queue tries the commit. */
  merge_group_numbers: z.array(z.number()),
  ask_github: z.boolean(),
});
export type Place = z.infer<typeof pullRequestsOf>;

/** What is known of a pull request as far as that decides whether the commit is evaluated for it. */
interface Known {
  readonly pull_request: { readonly number: number; readonly head_sha: string; readonly state: string };
}

/**
 * Those open pull requests whose head it is, or else those that were, and the one that a merge queue tries it for. One that it
 * was the head of before is asked only when there is no other: its check run still wants to be finished.
 */
export function numbersToEvaluate(place: Place, subjects: readonly Known[], head_sha: string): number[] {
  const onHead = subjects.filter(({ pull_request }) => pull_request.head_sha === head_sha);
  const open = onHead.filter(({ pull_request }) => pull_request.state === 'open');
  const heads = (open.length > 0 ? open : onHead).map(({ pull_request }) => pull_request.number);
  const current = [...new Set([...heads, ...place.merge_group_numbers])];
  return current.length > 0 ? current : place.former_numbers.slice(0, 1);
}
