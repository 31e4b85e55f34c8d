// The `pull_request` event. Whatever its action, it holds the whole row. Pure.

import { z } from 'zod';
import type { Normalised, PullRequestFact } from '../../model/facts.ts';
import { saidText, TEXT_LIMITS, text, webUrl } from '../../text/storable-text.ts';
import { optionalLogin } from '../fields/account.ts';
import { facts } from '../fields/facts.ts';
import { id, ordinal, sha } from '../fields/identity.ts';
import { parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { optionalTimestamp, timestamp } from '../fields/timestamp.ts';

const pullRequest = z.object({
  number: ordinal,
  title: z.string().overwrite((raw) => saidText(raw, TEXT_LIMITS.title)),
  html_url: webUrl,
  state: z.enum(['open', 'closed'], { error: 'open or closed' }),
  draft: z.boolean().nullish(),
  user: optionalLogin,
  // The repository is null once the fork is deleted.
  head: z.object({ sha, ref: text(TEXT_LIMITS.name), repo: z.object({ id }).nullish() }),
  base: z.object({ sha, ref: text(TEXT_LIMITS.name) }),
  created_at: timestamp,
  merged_at: optionalTimestamp,
  merge_commit_sha: sha.nullish(),
  merged_by: optionalLogin,
  updated_at: timestamp,
});

/**
 * The actions that bring a head commit; their time is when it came at the latest. Pushes to a closed pull request send no event.
 * Only its reopening shows them, and does not say whether there were any: so a reopened one counts as pushed.
 */
const HEAD_ARRIVALS: Readonly<Record<string, 'opened' | 'pushed'>> = {
  opened: 'opened',
  synchronize: 'pushed',
  reopened: 'pushed',
};

const pullRequestEvent = z.object({
  ...originFields,
  action: z.string().nullish(),
  pull_request: pullRequest,
  before: sha.nullish(),
  changes: z.object({ base: z.object({ ref: z.object({ from: z.string() }).nullish() }).nullish() }).nullish(),
});

/** Reads a `pull_request` event. */
export function normalisePullRequest(payload: unknown): Normalised {
  const event = parsePayload('pull_request', pullRequestEvent, payload);
  return facts({
    ...originFacts(event, event.pull_request.updated_at),
    pull_requests: [
      { ...pullRequestFact(event.pull_request, event.repository.id), ...headFields(event), ...baseFields(event) },
    ],
  });
}

function headFields({
  action,
  before,
}: z.output<typeof pullRequestEvent>): Pick<PullRequestFact, 'head_arrival' | 'former_head_sha'> {
  const head_arrival = action && Object.hasOwn(HEAD_ARRIVALS, action) ? HEAD_ARRIVALS[action] : undefined;
  if (head_arrival === undefined) return {};
  return { head_arrival, ...(before ? { former_head_sha: before } : {}) };
}

/** When the base branch was changed: everything that ran before ran for another base. */
function baseFields({
  action,
  changes,
  pull_request,
}: z.output<typeof pullRequestEvent>): Pick<PullRequestFact, 'based_at'> {
  return action === 'edited' && changes?.base?.ref ? { based_at: pull_request.updated_at } : {};
}

function pullRequestFact(loaded: z.output<typeof pullRequest>, repositoryId: number): PullRequestFact {
  const merged = loaded.merged_at !== null;
  return {
    repository_id: repositoryId,
    number: loaded.number,
    title: loaded.title,
    html_url: loaded.html_url,
    head_sha: loaded.head.sha,
    head_ref: loaded.head.ref,
    head_repository_id: loaded.head.repo?.id ?? null,
    base_ref: loaded.base.ref,
    base_sha: loaded.base.sha,
    state: merged ? 'merged' : loaded.state,
    draft: loaded.draft ?? false,
    author: loaded.user,
    opened_at: loaded.created_at,
    merged_at: loaded.merged_at,
    // Until the merge it names GitHub's test merge, a commit of no branch that comes and goes.
    merge_commit_sha: merged ? (loaded.merge_commit_sha ?? null) : null,
    merged_by: merged ? loaded.merged_by : null,
    source_updated_at: loaded.updated_at,
  };
}
