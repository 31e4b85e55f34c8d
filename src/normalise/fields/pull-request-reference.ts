// The pull requests that a run or check says it belongs to. Pure.

import { z } from 'zod';
import { id, ordinal } from './identity.ts';

const reference = z.object({ number: ordinal, base: z.object({ repo: z.object({ id }) }) });

/** The list of pull requests in a run or check; GitHub leaves it empty for those from forks. Null or missing in some older payloads. */
export const pullRequestReferences = z
  .array(reference)
  .nullish()
  .transform((listed) => listed ?? []);

/** The numbers of the listed pull requests into this repository, ascending. GitHub also lists pull requests from it into its forks; they are left out. */
export function pullRequestNumbers(listed: z.output<typeof pullRequestReferences>, repositoryId: number): number[] {
  const own = listed.filter(({ base }) => base.repo.id === repositoryId).map(({ number }) => number);
  return [...new Set(own)].sort((a, b) => a - b);
}
