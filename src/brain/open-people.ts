// Has people's calls made with few rights, whichever database it is, and says where that can't be had.

import { asError } from '../model/errors.ts';
import { openPostgres } from './backends/postgres.ts';
import { type SqlBackend, SqlError } from './backends/sql-backend.ts';
import { ensurePeopleLogin } from './ensure-people-login.ts';
import { type PeopleCalls, peopleInside, peopleUnderLogin } from './person-calls/people-calls.ts';
import { checkPeopleLogin, peopleLogin } from './person-calls/people-login.ts';
import { noPeopleLogin, peopleRefusal } from './person-calls/people-refusal.ts';

/** Which server, and with which login if not one of our own. */
export interface PeopleSettings {
  readonly url: string;
  readonly peopleUrl?: string | null;
}

/** More calls of people are not under way at once: LIMITS.apiTurns. */
const POOL_SIZE = 8;

/** Of the embedded database, or of the server that `settings` name (null: there is no login). Connects at the first call. */
export function openPeople(
  backend: SqlBackend,
  settings: PeopleSettings | null = null,
  onIdleError: (error: Error) => void = () => {},
): PeopleCalls {
  if (backend.kind === 'embedded') return peopleInside(backend);
  const login = settings === null ? null : peopleLogin(settings);
  if (login === null) return peopleUnderLogin(null);
  return peopleUnderLogin({ login, backend: openPostgres({ url: login.url, poolSize: POOL_SIZE, onIdleError }) });
}

/**
 * Makes the login where that is ours to do, and says (`warn`) what is to be done where people's calls will be refused. Best effort: all
 * other work needs none.
 */
export async function ensurePeople(
  settings: PeopleSettings,
  owner: Pick<SqlBackend, 'session'>,
  warn: (message: string) => void,
): Promise<void> {
  const login = peopleLogin(settings);
  if (login === null) return warn(noPeopleLogin().message);
  const failure = await ensurePeopleLogin(owner, login).then(() => null, asError);
  const refusal = await checkPeopleLogin(login).then(() => null, asError);
  if (refusal === null) return;
  const words = refusal instanceof SqlError ? peopleRefusal(refusal, login)?.message : undefined;
  warn([words ?? refusal.message, failure?.message].filter(Boolean).join(' '));
}
