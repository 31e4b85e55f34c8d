// The statements that do one operation as a person, on a database that is reached with SQL. Pure.
//
// Three things hold on both: claims and role are set for the transaction, read back before anything is done, and gone afterwards; the
// operation's name is a value and never a part of a statement; nothing runs that could take more rights than people have. The last is the
// server's own doing where the session's login can become nothing else (require_few_rights). The embedded database has one session, its
// owner's: there the call is made inside a function of the role's own (LOCKED_CALL), in which Postgres refuses to set role or session.

import { z } from 'zod';
import type { Json } from '../../model/json.ts';
import type { Statement } from '../backends/sql-backend.ts';

/** One operation that is to be done as a person. */
export interface PersonCall {
  readonly userId: string;
  /** The operation's function; any other name is refused with CR004. */
  readonly name: string;
  readonly arguments: Json;
  /** Done once for this key of the person's: SHA-256 of the key and of all that makes the request the same. */
  readonly once?: { readonly keyHash: string; readonly requestHash: string } | undefined;
}

/** What the operation gave; `isReplay`: it was done before, and this is what was answered then. */
export interface PersonAnswer {
  readonly answer: unknown;
  readonly isReplay: boolean;
}

/** From here on the transaction has the rights of a person, for whom the path is the same as for the app. */
const AS_PERSON = `select set_config('search_path', '"codered", public, extensions', true),
  set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true),
  set_config('request.jwt.claim.role', 'authenticated', true), set_config('role', 'authenticated', true)`;

function asPerson(userId: string): Statement {
  return { text: AS_PERSON, values: [JSON.stringify({ sub: userId, role: 'authenticated' }), userId] };
}

/** On a session whose login can become nobody but `authenticated`. */
export function callUnderLogin({ userId, name, arguments: given, once }: PersonCall): Statement[] {
  const check = {
    text: 'select codered.require_few_rights(), codered.require_person($1::uuid), codered.require_fresh($2, $3::jsonb)',
    values: [userId, name, JSON.stringify(given)],
  };
  const call =
    once === undefined
      ? { text: 'select codered.call_operation($1, $2::jsonb)::text', values: [name, JSON.stringify(given)] }
      : {
          text: 'select codered.call_once($1, $2::jsonb, $3, $4)::text',
          values: [name, JSON.stringify(given), once.keyHash, once.requestHash],
        };
  return [asPerson(userId), check, call];
}

/** The same without a person: refused where a call would be. */
export const CHECK_LOGIN: readonly Statement[] = [
  { text: "select set_config('role', 'authenticated', true)", values: [] },
  { text: 'select codered.require_few_rights()::text', values: [] },
];

const LOCKED_BODY = `
begin
  if key_hash is null then
    return codered.call_operation(name, arguments);
  end if;
  return codered.call_once(name, arguments, key_hash, request_hash);
end
`;

/**
 * Has the function there in which the embedded database makes people's calls. It is its caller's own, who could change it from inside: so
 * it is looked at before each call, and made anew where it is not as it was. Nobody makes temporary things either, which would be found
 * before the app's own by the session that all share.
 */
const LOCKED_CALL = `do $make$
begin
  if has_database_privilege('authenticated', current_database(), 'temporary') then
    execute format('revoke temporary on database %I from public, authenticated', current_database());
  end if;
  if exists (
    select from pg_catalog.pg_proc p
    where p.oid = to_regprocedure('codered_people.call(text, jsonb, text, text)')
      and p.prosecdef and p.proowner = 'authenticated'::regrole and p.proconfig = '{"search_path=\\"\\""}'::text[]
      and p.proacl = '{authenticated=X/authenticated}'::aclitem[]
      and p.prosrc = $body$${LOCKED_BODY}$body$
  ) then
    return;
  end if;
  create schema if not exists codered_people;
  drop function if exists codered_people.call(text, jsonb, text, text);
  create function codered_people.call(name text, arguments jsonb, key_hash text, request_hash text)
  returns jsonb language plpgsql security definer set search_path = '' as $body$${LOCKED_BODY}$body$;
  revoke all on function codered_people.call(text, jsonb, text, text) from public;
  grant usage on schema codered_people to authenticated;
  alter function codered_people.call(text, jsonb, text, text) owner to authenticated;
end
$make$`;

/** On the one session of the embedded database. */
export function callInside({ userId, name, arguments: given, once }: PersonCall): Statement[] {
  const values = [name, JSON.stringify(given), once?.keyHash ?? null, once?.requestHash ?? null];
  return [
    { text: LOCKED_CALL, values: [] },
    asPerson(userId),
    {
      text: 'select codered.require_person($1::uuid), codered.require_fresh($2, $3::jsonb)',
      values: [userId, name, JSON.stringify(given)],
    },
    { text: 'select codered_people.call($1, $2::jsonb, $3, $4)::text', values },
  ];
}

const answeredOnce = z.object({ answer: z.unknown(), is_replay: z.boolean() });

/** Reads the one cell that the statements gave. */
export function personAnswer({ once }: Pick<PersonCall, 'once'>, cell: string | null): PersonAnswer {
  return personAnswerOf({ once }, cell === null ? null : JSON.parse(cell));
}

/** The same of a value. */
export function personAnswerOf({ once }: Pick<PersonCall, 'once'>, value: unknown): PersonAnswer {
  if (once === undefined) return { answer: value, isReplay: false };
  const { answer, is_replay } = answeredOnce.parse(value);
  return { answer, isReplay: is_replay };
}
