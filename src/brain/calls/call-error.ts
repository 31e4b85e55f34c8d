// Turns a failed function call into the error its caller should see. Pure; only client.ts imports it.

import { Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { refusalAdvice } from '../backends/server-refusal.ts';

/** What supabase-js gave back. `status` 0: there was no answer at all. */
export interface FailedCall {
  readonly name: string;
  readonly home: 'embedded' | 'postgres' | 'supabase';
  readonly status: number;
  readonly error: {
    readonly message: string;
    readonly code?: string;
    readonly details?: string | null;
    readonly hint?: string | null;
  };
}

/** Classes of SQLSTATE that pass by themselves: connection, deadlock and serialisation, resources, operator, system, internal. */
const passingClasses = new Set(['08', '40', '53', '57', '58', 'XX']);
const lockNotAvailable = '55P03';
const sqlState = /^[0-9A-Z]{5}$/;
const longestMessage = 500;

/** Transient when trying again may help, Misconfigured when the person who runs CodeRed must act, else Rejected. `cause` is the error as it came. */
export function errorOfCall({ name, home, status, error }: FailedCall): Transient | Misconfigured | Rejected {
  const code = error.code ?? '';
  // Not the details: they quote the row that failed, payload and all, or the stack. They stay in `cause`.
  const said = [error.message.slice(0, longestMessage), error.hint].filter(Boolean).join(' ');
  const what = `${name} failed with ${code === '' ? `status ${status}` : code}: ${said}`;
  const advice = adviceFor({ code, status, home, message: error.message });
  if (advice !== null) return new Misconfigured(`${what} ${advice}`, { cause: error });
  const passing = sqlState.test(code)
    ? passingClasses.has(code.slice(0, 2)) || code === lockNotAvailable
    : status === 0 || status === 408 || status === 429 || status >= 500;
  if (passing) return new Transient(what, { cause: error });
  return new Rejected(what, { cause: error, code: code === '' ? String(status) : code });
}

function adviceFor({
  code,
  status,
  home,
  message,
}: {
  code: string;
  status: number;
  home: FailedCall['home'];
  message: string;
}): string | null {
  if (code === 'PGRST106') {
    return 'Add codered to the exposed schemas of the Supabase project (Project Settings, Data API).';
  }
  if (code === 'PGRST202') {
    return home === 'supabase'
      ? "Bring the project up to date: run codered migrate with DATABASE_URL set to the project's connection string."
      : 'Bring the database up to date: codered migrate.';
  }
  if (home !== 'supabase') return refusalAdvice(code, message);
  if (status === 401)
    return 'Check SUPABASE_SERVICE_ROLE_KEY: it has to be the service role (secret) key of this project.';
  if (status === 404 && code === '') return 'Check SUPABASE_URL: it should look like https://<project>.supabase.co.';
  return null;
}
