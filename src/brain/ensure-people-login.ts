// Makes the login of few rights under which people's calls run on a Postgres server.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { SqlBackend, SqlSession } from './backends/sql-backend.ts';
import { inTurn } from './migration-turn.ts';
import { checkPeopleLogin, type PeopleLogin } from './person-calls/people-login.ts';

/**
 * Makes our own login, or gives it its rights and password again, where it does not let us in as it should; whoever runs CodeRed makes the
 * one of DATABASE_URL_PEOPLE. Throws what the server refuses, as SqlError or Misconfigured.
 */
export async function ensurePeopleLogin(owner: Pick<SqlBackend, 'session'>, login: PeopleLogin): Promise<void> {
  const isThere = await checkPeopleLogin(login).then(
    () => true,
    () => false,
  );
  const { role, password } = login;
  if (isThere || password === null) return;
  await owner.session((session) =>
    inTurn(session, "the login of people's calls", () => makeLogin(session, role, password)),
  );
}

async function makeLogin(session: SqlSession, role: string, password: string): Promise<void> {
  const verifier = scramVerifier(password);
  const [known] = await session.query('select 1 as there from pg_catalog.pg_roles where rolname = $1', [role]);
  const kind = 'noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls';
  // Both are made by us, of letters, digits and what Base64 and "SCRAM-SHA-256$" have: nothing that a quote could end.
  await session.script(
    known === undefined
      ? `create role "${role}" login ${kind} password '${verifier}'`
      : `alter role "${role}" reset all; alter role "${role}" login password '${verifier}'`,
  );
  const [missing] = await session.query(
    `select not pg_has_role($1, 'authenticated', 'member') as membership, not has_database_privilege($1, current_database(), 'connect') as connect,
      quote_ident(current_database()) as database`,
    [role],
  );
  if (missing?.membership === 't') await session.script(`grant authenticated to "${role}"`);
  if (missing?.connect === 't') await session.script(`grant connect on database ${missing.database} to "${role}"`);
}

const ITERATIONS = 4096;

/**
 * What the server keeps of a password, made here so that no log of statements has the password itself:
 * https://www.postgresql.org/docs/current/catalog-pg-authid.html, https://www.rfc-editor.org/rfc/rfc5802#section-3
 */
function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}
