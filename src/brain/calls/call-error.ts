// Turns a failed function call into the error its caller should see. Pure.

import { Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { refusalAdvice } from '../backends/server-refusal.ts';

/** What the database, or PostgREST in front of it, said of a call that failed. */
export interface FailedCall {
  readonly name: string;
  readonly backend: 'embedded' | 'postgres' | 'supabase';
  /** Of the HTTP answer, 0 when there was none; null where no HTTP is spoken. */
  readonly status: number | null;
  readonly error: {
    readonly message: string;
    /** A SQLSTATE, PostgREST's or `NO_FUNCTION`. */
    readonly code?: string;
    readonly hint?: string | null;
  };
}

/** The code of a call of a function that the database does not have, or not with these arguments; PostgREST says PGRST202. */
export const NO_FUNCTION = 'no_function';

/** Classes of SQLSTATE that pass by themselves: connection, deadlock and serialisation, resources, operator, system, internal. */
const passingClasses = new Set(['08', '40', '53', '57', '58', 'XX']);
/** Those of other classes: a lock that was not had in time, and the server's limits on idle and long transactions, which end the connection. */
const passingStates = new Set(['55P03', '25P03', '25P04']);
const sqlState = /^[0-9A-Z]{5}$/;
const longestMessage = 500;

/** Transient when trying again may help, Misconfigured when the person who runs CodeRed must act, else Rejected. `cause` is the error as it came. */
export function errorOfCall({ name, backend, status, error }: FailedCall): Transient | Misconfigured | Rejected {
  const code = error.code ?? '';
  // Not the details: they quote the row that failed, payload and all, or the stack. They stay in `cause`.
  const said = [error.message.slice(0, longestMessage), error.hint].filter(Boolean).join(' ');
  const what = `${name} failed with ${code === '' ? `status ${status}` : code}: ${said}`;
  const advice = adviceFor({ code, status, backend, message: error.message });
  if (advice !== null) return new Misconfigured(`${what} ${advice}`, { cause: error });
  if (isPassing(code, status)) return new Transient(what, { cause: error });
  return new Rejected(what, { cause: error, code: code === '' ? String(status) : code });
}

function isPassing(code: string, status: number | null): boolean {
  if (sqlState.test(code)) return passingClasses.has(code.slice(0, 2)) || passingStates.has(code);
  return status !== null && (status === 0 || status === 408 || status === 429 || status >= 500);
}

type Failure = Pick<FailedCall, 'status' | 'backend'> & { readonly code: string; readonly message: string };

function adviceFor({ code, status, backend, message }: Failure): string | null {
  if (code === 'PGRST106') {
    return 'Add codered to the exposed schemas of the Supabase project (Project Settings, Data API).';
  }
  if (code === 'PGRST202') {
    return "Bring the project up to date: run codered migrate with DATABASE_URL set to the project's connection string.";
  }
  if (code === NO_FUNCTION) return 'Bring the database up to date: codered migrate.';
  if (backend !== 'supabase') return refusalAdvice(code, message);
  if (status === 401)
    return 'Check SUPABASE_SERVICE_ROLE_KEY: it has to be the service role (secret) key of this project.';
  if (status === 404 && code === '') return 'Check SUPABASE_URL: it should look like https://<project>.supabase.co.';
  return null;
}
