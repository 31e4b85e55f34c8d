// The Postgres backend's connections: what they keep from one call to the next, and who has to wait for whom.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';

const statement = (text: string, ...values: string[]) => [{ text, values }];
const kept = statement(`select count(*)::text from pg_prepared_statements where name like 'codered%'`);

describe('the connections to a Postgres server', () => {
  let brain: TestBrain;
  let backend: SqlBackend;
  beforeEach(async () => {
    brain = await openTestBrain('postgres');
    backend = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
  });
  afterEach(async () => {
    await backend.close();
    await brain.close();
  });

  it('keep a statement that was parsed, once however often it is sent', async () => {
    await backend.transact(statement('select $1', 'a'));
    expect(await backend.transact(statement('select $1', 'b'))).toBe('b');
    // That and the question itself.
    expect(await backend.transact(kept)).toBe('2');
  });

  it('do without kept statements from then on where a pooler has lost them', async () => {
    const once = statement('select $1', 'a');
    await backend.transact(once);
    await backend.transact(statement('deallocate all'));
    expect(await backend.transact(once)).toBe('a');
    expect(await backend.transact(kept)).toBe('0');
    expect(await backend.transact(once)).toBe('a');
  });

  it('hand nothing on of what a session left behind', async () => {
    await backend.session(async (session) => {
      await session.script(`begin; set search_path = nowhere; create temp table left_over ()`);
    });
    expect(await backend.transact(statement('show search_path'))).not.toContain('nowhere');
    expect(await backend.transact(statement(`select to_regclass('pg_temp.left_over')::text`))).toBe(null);
  });

  it('have one for what is urgent while all others wait for a lock', async () => {
    await brain.script(
      'create table public.contended (id integer primary key); insert into public.contended values (1)',
    );
    const change = statement('update public.contended set id = id returning id');
    const { held, changed } = await brain.session(async (holder) => {
      await holder.script('begin; select * from public.contended for update');
      const waiting = backend.transact(change);
      const urgent = await backend.transact(statement('select $1', 'stored'), { isUrgent: true });
      await holder.script('rollback');
      return { held: urgent, changed: await waiting };
    });
    expect([held, changed]).toEqual(['stored', '1']);
  });
});
