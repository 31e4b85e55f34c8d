// The setting CODERED_AGENTS_REPOSITORIES: whose files of agents are everybody's here. Pure.
import { z } from 'zod';

/** Schema of the setting: `owner/name` or GitHub's id of a repository, with commas between them; gives them in lower case. */
export const agentsRepositories = z
  .string()
  .max(5_000)
  .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
  .pipe(z.array(z.string().regex(/^(?:[a-z0-9][a-z0-9._-]{0,98}\/[a-z0-9._-]{1,100}|[1-9][0-9]{0,17})$/)))
  .optional()
  .describe(
    "owner/name, or GitHub's id, of the repositories whose agents/*.yml are used here, with commas between, or unset",
  );
