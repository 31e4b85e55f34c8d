// What to do where people's calls can't be made under their login of few rights. Pure.

import { Misconfigured } from '../../model/errors.ts';
import type { SqlError } from '../backends/sql-backend.ts';
import type { PeopleLogin } from './people-login.ts';

const FATE = "People's calls (/api/v1) are refused until then; everything else goes on.";

/** Where there is no login at all. */
export function noPeopleLogin(): Misconfigured {
  return new Misconfigured(
    `DATABASE_URL has no password of which a password for the login of people's calls could be made. ${byHand('codered_people')} ${FATE}`,
  );
}

/** The error for the person who runs CodeRed; null when the login is not what is wrong. */
export function peopleRefusal({ code, message }: Pick<SqlError, 'code' | 'message'>, login: PeopleLogin) {
  const reason = reasonOf(code, message, login.role);
  if (reason === null) return null;
  const ours =
    login.password === null ? '' : '`codered migrate` makes it where the user of DATABASE_URL may create roles. Else: ';
  return new Misconfigured(`${reason} ${ours}${byHand(login.role)} ${FATE}`);
}

function reasonOf(code: string, message: string, role: string): string | null {
  const said = `(${message.slice(0, 200)})`;
  if (code === 'CR012') return message;
  if (code === '42501' && message.includes('to set role "authenticated"'))
    return `The login "${role}" of people's calls is no member of authenticated ${said}.`;
  const isTurnedAway =
    code.startsWith('28') ||
    code === '3D000' ||
    (code === '42501' && message.includes('permission denied for database')) ||
    // Poolers that know some users only: PgBouncer, and Supabase's.
    POOLERS_SAY.some((words) => message.includes(words));
  if (isTurnedAway) return `The login "${role}" of people's calls is not let in ${said}.`;
  if (code === '42883' || code === '42P01' || code === '3F000')
    return `The database has not all that people's calls need ${said}. Bring it up to date: codered migrate.`;
  return null;
}

const POOLERS_SAY = ['no such user', 'Tenant or user not found', 'auth_query'];

function byHand(role: string): string {
  return (
    `As a superuser, once: create role ${role} login noinherit password '…'; grant authenticated to ${role}; ` +
    `then set DATABASE_URL_PEOPLE=postgresql://${role}:…@host:5432/database, and let a pooler between know the user.`
  );
}
