// What the author of a command may do right now, as GitHub tells it. The command step imports it.
import type { ProbotOctokit } from 'probot';
import { Misconfigured } from '../model/errors.ts';
import { type Overriders, type Role, reaches } from '../model/overriders.ts';
import { isInTeam, readRole } from './permission.ts';

/** What GitHub says of an author. */
export interface AuthorStanding {
  /** `none`: nothing is followed; `some`: may have a commit looked at again; `full`: may write, or override by the policy. */
  readonly standing: 'none' | 'some' | 'full';
  readonly mayOverride: boolean;
  /** Whether the App lacks the permission to see who is in a team, where that would have decided. */
  readonly lacksMembers: boolean;
}

/** Asks for the role, and for the teams that may override where it does not reach. Throws what `githubError` says. */
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
