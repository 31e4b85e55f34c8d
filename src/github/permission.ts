// Asks what somebody may do in a repository right now. The gate step asks before it follows a command.
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { asking } from './github-error.ts';

/**
 * The role that counts (`admin`, `maintain`, `write`, `triage`, `read`, or a custom role's base), `none` for a stranger
 * and when the name belongs to somebody else than `user_id` by now. Throws what `githubError` says.
 * https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
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

/** Whether somebody is an active member of a team of the organisation; false for teams we may not see. */
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
