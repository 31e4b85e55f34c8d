// The login of few rights under which people's calls run on a Postgres server: which it is, and whether it can be used.

import { createHash, hkdfSync } from 'node:crypto';
import { openPostgres } from '../backends/postgres.ts';
import { CHECK_LOGIN } from './person-call.ts';

/** A login, and how to connect with it. */
export interface PeopleLogin {
  readonly role: string;
  readonly url: string;
  /** Null: somebody else makes it, as DATABASE_URL_PEOPLE says. */
  readonly password: string | null;
}

/**
 * The login that DATABASE_URL_PEOPLE names, else one of our own: its name is made of the database and of the user of DATABASE_URL, so that
 * no two deployments on a server have the same, and its password of that user's, which all processes of a deployment have. Null where there
 * is no password to make one of.
 */
export function peopleLogin({
  url,
  peopleUrl = null,
}: {
  readonly url: string;
  readonly peopleUrl?: string | null;
}): PeopleLogin | null {
  if (peopleUrl !== null) return { role: accountOf(peopleUrl).user, url: peopleUrl, password: null };
  const { user, password, database } = accountOf(url);
  if (user === '' || password === '') return null;
  const hash = createHash('sha256').update(`${database}\0${user}`).digest('hex');
  const role = `codered_people_${hash.slice(0, 12)}`;
  const made = Buffer.from(hkdfSync('sha256', password, database, `codered people ${role}`, 32)).toString('base64url');
  const changed = new URL(url);
  changed.username = '';
  changed.password = '';
  // Supabase's pooler finds the project by what stands behind a dot of the user's name.
  const project = changed.hostname.endsWith('.pooler.supabase.com') ? user.slice(user.indexOf('.')) : '';
  // As parameters they are taken before any others, also where the URL has no host.
  changed.searchParams.set('user', role + project);
  changed.searchParams.set('password', made);
  return { role, url: changed.href, password: made };
}

/** As pg reads them: what the query says goes first. */
function accountOf(url: string) {
  const { username, password, pathname, searchParams } = new URL(url);
  const user = searchParams.get('user') ?? decodeURIComponent(username);
  return {
    user,
    password: searchParams.get('password') ?? decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || user,
  };
}

/** Resolves when people's calls can be made under it. Throws SqlError. */
export async function checkPeopleLogin({ url }: PeopleLogin): Promise<void> {
  const backend = openPostgres({ url, poolSize: 1, onIdleError: () => {} });
  await backend.transact(CHECK_LOGIN, { isApart: true }).finally(() => backend.close());
}
