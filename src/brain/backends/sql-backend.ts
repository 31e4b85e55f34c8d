// What the two databases that are reached with SQL (embedded and Postgres) have in common.

/** One statement with its parameters; every parameter travels as text, null as SQL null. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** A row as the server wrote it: column name to text, null for SQL null. */
export type TextRow = Readonly<Record<string, string | null>>;

/** One connection that nobody else uses for as long as the session lasts. Both throw SqlError. */
export interface SqlSession {
  /** Runs one statement and gives its rows. */
  query(text: string, values?: readonly (string | null)[]): Promise<readonly TextRow[]>;
  /** Runs a file: any number of statements, no parameters, no rows. */
  script(text: string): Promise<void>;
}

export interface TransactOptions {
  readonly isUrgent?: boolean;
  /** Whatever the statements set, prepared or took for the session is gone afterwards; a connection on which one failed is closed, unless one of our own functions refused it. */
  readonly isApart?: boolean;
}

/** Takes back what a session can be left with, but for plans, which are nobody's; `discard all` would have all functions planned anew. */
export const TAKE_BACK =
  'reset session authorization; reset all; deallocate all; close all; unlisten *; select pg_advisory_unlock_all(); discard temp; discard sequences';

/** A database with SQL behind it, whichever it is. */
export interface SqlBackend {
  readonly kind: 'embedded' | 'postgres';
  /**
   * Runs the statements in one transaction and, where the server is far away, in one round trip. Gives the first cell
   * of the last statement's first row. Any error rolls everything back and is thrown as SqlError. An urgent one goes
   * before all that waits where one thing is done at a time.
   */
  transact(statements: readonly Statement[], how?: TransactOptions): Promise<string | null>;
  /** Lends a connection to `work`; what it left open or set there is gone afterwards. */
  session<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** Waits for what is running, then lets go of the database. Twice is fine. */
  close(): Promise<void>;
}

/** What a database server, or the loss of it, answered. `code` is the SQLSTATE; class 08 means the connection is gone. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: string;
  readonly detail: string | null;
  readonly hint: string | null;
  constructor(
    message: string,
    fields: { code: string; detail?: string | null | undefined; hint?: string | null | undefined; cause?: unknown },
  ) {
    super(message, { cause: fields.cause });
    this.code = fields.code;
    this.detail = fields.detail ?? null;
    this.hint = fields.hint ?? null;
  }
}
