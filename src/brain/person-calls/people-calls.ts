// How each of the two databases that are reached with SQL does something as a person.

import { z } from 'zod';
import { Rejected } from '../../model/errors.ts';
import { type SqlBackend, SqlError, type Statement } from '../backends/sql-backend.ts';
import { errorOfCall } from '../calls/call-error.ts';
import type { PeopleLogin } from './people-login.ts';
import { noPeopleLogin, peopleRefusal } from './people-refusal.ts';
import {
  CHECK_LOGIN,
  callInside,
  callUnderLogin,
  type PersonAnswer,
  type PersonCall,
  personAnswer,
  personAnswerOf,
} from './person-call.ts';

/** Both throw an error of `model/errors.ts`: Misconfigured where people's calls can't be had with few rights. */
export interface PeopleCalls {
  readonly callAs: (call: PersonCall) => Promise<PersonAnswer>;
  /** Resolves when people's calls can be made. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** In the embedded database, beside everything else. `close` leaves it open. */
export function peopleInside(backend: Pick<SqlBackend, 'transact'>): PeopleCalls {
  return {
    callAs: async (call) => {
      const cell = await backend.transact(callInside(call), { isApart: true }).catch((thrown: unknown) => {
        throw plainly(thrown, 'embedded');
      });
      return personAnswer(call, cell);
    },
    check: async () => {},
    close: async () => {},
  };
}

/** On connections of their own under the login of few rights. `backend` is over its URL; null: there is none. */
export function peopleUnderLogin(
  given: { readonly login: PeopleLogin; readonly backend: Pick<SqlBackend, 'transact' | 'close'> } | null,
): PeopleCalls {
  const transact = async (statements: readonly Statement[]) => {
    if (given === null) throw noPeopleLogin();
    try {
      return await given.backend.transact(statements, { isApart: true });
    } catch (thrown) {
      throw (thrown instanceof SqlError ? peopleRefusal(thrown, given.login) : null) ?? plainly(thrown, 'postgres');
    }
  };
  return {
    callAs: async (call) => personAnswer(call, await transact(callUnderLogin(call))),
    check: async () => {
      await transact(CHECK_LOGIN);
    },
    close: async () => given?.backend.close(),
  };
}

function plainly(thrown: unknown, backend: SqlBackend['kind']): unknown {
  if (!(thrown instanceof SqlError)) return thrown;
  // Of what is done as a person no grant is missing that whoever runs CodeRed should make.
  if (thrown.code === '42501') {
    return new Rejected(`call_as failed with 42501: ${thrown.message.slice(0, 500)}`, { cause: thrown, code: '42501' });
  }
  return errorOfCall({ name: 'call_as', backend, status: null, error: thrown });
}

/**
 * Through the database's own functions for it (call_as, call_as_once): on Supabase, whose sessions are not ours to choose, and where another
 * process has the database, which does it as `askedThere` says.
 */
export function peopleThrough(call: (name: string, args: object) => Promise<unknown>): PeopleCalls {
  return {
    callAs: async ({ userId: user_id, name, arguments: given, once }) => {
      const asked = { user_id, name, arguments: given };
      if (once === undefined) return personAnswerOf({ once }, await call('call_as', asked));
      const { keyHash: key_hash, requestHash: request_hash } = once;
      return personAnswerOf({ once }, await call('call_as_once', { ...asked, key_hash, request_hash }));
    },
    check: async () => {},
    close: async () => {},
  };
}

const asked = z.object({
  user_id: z.string(),
  name: z.string(),
  arguments: z.json(),
  key_hash: z.string().optional(),
  request_hash: z.string().optional(),
});

/** What another process asks by the names of `peopleThrough`, done as any other person's call. */
export async function askedThere(callAs: PeopleCalls['callAs'], args: unknown): Promise<unknown> {
  const { user_id: userId, name, arguments: given, key_hash: keyHash, request_hash: requestHash } = asked.parse(args);
  const once = keyHash === undefined || requestHash === undefined ? undefined : { keyHash, requestHash };
  const { answer, isReplay } = await callAs({ userId, name, arguments: given, once });
  return once === undefined ? answer : { answer, is_replay: isReplay };
}
