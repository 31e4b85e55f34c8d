// Lets one migrator at a time work on a database, each step in a transaction of its own.

import { asError, Misconfigured } from '../model/errors.ts';
import { SqlError, type SqlSession } from './backends/sql-backend.ts';

/** Any number, the same in every CodeRed: two migrators of one database wait for each other on it. */
const lockNumber = '3202511';

/**
 * What Postgres says to one of two who make the same things at the same time (unique_violation, deadlock_detected and
 * the duplicate_ ones). The Supabase CLI knows nothing of our lock; a moment later its work is there to be seen.
 */
const overtaken = new Set(['23505', '40P01', '42701', '42710', '42723', '42P06', '42P07']);
const mostTries = 3;

/**
 * Does `work` in a transaction during which no other migrator does anything to this database. Whatever it throws leaves
 * nothing behind; what the database refused becomes Misconfigured and says so, with `what` as its subject.
 */
export async function inTurn<T>(
  session: SqlSession,
  what: string,
  work: () => Promise<T>,
  tries = mostTries,
): Promise<T> {
  // The lock belongs to the transaction, not the session: that holds behind a connection pooler too.
  await session.script(`begin; set local statement_timeout = 0; select pg_advisory_xact_lock(${lockNumber})`);
  try {
    const result = await work();
    // A file may have changed these for the session; the next one starts afresh.
    await session.script('commit; reset all');
    return result;
  } catch (error) {
    await session.script('rollback').catch(() => {});
    if (!(error instanceof SqlError) || error.code.startsWith('08')) throw error;
    if (overtaken.has(error.code) && tries > 1) return inTurn(session, what, work, tries - 1);
    const advice = [error.detail, error.hint].filter((part) => part !== null).join(' ');
    throw new Misconfigured(
      `${what} failed and left nothing behind: ${asError(error).message} (${error.code}). ${advice}`.trim(),
      { cause: error },
    );
  }
}
