// Fields of API calls that name a repository and what lies in it.
import { z } from 'zod';

export const oneLine = z.string().regex(/^[^\p{Cc}\p{Cs}]+$/u, 'has to be one line of text');

export const repositoryName = z
  .string()
  .max(200)
  .regex(/^[\w.-]+\/[\w.-]+$/, 'has to be owner/name');

export const branchName = oneLine.max(1_000);

/** Names a file below the root of the repository, in one way only. */
export const filePath = oneLine
  .max(2_000)
  .refine(
    (path) => path.split('/').every((step) => !['', '.', '..'].includes(step)),
    'has to be a path in the repository',
  );
