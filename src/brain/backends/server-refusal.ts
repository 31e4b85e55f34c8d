// What to do where a Postgres server answers, but lets nobody in: unknown user, wrong password, no such database. Pure.

/** Advice by SQLSTATE and the server's words; null where the server refuses for another reason. */
export function refusalAdvice(code: string, message: string): string | null {
  if (code.startsWith('08') && message.includes('statement pooling'))
    return 'DATABASE_URL leads to a pooler that takes single statements only: set its pool_mode to transaction or session.';
  if (code === '28P01')
    return (
      'There is no such user on the server, or the password in DATABASE_URL is another one. As a superuser: ' +
      "create role <user> login password '…'. In the URL a password has @ : / ? # % percent-encoded."
    );
  if (code.startsWith('28') && message.includes('no encryption'))
    return 'The server lets nobody in without TLS from here: add ?sslmode=require to DATABASE_URL.';
  if (code.startsWith('28') && message.includes('pg_hba.conf'))
    return "The server's pg_hba.conf lets this user in from elsewhere only: add a line for this host there.";
  if (code.startsWith('28') && message.includes('does not exist'))
    return "Check the user in DATABASE_URL, or create it as a superuser: create role <user> login password '…'.";
  if (code.startsWith('28')) return 'Check user and password in DATABASE_URL.';
  if (code === '3D000')
    return 'Check the name of the database in DATABASE_URL, or create it: create database <name> owner <user>.';
  if (code === '42501' && message.includes('permission denied for database'))
    return 'As a superuser: grant connect, create on database <name> to <user>.';
  if (code === '42501' && message.includes('to set role'))
    return 'As a superuser: grant anon, authenticated, service_role to <user>.';
  return null;
}
