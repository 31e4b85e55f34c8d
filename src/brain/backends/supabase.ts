// The Supabase backend: a project that SUPABASE_URL names, through supabase-js. The only file that imports it.

import { createClient, type SupabaseClient } from '@supabase/supabase-js';

/** What a call came to. `status` 0: there was no answer at all. */
export interface SupabaseAnswer {
  readonly data: unknown;
  readonly error: { readonly message: string; readonly code?: string; readonly hint?: string | null } | null;
  readonly status: number;
}

export interface SupabaseBackend {
  readonly storage: SupabaseClient['storage'];
  /** Calls a function; never throws. A signal that aborts ends the waiting, with status 0. */
  readonly rpc: (name: string, args: object, signal?: AbortSignal) => PromiseLike<SupabaseAnswer>;
  /** Makes a user of Supabase Auth who is known by GitHub's id; `id` null with what was answered instead. Never throws. */
  readonly createUser: (githubId: number) => Promise<MadeUser>;
}

/** `status` 0: there was no answer at all. */
export interface MadeUser {
  readonly id: string | null;
  readonly status: number;
  readonly message: string;
}

/** A client that keeps no session and starts no timer. `key`: the token that calls are made with. */
export function openSupabase(options: {
  url: string;
  key: string;
  schema: string;
  fetch?: typeof globalThis.fetch;
}): SupabaseBackend {
  const { url, key, schema, fetch } = options;
  const client = createClient(url, key, {
    db: { schema },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: fetch ? { fetch } : {},
  });
  return {
    storage: client.storage,
    rpc: (name, args, signal) => {
      const request = client.rpc(name, args);
      return signal ? request.abortSignal(signal) : request;
    },
    createUser: async (githubId) => {
      // Auth wants an address. This one can't be written to by anybody, and nobody is ever known by it.
      const email = `github-${githubId}@users.codered.invalid`;
      const { data, error } = await client.auth.admin.createUser({
        email,
        email_confirm: true,
        app_metadata: { provider: 'github', github_id: githubId },
      });
      return { id: data.user?.id ?? null, status: error?.status ?? 0, message: error?.message ?? '' };
    },
  };
}
