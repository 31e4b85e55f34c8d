// The setting CODERED_UNTRUSTED_CHECK_APPS: whose checks a fork may define itself. Pure.
import { z } from 'zod';

/** Schema of the setting: slugs of Apps, as in the addresses of their pages on GitHub; gives them in lower case. */
export const untrustedCheckApps = z
  .string()
  .max(5_000)
  .transform((text) => text.split(',').map((slug) => slug.trim().toLowerCase()))
  .pipe(z.array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/)))
  .optional()
  .describe('the slugs of GitHub Apps whose checks files of the repository define, with commas between, or unset');
