// The settings that say where GitHub is: github.com, or a GitHub Enterprise Server.
import { z } from 'zod';

/** The schema of each setting. */
export const githubFields = {
  GHE_HOST: z
    .string()
    .regex(/^[\w.-]+(?::\d{1,5})?$/)
    .optional()
    .describe('the host name of a GitHub Enterprise Server, without https:// and path, or unset for github.com'),
  GHE_PROTOCOL: z.enum(['http', 'https']).default('https').describe('https or http'),
} as const;

type Found = z.output<z.ZodObject<typeof githubFields>>;

/** The address of GitHub's API, without a slash at the end. */
export function githubApiUrl({ GHE_HOST: host, GHE_PROTOCOL: protocol }: Found): string {
  return host === undefined ? 'https://api.github.com' : `${protocol}://${host}/api/v3`;
}

/** The address of GitHub's pages, without a slash at the end. */
export function githubOrigin({ GHE_HOST: host, GHE_PROTOCOL: protocol }: Found): string {
  return host === undefined ? 'https://github.com' : `${protocol}://${host}`;
}
