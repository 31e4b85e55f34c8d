// A commit in the events `push` and `merge_group`. Pure.

import { z } from 'zod';
import type { CommitFact } from '../../model/facts.ts';
import { optionalText, saidText, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { sha } from './identity.ts';
import { claimedTimestamp } from './timestamp.ts';

/** GitHub cuts at the same number. docs/github.md#delivery-of-webhooks */
const MOST_FILES = 5_000;
const MESSAGE_LIMIT = 4_000;
/** Of all commits of one delivery together: what is kept of text costs time, and GitHub lists up to 2,048 of them. */
const MESSAGES_LIMIT = 500_000;

const paths = z.array(text(TEXT_LIMITS.path)).nullish();

/** The fields of a commit that both events have. Author and time are whatever the author wrote. */
export const commit = z.object({
  id: sha,
  message: z.string(),
  timestamp: claimedTimestamp,
  author: z.object({ username: optionalText(TEXT_LIMITS.name), name: optionalText(TEXT_LIMITS.name) }).nullish(),
  added: paths,
  modified: paths,
  removed: paths,
});

/** The row of a commit, without the fields that only one event has. `among` is the number of commits in the delivery: they share the room for messages. */
export function commitFact(
  loaded: z.output<typeof commit>,
  push: Pick<CommitFact, 'repository_id' | 'ref' | 'pushed_at' | 'merge_group_ref' | 'is_ref_reset'>,
  among = 1,
): CommitFact {
  const files = new Set([...(loaded.added ?? []), ...(loaded.modified ?? []), ...(loaded.removed ?? [])]);
  return {
    ...push,
    sha: loaded.id,
    message: saidText(loaded.message, Math.min(MESSAGE_LIMIT, Math.ceil(MESSAGES_LIMIT / among))),
    author: loaded.author?.username ?? loaded.author?.name ?? null,
    authored_at: loaded.timestamp,
    files: [...files].slice(0, MOST_FILES),
  };
}
