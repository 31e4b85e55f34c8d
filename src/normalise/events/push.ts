// The `push` event: commits that came to a branch or tag. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { commit, commitFact } from '../fields/commit.ts';
import { facts, ignored } from '../fields/facts.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';

const pushEvent = z.object({
  ...originFields,
  ref: text(TEXT_LIMITS.name),
  created: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  forced: z.boolean().nullish(),
  commits: z.array(commit).nullish(),
  head_commit: commit.nullish(),
});

/**
 * Reads a `push` event. A new branch or tag on old commits, and a branch that was put back by force, list no commits: then the head
 * counts as the one commit. The time is the repository's `pushed_at`, which GitHub sets; a commit's own time is set by its author.
 */
export function normalisePush(payload: unknown): Normalised {
  const event = parsePayload('push', pushEvent, payload);
  if (event.deleted) return ignored('push: a branch or tag was deleted, which brings no commit');
  const { repository, ref, head_commit } = event;
  const push = {
    repository_id: repository.id,
    ref,
    pushed_at: repository.pushed_at,
    merge_group_ref: null,
    is_ref_reset: event.forced === true || event.created === true,
  };
  const commits = [...(event.commits ?? []), ...(head_commit ? [head_commit] : [])];
  const bySha = new Map(commits.map((one) => [one.id, one]));
  return facts({ ...originFacts(event), commits: [...bySha.values()].map((one) => commitFact(one, push, bySha.size)) });
}
