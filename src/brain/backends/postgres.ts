// The Postgres home: a server that DATABASE_URL names, through a pool. The only file that imports pg.

import pg from 'pg';
import { asError, Misconfigured } from '../../model/errors.ts';
import { type SqlBackend, SqlError, type SqlSession, type Statement, type TextRow } from './sql-backend.ts';
import { withCheckedTls } from './tls-settings.ts';
import { whyUnreachable } from './unreachable.ts';

/** `url` as libpq reads it; `onIdleError` hears of connections that died while nobody used them. */
export interface PostgresOptions {
  readonly url: string;
  readonly poolSize?: number;
  readonly onIdleError: (error: Error) => void;
}

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 30_000;
/** By then the server has given up; if it still says nothing, the network between us is gone. */
const silenceTimeoutMs = statementTimeoutMs + 5_000;

/** Rows reach us as the server wrote them. */
const asText = { getTypeParser: () => (value: unknown) => value };

/**
 * Makes the pool without connecting: a server that can't be reached shows at the first call, as SqlError of class 08.
 * Throws Misconfigured when `url` is no Postgres URL, or says something of TLS that can't be done.
 */
export function openPostgres({ url, poolSize = 10, onIdleError }: PostgresOptions): SqlBackend {
  const server = serverOf(url);
  const pool = new pg.Pool({
    connectionString: withCheckedTls(url),
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    application_name: 'codered',
  });
  pool.on('error', onIdleError);
  // A lent connection that breaks says so twice: to its queries, which is enough, and as an event, which would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const lend = <T>(work: (query: Query) => Promise<T>) => lendConnection(pool, server, work);
  let closing: Promise<void> | null = null;
  return {
    kind: 'postgres',
    transact: (statements) => lend((query) => transact(query, statements)),
    session: (work) => lend((query) => inSession(query, work)),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
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

/** Sends a query on a lent connection. `silenceMs`: how long the server may say nothing, else for ever. `script`: several statements, no rows. */
type Query = (statement: Statement, how?: { silenceMs?: number; script?: boolean }) => Promise<readonly TextRow[]>;

async function lendConnection<T>(pool: pg.Pool, server: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asSqlError(error, { server, lost: '08001' });
  });
  let broken = false;
  const query: Query = async ({ text, values }, { silenceMs, script = false } = {}) => {
    // Without queryMode pg would take several statements wherever there are no values. Its types know neither that nor the timeout.
    const mode = script ? {} : { values: [...values], queryMode: 'extended' };
    const config = { text, types: asText, query_timeout: silenceMs, ...mode };
    try {
      return (await client.query<TextRow>(config)).rows;
    } catch (error) {
      const failure = asSqlError(error, { server, lost: '08006' });
      broken ||= isLost(failure.code);
      throw failure;
    }
  };
  try {
    return await work(query);
  } finally {
    client.release(broken);
  }
}

/**
 * Whether a connection is not to be lent again: it is gone, or leads to a server that takes no writes any more, which after a failover is the
 * former primary (25006); a new one goes to where the name leads by then.
 */
function isLost(code: string): boolean {
  return code.startsWith('08') || code.startsWith('57P') || ['25006', '25P03', '25P04'].includes(code);
}

/** Sends everything at once; the server works it off in order and skips the rest after an error, the commit included. */
async function transact(query: Query, statements: readonly Statement[]): Promise<string | null> {
  const silenceMs = silenceTimeoutMs;
  const begin = { text: `begin; set local statement_timeout = ${statementTimeoutMs}`, values: [] };
  const answers = await Promise.allSettled([
    query(begin, { silenceMs, script: true }),
    ...statements.map((statement) => query(statement, { silenceMs })),
    query({ text: 'commit', values: [] }, { silenceMs }),
  ]);
  const failures = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => asError(reason));
  // What the server says before it closes the connection tells more than that it was closed.
  const said = failures.find((failure) => !(failure instanceof SqlError) || failure.code !== '08006') ?? failures[0];
  if (said !== undefined) throw said;
  const last = answers[statements.length];
  const row = last?.status === 'fulfilled' ? last.value[0] : undefined;
  return row === undefined ? null : (Object.values(row)[0] ?? null);
}

async function inSession<T>(query: Query, work: (session: SqlSession) => Promise<T>): Promise<T> {
  const session: SqlSession = {
    query: (text, values = []) => query({ text, values }),
    script: async (text) => {
      await query({ text, values: [] }, { script: true });
    },
  };
  try {
    return await work(session);
  } finally {
    // Best effort: a connection that can't do even this is broken and will not be lent again.
    await Promise.allSettled(['rollback', 'discard all'].map((text) => query({ text, values: [] })));
  }
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
