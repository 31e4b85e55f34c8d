// Lets one migrator at a time work on a database, each step in a transaction of its own that does not hold up those who work meanwhile.

import { setTimeout as pause } from 'node:timers/promises';
import { asError, Misconfigured } from '../model/errors.ts';
import { SqlError, type SqlSession } from './backends/sql-backend.ts';

/** Any number, the same in every CodeRed: two migrators of one database wait for each other on it. */
const lockNumber = '3202511';

/**
 * What Postgres says to one of two who make the same things at the same time (unique_violation, deadlock_detected and
 * the duplicate_ ones). The Supabase CLI knows nothing of our lock; a moment later its work is there to be seen.
 */
const overtaken = new Set(['23505', '40P01', '42701', '42710', '42723', '42P06', '42P07']);
const lockNotAvailable = '55P03';

/** How often a step is tried. */
export interface Patience {
  /** When somebody else has made the same things. */
  readonly overtaken: number;
  /** When somebody has a table that it needs for himself, a backup say. */
  readonly locked: number;
  /** Between two tries of the latter. */
  readonly pauseMs: number;
}

/** Two minutes of tries: what waits for a table has everybody who comes later wait behind it, so it waits a little and lets them pass. */
const PATIENCE: Patience = { overtaken: 3, locked: 20, pauseMs: 3_000 };

/**
 * No limit that the operator has set for everyday work ends a migration; the one that a server does not know is left out. The lock belongs to the
 * transaction, not the session: that holds behind a connection pooler too.
 */
const BEGIN = `
  begin;
  select set_config(name, '0', true) from pg_catalog.pg_settings
  where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout');
  select pg_advisory_xact_lock(${lockNumber});
  set local lock_timeout = '3s'`;

/**
 * Does `work` in a transaction during which no other migrator does anything to this database. Whatever it throws leaves
 * nothing behind; what the database refused becomes Misconfigured and says so, with `what` as its subject.
 */
export async function inTurn<T>(
  session: SqlSession,
  what: string,
  work: () => Promise<T>,
  patience: Patience = PATIENCE,
): Promise<T> {
  await session.script(BEGIN);
  try {
    const result = await work();
    // A file may have changed these for the session; the next one starts afresh.
    await session.script('commit; reset all');
    return result;
  } catch (error) {
    await session.script('rollback').catch(() => {});
    if (!(error instanceof SqlError) || error.code.startsWith('08')) throw error;
    const left = await patienceLeft(error.code, patience);
    if (left !== null) return inTurn(session, what, work, left);
    const advice = [error.detail, error.hint, await holders(session, error.code)].filter((part) => part !== null);
    throw new Misconfigured(
      `${what} failed and left nothing behind: ${asError(error).message} (${error.code}). ${advice.join(' ')}`.trim(),
      { cause: error },
    );
  }
}

/** What is left for the next try, when its time has come; null: it is not to be tried again. */
async function patienceLeft(code: string, patience: Patience): Promise<Patience | null> {
  if (overtaken.has(code) && patience.overtaken > 1) return { ...patience, overtaken: patience.overtaken - 1 };
  if (code !== lockNotAvailable || patience.locked <= 1) return null;
  await pause(patience.pauseMs);
  return { ...patience, locked: patience.locked - 1 };
}

/** Who may have the table: the transactions that began before the last try, the oldest first. Best effort. */
async function holders(session: SqlSession, code: string): Promise<string | null> {
  if (code !== lockNotAvailable) return null;
  const rows = await session
    .query(
      `select format('%s (%s, since %s UTC)', pid, coalesce(nullif(application_name, ''), usename),
         to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) as who
       from pg_catalog.pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and xact_start < now() - interval '3 seconds'
       order by xact_start limit 5`,
    )
    .catch(() => []);
  const named = rows.length === 0 ? '' : `: ${rows.map(({ who }) => who).join(', ')}`;
  return `Another transaction has a table that this needs${named}. Wait for it, or end it (select pg_terminate_backend(<pid>)), and migrate again.`;
}
