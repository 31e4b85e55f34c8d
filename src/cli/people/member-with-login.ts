// Finds a member by what a person at the terminal types: the login at GitHub, in any case.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';

/** GitHub's id of a user, as it is typed. */
export const GITHUB_ID = /^[1-9]\d{0,14}$/;

/** One membership of a person, as `list_members` tells it. */
export const membership = z.object({
  org: z.string(),
  user_id: z.guid(),
  github_id: z.number().nullable(),
  github_login: z.string().nullable(),
  display_name: z.string().nullable(),
  role: z.enum(['member', 'maintainer', 'admin']),
  source: z.enum(['hand', 'github']),
  since: z.string(),
});

/** Returns the member who goes by that login now, of any organisation; null when none does. Throws what `Brain.call` throws. */
export async function memberWithLogin(
  brain: Pick<Brain, 'call'>,
  login: string,
): Promise<{ readonly userId: string; readonly login: string; readonly githubId: number | null } | null> {
  const members = z.array(membership).parse(await brain.call('list_members', {}));
  const found = members.find(({ github_login }) => github_login?.toLowerCase() === login.toLowerCase());
  if (found === undefined) return null;
  return { userId: found.user_id, login: found.github_login ?? login, githubId: found.github_id };
}
