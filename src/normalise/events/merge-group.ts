// The `merge_group` event: a merge queue asks for checks on a commit it has made. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { optionalText, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { commit, commitFact } from '../fields/commit.ts';
import { facts, ignored } from '../fields/facts.ts';
import { sha } from '../fields/identity.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';

const mergeGroupEvent = z.object({
  ...originFields,
  action: z.string(),
  // Only the end of a group has one.
  reason: optionalText(TEXT_LIMITS.word),
  merge_group: z.object({ head_sha: sha, head_ref: text(TEXT_LIMITS.name), head_commit: commit }),
});

/**
 * Reads a `merge_group` event. The group's head is a commit that nobody pushes, so it has no `pushed_at`. When the group ends, the
 * reason is kept for the pull request's comment.
 */
export function normaliseMergeGroup(payload: unknown): Normalised {
  const name = eventName('merge_group', payload);
  if (name !== 'merge_group.checks_requested' && name !== 'merge_group.destroyed')
    return ignored(`${name}: nothing of this action is kept`);
  const event = parsePayload('merge_group', mergeGroupEvent, payload);
  const { head_sha, head_ref, head_commit } = event.merge_group;
  const push = {
    repository_id: event.repository.id,
    ref: head_ref,
    pushed_at: null,
    merge_group_ref: head_ref,
    is_ref_reset: false,
  };
  const fact = commitFact({ ...head_commit, id: head_sha }, push);
  if (event.action === 'destroyed')
    return facts({ ...originFacts(event), commits: [{ ...fact, merge_group_end: event.reason || NOT_GIVEN }] });
  return facts({
    ...originFacts(event),
    commits: [fact],
    // A required check that does not appear at once makes the queue wait, and in the end throw the pull request out.
    rechecks: [{ repository_id: event.repository.id, head_sha }],
  });
}

/** Older Enterprise Servers don't say why. */
const NOT_GIVEN = 'destroyed';
