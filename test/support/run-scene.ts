// Two organisations with a project, a repository and a member each, for tests of specs, runs and gates.

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { SqlError } from '../../src/brain/backends/sql-backend.ts';
import { Rejected } from '../../src/model/errors.ts';
import type { Json } from '../../src/model/json.ts';
import type { TestBrain } from './brain.ts';

type Row = Readonly<Record<string, Json | undefined>>;

/** One organisation; `asMember` calls a function as its member. */
export interface OrgScene {
  readonly org: string;
  readonly project: string;
  readonly repository: number;
  readonly member: string;
  readonly asMember: (name: string, args: object) => Promise<Json>;
}

let repositories = 1000;

/** Makes an organisation with everything a run needs. */
export async function makeOrg(brain: TestBrain, role = 'member'): Promise<OrgScene> {
  const [org, project, member] = [randomUUID(), randomUUID(), randomUUID()];
  repositories += 1;
  const repository = repositories;
  await brain.script(`
    insert into auth.users (id, email) values ('${member}', '${member}@example.test');
    insert into codered.orgs (id, name, login) values ('${org}', 'Org', '${org}');
    insert into codered.memberships (org_id, user_id, role) values ('${org}', '${member}', '${role}');
    insert into codered.projects (id, org_id, slug, name) values ('${project}', '${org}', 'p_${repository}', 'Project');
    insert into codered.repositories (id, project_id, owner, name) values (${repository}, '${project}', 'octo', 'r${repository}');`);
  return { org, project, repository, member, asMember: callerAs(brain, member) };
}

/** Calls functions as a signed-in user; throws Rejected with the code. */
function callerAs(brain: TestBrain, sub: string): OrgScene['asMember'] {
  const client: { rpc(name: string, args: object): PromiseLike<Answer> } = brain.clientFor({
    role: 'authenticated',
    sub,
  });
  return async (name, args) => {
    const { data, error } = await client.rpc(name, args);
    if (error) throw new Rejected(error.message, { code: error.code });
    return data ?? null;
  };
}

interface Answer {
  readonly data: Json | undefined;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Runs one statement as a signed-in user, under row level security: the rows of a query, the lines of an explain, the
 * number of rows of anything else. Throws SqlError.
 */
export async function statementAs(brain: TestBrain, sub: string, statement: string): Promise<Json> {
  await brain.script(askAs);
  const [answer] = await brain.sql('select public.ask_as($1, $2) as rows', [sub, statement]);
  return JSON.parse(answer?.rows ?? 'null');
}

const askAs = `
  create or replace function public.ask_as(sub uuid, statement text) returns jsonb language plpgsql as $$
  declare
    answer jsonb;
    touched bigint;
    line text;
  begin
    perform set_config('request.jwt.claims', jsonb_build_object('sub', sub, 'role', 'authenticated')::text, true);
    set local role authenticated;
    if statement ~* '^explain' then
      answer := '[]';
      for line in execute statement loop
        answer := answer || to_jsonb(line);
      end loop;
    elsif statement ~* '^\\s*select' then
      execute format('select coalesce(jsonb_agg(t), ''[]'') from (%s) t', statement) into answer;
    else
      execute statement;
      get diagnostics touched = row_count;
      answer := to_jsonb(touched);
    end if;
    reset role;
    return answer;
  end $$`;

/** The code of a refusal and its words, for `toMatchObject`; throws when nothing was refused. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: string | null; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Rejected || error instanceof SqlError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What a refusal with this code should look like: its message has the words in this order. */
export function refused(code: string, ...words: readonly string[]): object {
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return { code, message: expect.stringMatching(new RegExp(pattern, 's')) };
}

/** A function's answer as a row; throws when it is none. */
export function asRow(answer: unknown): Row {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error('the answer is no row');
  return answer as Row;
}

/** The text in a column of a row; throws when there is none. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`${column} is no text`);
  return value;
}

/** A commit that nobody else has. */
export function newSha(): string {
  return `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, 40);
}
