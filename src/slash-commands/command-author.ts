// Finds out what the author of a command may do: asks GitHub for their role and teams, and reads the policy.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { type AuthorStanding, readStanding } from '../github/permissions.ts';
import type { Overriders } from '../model/overriders.ts';
import type { PolicySubject } from '../policy/policy-subject.ts';
import { readOverriders } from '../policy/read-overriders.ts';
import type { CommandInput } from './command-input.ts';

/** What the author may do, and whom the policy lets override. */
export type Author = AuthorStanding & { readonly overriders: Overriders };

/** Where the command was given. */
export interface AuthorPlace {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokit: ProbotOctokit;
  readonly subject: PolicySubject;
  readonly place: { readonly owner: string; readonly repo: string };
}

/**
 * Reads what the author may do in the repository, and whom its policy lets override. GitHub is asked each time, because rights
 * change. (Only that somebody has no rights is remembered for some minutes, by the step.) Throws `Transient` while GitHub fails.
 */
export async function readAuthor(
  { author: username, author_id: user_id, author_type: user_type }: CommandInput,
  { brain, octokit, place, subject }: AuthorPlace,
): Promise<Author> {
  const overriders = await readOverriders(subject, { brain, octokit });
  return { ...(await readStanding(octokit, { ...place, username, user_id, user_type }, overriders)), overriders };
}
