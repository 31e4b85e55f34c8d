// Calls of functions on Supabase, and what else is asked of it there, with failures as our own errors.

import { openSupabase } from '../backends/supabase.ts';
import { errorOfCall } from './call-error.ts';

/** `serviceRoleKey`: the key that everything is asked with. All throw an error of `model/errors.ts`. */
export function openSupabaseCalls(options: {
  readonly url: string;
  readonly serviceRoleKey: string;
  readonly schema: string;
}) {
  const { url, serviceRoleKey: key, schema } = options;
  const { storage, rpc, createUser } = openSupabase({ url, key, schema });
  return {
    storage,
    call: async (name: string, args: object, signal?: AbortSignal): Promise<unknown> => {
      const { data, error, status } = await rpc(name, args, signal);
      if (error !== null) throw errorOfCall({ name, backend: 'supabase', status, error });
      return data;
    },
    makeUser: async (github: { readonly id: number }): Promise<string> => {
      const made = await createUser(github.id);
      if (made.id !== null) return made.id;
      throw errorOfCall({ name: 'making a user', backend: 'supabase', status: made.status, error: made });
    },
  };
}
