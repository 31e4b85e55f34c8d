// Acting as a person: one contract for the three homes, Supabase's stood in for by PostgREST's way of calling its functions; and what a
// function that lets SQL out comes to on the homes that are ours.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOfCall } from '../../src/brain/calls/call-error.ts';
import { peopleThrough } from '../../src/brain/person-calls/people-calls.ts';
import type { PersonCall } from '../../src/brain/person-calls/person-call.ts';
import { OPERATIONS, runOperation } from '../../src/operations/operations.ts';
import { ID, idOf, PEOPLE, seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { bothBackends, openTestBrain, type TestBrain } from '../support/brain.ts';
import { callAs } from '../support/people.ts';

/** As supabase-js calls: over PostgREST, with the service role's key. */
function overPostgrest(brain: TestBrain): TestBrain {
  const client = brain.clientFor({ role: 'service_role' });
  const { callAs } = peopleThrough(async (name, args) => {
    const { data, error, status } = await client.rpc(name as 'call_as', args as never);
    if (error !== null) throw errorOfCall({ name, backend: 'supabase', status, error });
    return data;
  });
  return { ...brain, callAs };
}

const opened: Partial<Record<(typeof bothBackends)[number], TestBrain>> = {};
beforeAll(async () => {
  for (const kind of bothBackends) {
    const brain = await openTestBrain(kind);
    opened[kind] = brain;
    await seedTwoOrgs(brain);
  }
});
afterAll(() => Promise.all(Object.values(opened).map((brain) => brain.close())));

function brainOf(kind: (typeof bothBackends)[number]): TestBrain {
  const brain = opened[kind];
  if (brain === undefined) throw new Error(`${kind} is not open`);
  return brain;
}

describe.each([...bothBackends, 'supabase'] as const)('acting as a person (%s)', (home) => {
  let brain: TestBrain;
  beforeAll(() => {
    brain = home === 'supabase' ? overPostgrest(brainOf('postgres')) : brainOf(home);
  });

  const asPerson = async (userId: string, name: string, given: PersonCall['arguments'] = {}) =>
    (await brain.callAs({ userId, name, arguments: given })).answer;
  const project = { project_id: idOf('a', ID.project) };

  it('calls the function with what the person may see, and no more', async () => {
    expect(await asPerson(PEOPLE.a.member, 'my_profile')).toMatchObject({ id: PEOPLE.a.member });
    expect(await asPerson(PEOPLE.a.member, 'project_context', project)).toMatchObject({
      project: { id: project.project_id },
    });
    await expect(asPerson(PEOPLE.b.member, 'project_context', project)).rejects.toMatchObject({ code: 'CR004' });
  });

  it.each(['purge_project', 'ensure_person', 'my_orgs', 'call_as', "my_profile'; --", ''])(
    'calls no %j',
    async (name) => {
      await expect(asPerson(PEOPLE.a.member, name)).rejects.toMatchObject({ code: 'CR004' });
    },
  );

  it('acts as nobody who is not there', async () => {
    await expect(asPerson(randomUUID(), 'my_profile')).rejects.toMatchObject({ code: 'CR004' });
  });

  it('is not a person’s to call', async () => {
    const given = { user_id: PEOPLE.b.member, name: 'my_profile', arguments: {} };
    expect((await callAs(brain, PEOPLE.a.member, 'call_as', given)).code).toBe('42501');
  });

  const leftovers = `
    select current_user::text as role, current_setting('request.jwt.claims', true) as claims,
      current_setting('request.jwt.claim.sub', true) as sub`;

  it('leaves neither role nor claims when it returns', async () => {
    await brain.session(async (session) => {
      await session.query('begin');
      await session.query("select set_config('role', 'service_role', true)");
      await session.query("select codered.call_as($1::uuid, 'my_profile')", [PEOPLE.a.member]);
      const [during] = await session.query(leftovers);
      expect(during).toMatchObject({ role: 'service_role', sub: '' });
      expect(during?.claims ?? '').not.toContain(PEOPLE.a.member);
      await session.query('commit');
    });
  });

  it('leaves neither role nor claims after an error, on the same connection', async () => {
    await brain.session(async (session) => {
      const [before] = await session.query(leftovers);
      await session.query('begin');
      await session.query("select set_config('role', 'service_role', true)");
      const failing = session.query("select codered.call_as($1::uuid, 'read_job', $2::jsonb)", [
        PEOPLE.a.member,
        JSON.stringify({ job_id: randomUUID() }),
      ]);
      await expect(failing).rejects.toMatchObject({ code: 'CR004' });
      await session.query('rollback');
      const [after] = await session.query(leftovers);
      expect(after?.role).toBe(before?.role);
      expect(after?.claims ?? '').toBe(before?.claims ?? '');
      expect(after?.sub ?? '').toBe('');
    });
  });

  it('does once what carries a key, with what was answered then, and nothing of what failed', async () => {
    const keyHash = createHash('sha256').update(home).digest('hex');
    const once = { keyHash, requestHash: '2'.repeat(64) };
    const call = {
      userId: PEOPLE.a.admin,
      name: 'create_task',
      arguments: { ...project, task: { title: `once ${home}` } },
      once,
    };
    await expect(brain.callAs({ ...call, arguments: { ...project, task: {} } })).rejects.toMatchObject({
      code: '23502',
    });
    const both = await Promise.all([brain.callAs(call), brain.callAs(call)]);
    expect(both.map(({ isReplay }) => isReplay).sort()).toEqual([false, true]);
    expect(both[0]?.answer).toEqual(both[1]?.answer);
    const other = { ...call, once: { ...once, requestHash: '3'.repeat(64) } };
    await expect(brain.callAs(other)).rejects.toMatchObject({ code: 'CR009' });
    // The same key is another's own to use.
    const others = await brain.callAs({ ...other, userId: PEOPLE.a.member });
    expect(others).toMatchObject({ isReplay: false, answer: { title: `once ${home}` } });
    const [made] = await brain.sql('select count(*) as n from codered.tasks where title = $1', [`once ${home}`]);
    expect(made?.n).toBe('2');
  });

  it('keeps people apart who come at once', async () => {
    const people = [PEOPLE.a.member, PEOPLE.a.admin, PEOPLE.b.member, PEOPLE.b.maintainer, PEOPLE.stranger];
    const asked = Array.from({ length: 60 }, (_, at) => people[at % people.length] ?? '');
    const answers = await Promise.all(asked.map((person) => asPerson(person, 'my_profile')));
    expect(answers.map((answer) => (answer as { id: string }).id)).toEqual(asked);
  });

  it('runs no operation whose function a person may not call', async () => {
    const rights = await brain.sql(
      `select p.proname as name from pg_proc p where p.pronamespace = 'codered'::regnamespace
        and has_function_privilege('authenticated', p.oid, 'execute')`,
    );
    const granted = rights.map(({ name }) => name);
    expect(OPERATIONS.map(({ run }) => run).filter((run) => !granted.includes(run))).toEqual([]);
  });

  it('gives a list page by page, and each item once', async () => {
    const [list] = OPERATIONS.filter(({ name }) => name === 'list_tasks');
    if (list === undefined) throw new Error('there is no list_tasks');
    for (let n = 0; n < 7; n += 1) {
      const task = { title: `page ${n}`, priority: n % 2 };
      await asPerson(PEOPLE.a.member, 'create_task', { ...project, task });
    }
    const all = await runOperation(brain, list, { userId: PEOPLE.a.member, input: { ...project, batch: 200 } });
    const seen: unknown[] = [];
    for (let after: Readonly<Record<string, unknown>> | null = null, pages = 0; pages < 20; pages += 1) {
      const input: Record<string, unknown> = { ...project, batch: 2, ...after };
      const { output, next } = await runOperation(brain, list, { userId: PEOPLE.a.member, input });
      seen.push(...(output as unknown[]));
      if (next === null) break;
      after = next;
    }
    expect(seen).toEqual(all.output);
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });
});

describe.each(bothBackends)('a function that lets SQL out (%s)', (backend) => {
  let brain: TestBrain;
  const me = PEOPLE.a.member;
  /** Runs statements where an operation's function does, and gives what the last one gave. */
  const escaped = async (...statements: string[]) => {
    const decision = { statements };
    const given = { project_id: idOf('a', ID.project), decision };
    return (await brain.callAs({ userId: me, name: 'record_decision', arguments: given })).answer;
  };
  beforeAll(async () => {
    brain = brainOf(backend);
    await brain.script(`
      create or replace function codered.record_decision(project_id uuid, decision jsonb) returns jsonb
      language plpgsql set search_path = '' as $$
      declare
        statement text;
        answer text;
      begin
        for statement in select jsonb_array_elements_text(decision -> 'statements') loop
          execute statement;
        end loop;
        execute statement into answer;
        return to_jsonb(answer);
      end $$`);
  });

  it.each([
    ['the app', ['set role service_role']],
    ['the app for the transaction', ["select set_config('role', 'service_role', true)"]],
    ['the owner', ['set session authorization postgres']],
    ['the owner by what was at first', ['reset role', 'reset session authorization', 'select 1 from auth.users']],
    ['who reads deliveries', ['reset role', 'select 1 from codered.webhook_deliveries']],
    ['who reads keys', ['select 1 from codered.idempotency_keys']],
    ['who writes tokens', ["update codered.oauth_tokens set scope = 'admin'"]],
    ['who makes people act', ['select codered.act_as(gen_random_uuid())']],
  ])('becomes nobody else: %s', async (_, statements) => {
    await expect(escaped(...statements)).rejects.toMatchObject({ code: '42501' });
    expect(await escaped("select current_user || ' ' || auth.uid()::text")).toBe(`authenticated ${me}`);
  });

  it('sees of tokens those of the person alone', async () => {
    expect(await escaped('select count(*)::text from codered.oauth_tokens where user_id <> auth.uid()')).toBe('0');
  });

  it('leaves nothing for whoever has the connection next', async () => {
    const left = `select json_build_array(current_setting('request.jwt.claims'), current_setting('work_mem'),
      (select count(*) from pg_prepared_statements), (select count(*) from pg_locks where locktype = 'advisory'
        and pid = pg_backend_pid()), to_regclass('pg_temp.left_there'))::text`;
    const connection = () => escaped('select pg_backend_pid()::text');
    const before = await escaped(left);
    const first = await connection();
    const temporary = backend === 'embedded' ? [] : ['create temp table left_there (a integer)'];
    await escaped(
      `select set_config('request.jwt.claims', '{"sub": "${PEOPLE.b.admin}"}', false), set_config('work_mem', '77MB', false)`,
      'prepare left_there as select 1',
      ...temporary,
      // Runs once more as the last one.
      "select case when pg_try_advisory_lock(7) then '' end",
    );
    expect([await escaped(left), await connection()]).toEqual([before, first]);
    await expect(escaped('select pg_advisory_lock(8)', 'select 1 / 0')).rejects.toThrow();
    expect(await escaped(left)).toBe(before);
    if (backend === 'postgres') expect(await connection()).not.toBe(first);
    expect((await brain.callAs({ userId: me, name: 'my_profile', arguments: {} })).answer).toMatchObject({ id: me });
  });

  it('leaves nothing there when one of our functions refuses either, for which no connection is closed', async () => {
    const kept = `select json_build_array(current_setting('work_mem'), current_user, current_setting('statement_timeout'),
      (select count(*) from pg_prepared_statements), (select count(*) from pg_locks where locktype = 'advisory'
        and pid = pg_backend_pid()), pg_backend_pid())::text`;
    const before = await escaped(kept);
    const refuse = "do $x$ begin raise exception 'not yours' using errcode = 'CR004'; end $x$";
    const left = ["select set_config('work_mem', '77MB', false)", 'prepare left_there as select 1'];
    const refused = escaped(...left, 'select pg_advisory_lock(9)', refuse);
    await expect(refused).rejects.toMatchObject({ code: 'CR004' });
    expect(await escaped(kept)).toBe(before);
  });

  it('can say of itself that it is another person, which no setting of Postgres keeps from it', async () => {
    const claims = JSON.stringify({ sub: PEOPLE.b.admin, role: 'authenticated' });
    const other = `select set_config('request.jwt.claims', '${claims}', true)`;
    expect(await escaped(other, "select codered.my_profile() ->> 'id'")).toBe(PEOPLE.b.admin);
    expect(await escaped("select codered.my_profile() ->> 'id'")).toBe(me);
  });

  if (backend === 'embedded') {
    it('can not change what holds it in there', async () => {
      const call = 'codered_people.call(text, jsonb, text, text)';
      for (const [change, last] of [
        [`alter function ${call} security invoker`, ''],
        [`drop function ${call}`, 'x'],
      ] as const) {
        await escaped(`${change}; select '${last}'`).catch(() => {});
        await escaped(`do $x$ begin execute '${change}'; exception when others then null; end $x$`, "select ''");
        await expect(escaped('reset role')).rejects.toMatchObject({ code: '42501' });
      }
      await expect(escaped('create temp table a (b integer)')).rejects.toMatchObject({ code: '42501' });
    });
  }
});
