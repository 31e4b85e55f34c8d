// Reads who has a login or an id at GitHub, without signing in: what everybody may read of a user.
import { z } from 'zod';
import { Misconfigured, Transient } from '../model/errors.ts';
import { askPlainly } from './unsigned/plain-request.ts';

const answeredUser = z.object({
  id: z.int().positive(),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
  type: z.string(),
});

/** What GitHub says of a user. */
export interface PublicUser {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  readonly avatarUrl: string | null;
}

/**
 * Returns who has this login now; null when nobody has, or an organisation. `apiUrl` without a slash at the end. Throws Transient
 * when GitHub can't be reached or asks to wait (60 requests an hour without signing in), Misconfigured when it answers what it never does.
 * docs/github.md#people
 */
export async function readUser(apiUrl: string, login: string): Promise<PublicUser | null> {
  const { status, body } = await askPlainly(`${apiUrl}/users/${encodeURIComponent(login)}`, 'GET').catch(
    (cause: unknown) => {
      throw new Transient(`GitHub could not be asked who ${login} is: ${apiUrl} does not answer.`, { cause });
    },
  );
  if (status === 404) return null;
  if (status === 403 || status === 429 || status >= 500) {
    throw new Transient(
      `GitHub does not say now who ${login} is (HTTP ${status}). Try again later, or give --id: https://api.github.com/users/LOGIN shows it.`,
    );
  }
  const user = answeredUser.safeParse(body);
  if (status !== 200 || !user.success) {
    throw new Misconfigured(`${apiUrl} does not answer as GitHub does (HTTP ${status}). See GHE_HOST.`);
  }
  const { id, login: present, name, avatar_url, type } = user.data;
  return type === 'User' ? { id, login: present, name: name ?? null, avatarUrl: avatar_url ?? null } : null;
}
