// People, their projects and what they may call, for tests of what members and strangers can do. Only tests of brain/ import it.

import { randomUUID } from 'node:crypto';
import type { TestBrain } from './brain.ts';

/** Signs somebody up, as Supabase Auth would: their profile is made by trigger. */
export async function signUp(
  brain: TestBrain,
  { email = null, told = {}, app = {} }: { email?: string | null; told?: unknown; app?: object } = {},
): Promise<string> {
  const id = randomUUID();
  await brain.sql(
    'insert into auth.users (id, email, raw_user_meta_data, raw_app_meta_data) values ($1::uuid, $2, $3::jsonb, $4::jsonb)',
    [id, email, JSON.stringify(told), JSON.stringify(app)],
  );
  return id;
}

/** A project, of somebody's own or of an organisation. */
export async function makeProject(
  brain: TestBrain,
  {
    owner = null,
    org = null,
    slug = `p_${randomUUID().replaceAll('-', '')}`,
  }: { owner?: string | null; org?: string | null; slug?: string } = {},
): Promise<string> {
  const [row] = await brain.sql(
    'insert into codered.projects (slug, name, owner_user_id, org_id) values ($1, $1, $2::uuid, $3::uuid) returning id',
    [slug, owner, org],
  );
  return row?.id ?? '';
}

/** An organisation with these members. */
export async function makeOrg(brain: TestBrain, members: Readonly<Record<string, string>> = {}): Promise<string> {
  const [row] = await brain.sql('insert into codered.orgs (name, login) values ($1, $1) returning id', [randomUUID()]);
  const org = row?.id ?? '';
  for (const [user, role] of Object.entries(members)) {
    await brain.sql('insert into codered.memberships (org_id, user_id, role) values ($1::uuid, $2::uuid, $3)', [
      org,
      user,
      role,
    ]);
  }
  return org;
}

/** What came of a call: `data`, or the code and the words of the refusal. */
export interface Outcome {
  readonly data: unknown;
  readonly code: string | null;
  readonly message: string;
}

/** Calls a function by name as that person; as the app when `sub` is null. Never throws for what the database refuses. */
export async function callAs(
  brain: TestBrain,
  sub: string | null,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const claims = sub === null ? { role: 'service_role' } : { role: 'authenticated', sub };
  // By any name: the types of all functions together are more than the compiler compares.
  const client = brain.clientFor(claims) as unknown as {
    rpc(name: string, args: unknown): PromiseLike<{ data: unknown; error: unknown }>;
  };
  const { data, error } = await client.rpc(name, args);
  if (error === null) return { data, code: null, message: '' };
  const { code, message } = error as { code: string; message: string };
  return { data: null, code, message };
}

/** Runs statements as that person, in one transaction. Rejects with an SqlError when they are refused. */
export async function scriptAs(brain: TestBrain, sub: string, script: string): Promise<void> {
  const claims = JSON.stringify({ sub, role: 'authenticated' });
  await brain.script(
    `begin; set local request.jwt.claims = '${claims}'; set local role authenticated; ${script}; commit;`,
  );
}
