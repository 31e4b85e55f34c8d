// Reads what somebody may do in a repository right now, and who is in which team.
import type { ProbotOctokit } from 'probot';
import { Misconfigured, Rejected } from '../model/errors.ts';
import { type Overriders, type Role, reaches } from '../model/overriders.ts';
import { asking } from './github-error.ts';

/**
 * Returns a person's role in a repository: `admin`, `maintain`, `write`, `triage`, `read`, or for a custom role the one that it
 * builds on. Returns `none` for a stranger, and when the login belongs to another account than `user_id` by now. Throws what
 * `githubError` returns.
 * docs/github.md#roles-and-teams
 */
export async function readRole(
  octokit: ProbotOctokit,
  { owner, repo, username, user_id }: { owner: string; repo: string; username: string; user_id: number },
): Promise<string> {
  try {
    const { data } = await asking(`read what ${username} may do in ${owner}/${repo}`, () =>
      octokit.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username }),
    );
    if (data.user?.id !== user_id) return 'none';
    // A custom role's name says nothing to us; the permission that it builds on does.
    return ['admin', 'maintain', 'write', 'triage', 'read'].includes(data.role_name) ? data.role_name : data.permission;
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return 'none';
    throw error;
  }
}

/**
 * Returns who has an account now, by its id, which stays when the login changes and is never given to another; null when nobody has.
 * Throws what `githubError` returns. https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
 */
export async function readAccount(
  octokit: ProbotOctokit,
  account_id: number,
): Promise<{ readonly login: string; readonly type: string } | null> {
  try {
    const { data } = await asking(`read who has the account ${account_id}`, () =>
      octokit.rest.users.getById({ account_id }),
    );
    // Whoever answers with another account is not asked any further.
    return data.id === account_id ? { login: data.login, type: data.type } : null;
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return null;
    throw error;
  }
}

/** Returns whether a person is an active member of a team of the organisation; false for a team that the App may not see. */
export async function isInTeam(
  octokit: ProbotOctokit,
  { org, team_slug, username }: { org: string; team_slug: string; username: string },
): Promise<boolean> {
  try {
    const { data } = await asking(`read whether ${username} is in ${org}/${team_slug}`, () =>
      octokit.rest.teams.getMembershipForUserInOrg({ org, team_slug, username }),
    );
    return data.state === 'active';
  } catch (error) {
    if (error instanceof Rejected && (error.code === '404' || error.code === '403')) return false;
    throw error;
  }
}

/** What the author of a command may do, as GitHub says it right now. */
export interface AuthorStanding {
  /** `none`: no command is done; `some` (triage): may have a commit rechecked; `full`: may write, or override by the policy. */
  readonly standing: 'none' | 'some' | 'full';
  readonly mayOverride: boolean;
  /** True when a team would have decided and the App lacks the permission to see its members. */
  readonly lacksMembers: boolean;
}

/**
 * Returns what an author may do. Reads the role, and the teams that may override when the role alone does not allow it. Only
 * accounts of the type `User` may do anything. Throws what `githubError` returns.
 */
export async function readStanding(
  octokit: ProbotOctokit,
  author: { owner: string; repo: string; username: string; user_id: number; user_type: string },
  { roles, teams }: Overriders,
): Promise<AuthorStanding> {
  const nothing = { standing: 'none', mayOverride: false, lacksMembers: false } as const;
  if (author.user_type !== 'User') return nothing;
  const role = (await readRole(octokit, author)) as Role;
  // A name that is a stranger's by now is in no team of ours.
  if (role === 'none') return nothing;
  if (reaches(role, roles)) return { ...nothing, standing: 'full', mayOverride: true };
  const inTeams = await isInTeams(octokit, author, teams);
  if (inTeams === true) return { ...nothing, standing: 'full', mayOverride: true };
  const standing = reaches(role, ['write']) ? 'full' : reaches(role, ['triage']) ? 'some' : 'none';
  return { standing, mayOverride: false, lacksMembers: inTeams === null };
}

/** Null when we may not see who is in a team. */
async function isInTeams(
  octokit: ProbotOctokit,
  { owner: org, username }: { owner: string; username: string },
  teams: readonly string[],
): Promise<boolean | null> {
  try {
    for (const team_slug of teams) {
      if (await isInTeam(octokit, { org, team_slug, username })) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof Misconfigured) return null;
    throw error;
  }
}
