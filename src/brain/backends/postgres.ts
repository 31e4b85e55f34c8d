// The Postgres backend: a server that DATABASE_URL names, through a pool. The only file that imports pg.

import { createHash } from 'node:crypto';
import pg from 'pg';
import { asError, Misconfigured } from '../../model/errors.ts';
import { type SqlBackend, SqlError, type SqlSession, type Statement, TAKE_BACK, type TextRow } from './sql-backend.ts';
import { withCheckedTls } from './tls-settings.ts';
import { whyUnreachable } from './unreachable.ts';

/** `url` as libpq reads it; `onIdleError` hears of connections that died while nobody used them. */
export interface PostgresOptions {
  readonly url: string;
  /** Connections for all that is not urgent. */
  readonly poolSize?: number;
  readonly onIdleError: (error: Error) => void;
}

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 30_000;
/** By then the server has given up; if it still says nothing, the network between us is gone. */
const silenceTimeoutMs = statementTimeoutMs + 5_000;

/** Kept for what is urgent: work that waits for a lock holds its connection, and a sender must not wait behind that. */
const urgentPoolSize = 4;

/** Rows reach us as the server wrote them. */
const asText = { getTypeParser: () => (value: unknown) => value };

/**
 * Makes the pool without connecting: a server that can't be reached shows at the first call, as SqlError of class 08.
 * Throws Misconfigured when `url` is no Postgres URL, or says something of TLS that can't be done.
 */
export function openPostgres({ url, poolSize = 10, onIdleError }: PostgresOptions): SqlBackend {
  const server = serverOf(url);
  const pool = openPool({ url, max: poolSize, onIdleError });
  const urgentPool = openPool({ url, max: urgentPoolSize, onIdleError });
  // Of their own: what a session leaves has to be discarded, and with it would go the plans that calls have kept.
  const sessionPool = openPool({ url, max: poolSize, onIdleError });
  let keepsStatements = true;
  const transactIn = (chosen: pg.Pool, statements: readonly Statement[]) =>
    lendConnection(chosen, server, { isKept: true }, (query) =>
      transact(query, statements, { isKept: keepsStatements }),
    );
  let closing: Promise<void> | null = null;
  return {
    kind: 'postgres',
    transact: async (statements, { isUrgent = false, isApart = false } = {}) => {
      if (isApart) {
        return lendConnection(pool, server, { isKept: true, isFragile: true }, (query) =>
          transact(query, statements, { isKept: false, after: TAKE_BACK }),
        );
      }
      const chosen = isUrgent ? urgentPool : pool;
      try {
        return await transactIn(chosen, statements);
      } catch (error) {
        if (!(error instanceof SqlError) || !STATEMENT_NOT_KEPT.includes(error.code)) throw error;
        // A pooler in between hands out another session each time. Nothing was done, so it is done without names, then and from now on.
        keepsStatements = false;
        return transactIn(chosen, statements);
      }
    },
    session: (work) => lendConnection(sessionPool, server, { isKept: false }, (query) => work(sessionOver(query))),
    close: () => {
      closing ??= Promise.all([pool, urgentPool, sessionPool].map((one) => one.end())).then(() => {});
      return closing;
    },
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: a prepared statement of that name is not there, or is there already. */
const STATEMENT_NOT_KEPT: readonly string[] = ['26000', '42P05'];

interface PoolOptions extends Pick<PostgresOptions, 'url' | 'onIdleError'> {
  readonly max: number;
}

function openPool({ url, max, onIdleError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: withCheckedTls(url),
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    application_name: 'codered',
  });
  pool.on('error', onIdleError);
  // A lent connection that breaks says so twice: to its queries, which is enough, and as an event, which would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Host and port for messages; the rest of the URL holds the password. Throws Misconfigured. */
export function serverOf(url: string): string {
  const parsed = URL.parse(url);
  // Behind a # stands nothing that a server reads: it is a password's, whose first part was taken for a port.
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) && parsed.hash === '' && isDecodable(parsed))
    return parsed.host;
  throw new Misconfigured(
    'DATABASE_URL is no Postgres URL; it should look like postgres://user:password@host:5432/database, ' +
      'with @ : / ? # % of the password percent-encoded (%23 for #).',
  );
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(username + password + pathname);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sends a query on a lent connection. `silenceMs`: how long the server may say nothing, else for ever. `script`: several statements, no
 * rows. `isKept`: the connection keeps the parsed statement for the next time.
 */
type Query = (
  statement: Statement,
  how?: { silenceMs?: number; script?: boolean; isKept?: boolean },
) => Promise<readonly TextRow[]>;

/**
 * `isKept`: whether the connection is as before when the work is done; else it is reset before anybody gets it again. `isFragile`: it is
 * closed whatever failed on it, but for what our own functions refuse: whoever asks for what is not theirs would have all functions
 * planned anew for the next one, each time. What a refused call left is taken back as what one that was answered left.
 */
async function lendConnection<T>(
  pool: pg.Pool,
  server: string,
  { isKept, isFragile = false }: { isKept: boolean; isFragile?: boolean },
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asSqlError(error, { server, lost: '08001' });
  });
  let broken = false;
  const query: Query = async ({ text, values }, { silenceMs, script = false, isKept: keeps = false } = {}) => {
    // Without queryMode pg would take several statements wherever there are no values. Its types know neither that nor the timeout.
    const mode = script ? {} : { values: [...values], queryMode: 'extended', name: keeps ? nameOf(text) : undefined };
    const config = { text, types: asText, query_timeout: silenceMs, ...mode };
    try {
      return (await client.query<TextRow>(config)).rows;
    } catch (error) {
      const failure = asSqlError(error, { server, lost: '08006' });
      broken ||= isLost(failure.code) || (isFragile && (script || !isRefusal(failure.code)));
      throw failure;
    }
  };
  try {
    return await work(query);
  } finally {
    if (!isKept && !broken) broken = !(await isReset(client));
    client.release(broken);
  }
}

/** Takes back whatever a session has set or left open; false when the connection can't do even this. */
async function isReset(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    await client.query('discard all');
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a connection is not to be lent again: it is gone, or leads to a server that takes no writes any more, which after a failover is the
 * former primary (25006); a new one goes to where the name leads by then.
 */
function isLost(code: string): boolean {
  return code.startsWith('08') || code.startsWith('57P') || ['25006', '25P03', '25P04'].includes(code);
}

/** Of our own functions, whose codes all begin so, and what stood behind it in the transaction (25P02). */
function isRefusal(code: string): boolean {
  return code.startsWith('CR') || code === '25P02';
}

/** The same name for the same text, of whatever process: a pooler may let several share a session. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `codered_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** There are no more texts than functions and sets of arguments that they are called with. */
const names = new Map<string, string>();

/**
 * Sends everything at once; the server works it off in order and skips the rest after an error, the commit included. `after`: a script that
 * is run behind the commit, in the same round trip, and changes nothing of the outcome.
 */
async function transact(
  query: Query,
  statements: readonly Statement[],
  { isKept, after }: { isKept: boolean; after?: string },
): Promise<string | null> {
  const silenceMs = silenceTimeoutMs;
  const begin = { text: `begin; set local statement_timeout = ${statementTimeoutMs}`, values: [] };
  const answers = await Promise.allSettled([
    query(begin, { silenceMs, script: true }),
    ...statements.map((statement) => query(statement, { silenceMs, isKept })),
    // Never a kept one: it has to end the transaction even where kept statements are lost.
    query({ text: 'commit', values: [] }, { silenceMs, script: true }),
    ...(after === undefined ? [] : [query({ text: after, values: [] }, { silenceMs, script: true })]),
  ]);
  const done = answers.slice(0, statements.length + 2);
  const failures = done.filter((answer) => answer.status === 'rejected').map(({ reason }) => asError(reason));
  // What the server says before it closes the connection tells more than that it was closed.
  const said = failures.find((failure) => !(failure instanceof SqlError) || failure.code !== '08006') ?? failures[0];
  if (said !== undefined) throw said;
  const last = answers[statements.length];
  const row = last?.status === 'fulfilled' ? last.value[0] : undefined;
  return row === undefined ? null : (Object.values(row)[0] ?? null);
}

function sessionOver(query: Query): SqlSession {
  return {
    query: (text, values = []) => query({ text, values }),
    script: async (text) => {
      await query({ text, values: [] }, { script: true });
    },
  };
}

function asSqlError(thrown: unknown, { server, lost }: { server: string; lost: string }): SqlError {
  const error = asError(thrown);
  if (error instanceof pg.DatabaseError) {
    const { code = 'XX000', detail, hint } = error;
    return new SqlError(error.message, { code, detail, hint, cause: error });
  }
  // Refused on several addresses, the reasons lie inside: https://nodejs.org/api/net.html#netconnectoptions-connectlistener
  const errors = error instanceof AggregateError ? error.errors.map(asError) : [error];
  const { reason, advice } = whyUnreachable(errors, { connectMs: connectTimeoutMs, silenceMs: silenceTimeoutMs });
  return new SqlError(`The Postgres server at ${server} can't be reached: ${reason}`, {
    code: lost,
    hint: advice,
    cause: error,
  });
}
