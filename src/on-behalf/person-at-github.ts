// Who a person is at GitHub at this moment, and what they may do there: by the id of their account, as logins are given to others.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { type AuthorStanding, readAccount, readRole, readStanding } from '../github/permissions.ts';
import { Rejected } from '../model/errors.ts';
import type { Overriders } from '../model/overriders.ts';

/** A repository, and an Octokit of the installation that reaches it. */
export interface RepositoryAtGithub {
  readonly owner: string;
  readonly repo: string;
  readonly octokit: ProbotOctokit;
}

const known = z.object({ github_id: z.number().nullable() }).nullable();

interface PersonAtGithub {
  readonly user_id: number;
  readonly username: string;
  readonly user_type: string;
}

/** Throws `Rejected` (CR008) for who has no account there, else what `githubError` returns. */
async function askWho(
  brain: Pick<Brain, 'call'>,
  { octokit }: RepositoryAtGithub,
  userId: string,
): Promise<PersonAtGithub> {
  const github_id = known.parse(await brain.call('read_github_person', { user_id: userId }))?.github_id ?? null;
  if (github_id === null)
    throw refused('You never signed in here with GitHub, so it can not be asked what you may: do that first.');
  const account = await readAccount(octokit, github_id);
  if (account === null) throw refused('Your account is not at GitHub any more.');
  return { user_id: github_id, username: account.login, user_type: account.type };
}

function refused(message: string): Rejected {
  return new Rejected(message, { code: 'CR008' });
}

/** Returns what the person may do there now, and their login of now. Throws as `askWho`. */
export async function askStanding(
  brain: Pick<Brain, 'call'>,
  at: RepositoryAtGithub,
  { userId, overriders }: { readonly userId: string; readonly overriders: Overriders },
): Promise<AuthorStanding & { readonly login: string }> {
  const person = await askWho(brain, at, userId);
  const { owner, repo, octokit } = at;
  return { ...(await readStanding(octokit, { owner, repo, ...person }, overriders)), login: person.username };
}

/** Whether the person may read the repository now. Throws as `askWho`. */
export async function mayRead(brain: Pick<Brain, 'call'>, at: RepositoryAtGithub, userId: string): Promise<boolean> {
  const { username, user_id } = await askWho(brain, at, userId);
  const { owner, repo, octokit } = at;
  return (await readRole(octokit, { owner, repo, username, user_id })) !== 'none';
}
