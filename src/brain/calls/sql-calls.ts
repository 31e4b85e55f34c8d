// Calls of functions on a database that is reached with SQL, with failures as our own errors.

import { type SqlBackend, SqlError } from '../backends/sql-backend.ts';
import { errorOfCall } from './call-error.ts';
import { FunctionCaller } from './function-caller.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Calls as the service role; throws an error of `model/errors.ts`. */
export function openSqlCalls(backend: SqlBackend, schema: string) {
  const functions = new FunctionCaller(backend, schema);
  return async (name: string, args: object, signal?: AbortSignal): Promise<unknown> => {
    try {
      return await unlessAborted(signal, () => functions.call(name, { ...args }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw errorOfCall({ name, backend: backend.kind, status: null, error });
    }
  };
}
