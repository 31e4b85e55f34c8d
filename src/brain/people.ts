// People as the brain knows them: by GitHub's id, never by a login or an address.

import { Rejected } from '../model/errors.ts';
import type { Brain } from './client.ts';

/** A user as GitHub tells of them. */
export interface GithubUser {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly avatarUrl: string | null;
}

/**
 * Returns our id of a person, whom it makes when there is none with GitHub's id, and writes down their present login. Throws what
 * `Brain.call` throws.
 */
export async function ensurePerson(
  brain: Pick<Brain, 'call' | 'makeUser'>,
  { id, login, name, avatarUrl }: GithubUser,
): Promise<string> {
  // What GitHub does not say is left out, which leaves what is there as it is.
  const more = {
    ...(name === null ? {} : { display_name: name }),
    ...(avatarUrl === null ? {} : { avatar_url: avatarUrl }),
  };
  if (brain.makeUser === null) return brain.call('ensure_person', { github_id: id, login, ...more });
  const user_id = (await findPerson(brain, id)) ?? (await makePerson(brain, brain.makeUser, id));
  await brain.call('record_person', { user_id, github_id: id, login, ...more });
  return user_id;
}

/** Whoever signs in twice at once is made once: the second is refused for the address, and finds the first. */
async function makePerson(
  brain: Pick<Brain, 'call'>,
  makeUser: NonNullable<Brain['makeUser']>,
  id: number,
): Promise<string> {
  try {
    return await makeUser({ id });
  } catch (error) {
    const other = error instanceof Rejected ? await findPerson(brain, id) : null;
    if (other === null) throw error;
    return other;
  }
}

/** Returns our id of who has that id at GitHub; null when nobody here does. */
export async function findPerson(brain: Pick<Brain, 'call'>, githubId: number): Promise<string | null> {
  // The generated type does not know that a function may return null.
  const found: string | null = await brain.call('find_person', { github_id: githubId });
  return found;
}
