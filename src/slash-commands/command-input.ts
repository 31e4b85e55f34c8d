// What a queued comment with commands holds, in this version and in earlier ones. Pure.

import { z } from 'zod';

/** The input of a follow-up `command`, as the brain's `queue_commands` writes it. */
export const commandInput = z.object({
  kind: z.literal('command'),
  repository_id: z.number(),
  pull_request_number: z.number(),
  comment_id: z.number(),
  author: z.string(),
  author_id: z.number(),
  author_type: z.string(),
  /** One line for each command. */
  text: z.string(),
  created_at: z.iso.datetime(),
  head_sha: z.string().nullable(),
});
export type CommandInput = z.infer<typeof commandInput>;
