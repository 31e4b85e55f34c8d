// Calls SQL functions by name on a database that is reached with SQL, as the service role.

import { type SqlBackend, SqlError, type Statement } from '../backends/sql-backend.ts';
import { NO_FUNCTION } from './call-error.ts';
import { type CallArguments, callFunction, givenNames, takesArguments } from './function-call.ts';
import { describeFunctions, type FunctionShape, parseFunctionShapes } from './function-shape.ts';

/** A call of a function that has other arguments now: there is none such, or, of a statement that is kept, a value does not fit its former type. */
const perhapsReplaced: readonly string[] = ['42883', '22P02', '22003', '22007', '22008', '42804'];
const ambiguousFunction = '42725';
const readOnlyTransaction = '25006';
const cannotConnectNow = '57P03';

/** A sender waits for these, GitHub for ten seconds: they go before all other work of the embedded database. */
const URGENT: readonly string[] = ['receive_deliveries'];

/** Calls the functions of one schema; keeps the shapes that it has read until a call shows that one has changed. */
export class FunctionCaller {
  readonly #backend: SqlBackend;
  readonly #schema: string;
  readonly #shapes = new Map<string, FunctionShape>();

  constructor(backend: SqlBackend, schema: string) {
    this.#backend = backend;
    this.#schema = schema;
  }

  /** What the function returns: a composite as an object, a set as an array, void as null. Throws SqlError. */
  async call(name: string, args: CallArguments): Promise<unknown> {
    const kept = this.#shapes.get(name);
    const shape = kept && takesArguments(kept, givenNames(args)) ? kept : await this.#readShape(name, args);
    try {
      return await this.#run(shape, args);
    } catch (error) {
      if (!(error instanceof SqlError) || !perhapsReplaced.includes(error.code)) throw error;
      // Either the function was replaced since we read its shape, or the call or its own body is wrong.
      // Nothing is left of the failed call, so it may be made again.
      const fresh = await this.#readShape(name, args);
      if (JSON.stringify(fresh) === JSON.stringify(shape)) throw error;
      return this.#run(fresh, args);
    }
  }

  async #readShape(name: string, args: CallArguments): Promise<FunctionShape> {
    this.#shapes.delete(name);
    const answer = await this.#backend.transact([describeFunctions(this.#schema, name)]);
    const [shape, second] = parseFunctionShapes(answer);
    const names = givenNames(args);
    if (second !== undefined) {
      const message = `there are several functions ${this.#schema}.${name}`;
      throw new SqlError(message, { code: ambiguousFunction, hint: 'Give each function a name of its own.' });
    }
    if (shape === undefined || !takesArguments(shape, names)) {
      throw new SqlError(`there is no function ${this.#schema}.${name}(${names.join(', ')})`, { code: NO_FUNCTION });
    }
    this.#shapes.set(name, shape);
    return shape;
  }

  async #run(shape: FunctionShape, args: CallArguments): Promise<unknown> {
    const statements = [settingsFor(this.#schema, shape), callFunction(this.#schema, shape, args)];
    const isUrgent = URGENT.includes(shape.name);
    const answer = await this.#backend.transact(statements, { isUrgent }).catch((error: unknown) => {
      throw shape.volatile ? withoutReplica(error) : error;
    });
    const isVoid = shape.returns === 'void' && !shape.returnsSet;
    return isVoid || answer === null ? null : JSON.parse(answer);
  }
}

/** Who may write and can't has the wrong server for now: that passes, where a write in a function that is not to write never will. */
function withoutReplica(error: unknown): unknown {
  if (!(error instanceof SqlError) || error.code !== readOnlyTransaction) return error;
  const hint =
    'The server takes no writes: it is a replica, or was the primary until a failover. See that DATABASE_URL leads to the primary.';
  return new SqlError(error.message, { code: cannotConnectNow, hint, cause: error });
}

/**
 * The settings under which PostgREST makes a call with the service role's key; the further schemas of the path are Supabase's.
 * A function that is not volatile is called in a read-only transaction. The role comes last, as it may not be allowed the rest.
 */
function settingsFor(schema: string, shape: FunctionShape): Statement {
  const readOnly = shape.volatile ? '' : `set_config('transaction_read_only', 'on', true), `;
  return {
    text: `select set_config('search_path', $1, true), ${readOnly}set_config('request.jwt.claims', $2, true), set_config('role', $3, true)`,
    values: [`"${schema}", public, extensions`, '{"role":"service_role"}', 'service_role'],
  };
}
