// The pull requests that a run or check says it belongs to. Pure.

import { z } from 'zod';
import { id, ordinal } from './identity.ts';

const reference = z.object({ number: ordinal, base: z.object({ repo: z.object({ id }) }) });

/** Empty for pull requests from forks; null or left out in some older payloads. */
export const pullRequestReferences = z
  .array(reference)
  .nullish()
  .transform((listed) => listed ?? []);

/** Numbers of this repository's own pull requests, ascending; GitHub also lists those from it into its forks. */
export function pullRequestNumbers(listed: z.output<typeof pullRequestReferences>, repositoryId: number): number[] {
  const own = listed.filter(({ base }) => base.repo.id === repositoryId).map(({ number }) => number);
  return [...new Set(own)].sort((a, b) => a - b);
}
