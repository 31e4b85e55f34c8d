// Retention in SQL: months of events, what the policies let go, and that nothing else goes.

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { runs } from '../support/runs.ts';

const PROJECT = '00000000-0000-4000-8000-000000000001';

/** The first day of the month so many months from now, in UTC. */
function monthFrom(months: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}
const tableOf = (month: string) => `events_${month.slice(0, 7).replace('-', '_')}`;

describe.each(testBackends)('retention (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await brain.script(`
      insert into codered.orgs (id, login, name) values ('${PROJECT}', 'acme', 'Acme');
      insert into codered.projects (id, org_id, slug, name) values ('${PROJECT}', '${PROJECT}', 'web', 'Web')`);
  });
  afterAll(() => brain.close());
  afterEach(async () => {
    await brain.script(`
      delete from codered.webhook_deliveries;
      delete from codered.errors;
      update codered.retention_policies set
        keep = case table_name when 'webhook_deliveries' then interval '30 days' when 'errors' then interval '400 days' else '24 months' end,
        archive = table_name = 'events'`);
  });

  const cell = async (text: string) => Object.values((await brain.sql(text))[0] ?? {})[0] ?? null;
  const addEvents = (at: string, rows: number, type = 'note.test') =>
    brain.sql(
      `insert into codered.events (event_type, payload, created_at)
       select $2, jsonb_build_object('n', n, 'large', 12345678901234567890123), $1::timestamptz + n * interval '1 second'
       from generate_series(1, $3::integer) as n`,
      [at, type, String(rows)],
    );
  const prunable = async (table: string) => {
    const rows = await brain.call('prunable', {});
    return rows.find(({ table_name }) => table_name === table);
  };
  const close = (month: string, rows: number, more: object = { sha256: 'a'.repeat(64), place: '/archive' }) =>
    brain.call('close_event_month', { month, rows, archived: true, ...more });

  describe('months of events', () => {
    it('are there for this month and the next two after a migration, and asking again makes none', async () => {
      const wanted = [0, 1, 2].map((ahead) => tableOf(monthFrom(ahead)));
      // A copy of a migrated database may be older than the month.
      await brain.call('ensure_event_months', {});
      const made = await brain.sql('select codered.event_month_table(m) as name from codered.event_months() m');
      expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
      expect(await brain.call('ensure_event_months', {})).toEqual([]);
      expect(await brain.call('event_months_missing', {})).toEqual([]);
    });

    it('are closed to members and to change, for every role', async () => {
      const name = tableOf(monthFrom(0));
      await addEvents(new Date().toISOString(), 1);
      expect(await cell(`select count(*) from codered.${name}`)).not.toBe('0');
      for (const table of [name, 'events', 'events_other']) {
        await expect(brain.sql(`truncate codered.${table}`)).rejects.toMatchObject({ code: 'CR001' });
      }
      for (const statement of [`delete from codered.${name}`, `update codered.${name} set event_type = 'x'`]) {
        await expect(brain.sql(statement)).rejects.toMatchObject({ code: 'CR001' });
        await expect(brain.script(`set role service_role; ${statement}`)).rejects.toMatchObject({ code: '42501' });
      }
      await expect(brain.script(`set role authenticated; select from codered.${name}`)).rejects.toMatchObject({
        code: '42501',
      });
      await expect(brain.script(`set role anon; select from codered.${name}`)).rejects.toMatchObject({ code: '42501' });
      expect(
        await brain.sql(
          `select c.relrowsecurity, count(p.*) as policies, obj_description(c.oid) is not null as found
           from pg_class c left join pg_policy p on p.polrelid = c.oid where c.oid = $1::regclass group by c.oid, c.relrowsecurity`,
          [`codered.${name}`],
        ),
      ).toEqual([{ relrowsecurity: 't', policies: '1', found: 't' }]);
    });

    it('take the rows of theirs that lay in the default partition, and leave it append-only', async () => {
      const month = monthFrom(3);
      await addEvents(`${month}T00:00:00Z`, 3, 'note.early');
      const before = await brain.sql(
        `select to_jsonb(e)::text as row from codered.events e where event_type = 'note.early' order by id`,
      );
      expect(await cell(`select count(*) from codered.events_other where event_type = 'note.early'`)).toBe('3');
      expect(await brain.call('ensure_event_months', { ahead: 3 })).toEqual([tableOf(month)]);
      expect(await cell(`select count(*) from codered.events_other`)).toBe('0');
      expect(await brain.sql(`select to_jsonb(e)::text as row from codered.${tableOf(month)} e order by id`)).toEqual(
        before,
      );
      await addEvents(`${monthFrom(5)}T00:00:00Z`, 1);
      await expect(brain.sql('delete from codered.events_other')).rejects.toMatchObject({ code: 'CR001' });
      await expect(brain.sql(`update codered.events_other set event_type = 'x'`)).rejects.toMatchObject({
        code: 'CR001',
      });
    });

    it('begin and end in UTC, wherever the session thinks it is', async () => {
      const month = monthFrom(-40);
      await addEvents(`${month}T00:00:00Z`, 1, 'note.utc');
      await brain.script(`set timezone = 'Pacific/Kiritimati'; select codered.ensure_event_months()`);
      expect(await cell(`select count(*) from codered.${tableOf(month)} where event_type = 'note.utc'`)).toBe('1');
    });

    it('are made by nobody but the app, and no more than 24 ahead', async () => {
      const member = brain.clientFor({ role: 'authenticated', sub: PROJECT });
      expect((await member.rpc('ensure_event_months', {})).error?.code).toBe('42501');
      expect(
        (await member.rpc('close_event_month', { month: monthFrom(0), rows: 0, archived: false })).error?.code,
      ).toBe('42501');
      await expect(brain.call('ensure_event_months', { ahead: 25 })).rejects.toMatchObject({ code: 'CR002' });
      await expect(brain.call('ensure_event_months', { ahead: -1 })).rejects.toMatchObject({ code: 'CR002' });
    });
  });

  describe('closing a month', () => {
    let month = monthFrom(-30);
    let behind = 30;
    beforeEach(async () => {
      // A month of its own for every test: what is closed does not come back.
      month = monthFrom(-behind++);
      await addEvents(`${month}T10:00:00Z`, 5);
      await brain.call('ensure_event_months', {});
    });
    const held = () =>
      cell(`select count(*) from codered.events where created_at < '${month}'::date + 20 and created_at >= '${month}'`);

    it('drops it once it is archived, and tells so in the same transaction', async () => {
      expect(await close(month, 5)).toBeNull();
      expect(await cell(`select to_regclass('codered.${tableOf(month)}')`)).toBeNull();
      expect(await held()).toBe('0');
      expect(
        await cell(
          `select (payload - 'last_id')::text from codered.events where event_type = 'retention.month_archived' order by id desc limit 1`,
        ),
      ).toBe(
        JSON.stringify({ rows: 5, month: month.slice(0, 7), place: '/archive', sha256: 'a'.repeat(64) })
          .replaceAll('":', '": ')
          .replaceAll(',"', ', "'),
      );
    });

    it.each([
      ['fewer rows were archived than are there', { rows: 4 }, 'CR003'],
      ['more rows were archived than are there', { rows: 6 }, 'CR003'],
      ['it was not archived', { archived: false }, 'CR003'],
      ['the archive has no checksum', { sha256: undefined }, 'CR002'],
      ['the archive is nowhere', { place: '' }, 'CR002'],
    ])('is refused when %s', async (_, changes, code) => {
      await expect(close(month, 5, { sha256: 'a'.repeat(64), place: '/x', ...changes })).rejects.toMatchObject({
        code,
      });
      expect(await held()).toBe('5');
    });

    it('is refused when its policy says it is not due', async () => {
      await brain.script(`update codered.retention_policies set keep = null where table_name = 'events'`);
      await expect(close(month, 5)).rejects.toMatchObject({ code: 'CR003' });
      await brain.script(`update codered.retention_policies set keep = '90 years' where table_name = 'events'`);
      await expect(close(month, 5)).rejects.toMatchObject({ code: 'CR003' });
      await brain.script(`delete from codered.retention_policies where table_name = 'events'`);
      await expect(close(month, 5)).rejects.toMatchObject({ code: 'CR003' });
      await brain.script(`insert into codered.retention_policies (table_name, keep) values ('events', '24 months')`);
      await expect(close(monthFrom(0), 0)).rejects.toMatchObject({ code: 'CR003' });
      await expect(close('1999-01-01', 0)).rejects.toMatchObject({ code: 'CR004' });
      expect(await held()).toBe('5');
    });

    it('keeps its table, locked down, where the policy wants no archive, even when more of it comes late', async () => {
      await brain.script(`update codered.retention_policies set archive = false where table_name = 'events'`);
      await expect(close(month, 5)).rejects.toMatchObject({ code: 'CR003' });
      const kept = await brain.call('close_event_month', { month, rows: 5, archived: false });
      expect(kept).toBe(`events_kept_${tableOf(month).slice(7)}`);
      expect(await held()).toBe('0');
      expect(await cell(`select count(*) from codered.${kept}`)).toBe('5');
      for (const statement of [
        `delete from codered.${kept}`,
        `update codered.${kept} set event_type = 'x'`,
        `truncate codered.${kept}`,
        `insert into codered.${kept} (id, event_type) values (1, 'x')`,
      ]) {
        await expect(brain.sql(statement)).rejects.toMatchObject({ code: 'CR001' });
      }
      await expect(brain.script(`set role authenticated; select from codered.${kept}`)).rejects.toMatchObject({
        code: '42501',
      });
      await addEvents(`${month}T11:00:00Z`, 2);
      expect(await brain.call('ensure_event_months', {})).toEqual([tableOf(month)]);
      expect(await brain.call('close_event_month', { month, rows: 2, archived: false })).toBe(`${kept}_2`);
    });

    it('reads it first, line by line, in bounded pieces and without losing a digit', async () => {
      await brain.sql(
        `insert into codered.events (event_type, payload, created_at) select 'note.big', jsonb_build_object('t', repeat('x', 200000)), $1::timestamptz from generate_series(1, 40)`,
        [`${month}T12:00:00Z`],
      );
      const lines: string[] = [];
      let most = 0;
      for (let after_id = 0; ; ) {
        const page = await brain.call('read_event_month', { month, after_id, batch: 30 });
        if (page.length === 0) break;
        most = Math.max(most, JSON.stringify(page).length);
        lines.push(...page.map(({ line }) => line));
        after_id = page.at(-1)?.id ?? 0;
      }
      expect(most).toBeLessThan(4_600_000);
      const rows = await brain.sql(`select to_jsonb(e)::text as line from codered.${tableOf(month)} e order by id`);
      expect(lines.map((line) => line.replaceAll('+00:00"', '"'))).toEqual(
        rows.map(({ line }) => line?.replaceAll('+00:00"', '"')),
      );
      expect(lines[0]).toContain('12345678901234567890123');
    });
  });

  describe('rows', () => {
    const deliveries = (rows: readonly { status: string; days: number }[]) =>
      brain.sql(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
         select 1, 'g' || n, 'push', '{}', r ->> 'status', now() - (r ->> 'days')::numeric * interval '1 day'
         from jsonb_array_elements($1::jsonb) with ordinality as x (r, n)`,
        [JSON.stringify(rows)],
      );
    const failures = (rows: readonly { excerpt: string | null; days: number }[]) =>
      brain.sql(
        `insert into codered.errors (project_id, source, message, fingerprint, excerpt, excerpt_first_line, excerpt_last_line, line_number, step_first_line, created_at)
         select $2::uuid, 'runtime', 'it broke', 'f' || n, r ->> 'excerpt', 1, 3, 2, 1, now() - (r ->> 'days')::numeric * interval '1 day'
         from jsonb_array_elements($1::jsonb) with ordinality as x (r, n)`,
        [JSON.stringify(rows), PROJECT],
      );
    const guids = async () =>
      (await brain.sql('select guid from codered.webhook_deliveries order by guid')).map(({ guid }) => guid);

    it('that are finished and old go oldest first; what still wants somebody stays', async () => {
      await deliveries([
        ...['pending', 'processing', 'failed', 'dead'].map((status) => ({ status, days: 99 })),
        { status: 'done', days: 31 },
        { status: 'ignored', days: 40 },
        { status: 'done', days: 50 },
        { status: 'done', days: 29 },
      ]);
      expect(await prunable('webhook_deliveries')).toMatchObject({
        due: 3,
        keep: '30 days',
        oldest: expect.any(String),
      });
      expect(await brain.call('prune_deliveries', { batch: 2 })).toBe(2);
      expect(await guids()).toEqual(['g1', 'g2', 'g3', 'g4', 'g5', 'g8']);
      expect(await brain.call('prune_deliveries', { batch: 2 })).toBe(1);
      expect(await brain.call('prune_deliveries', { batch: 2 })).toBe(0);
      expect(await guids()).toEqual(['g1', 'g2', 'g3', 'g4', 'g8']);
    });

    it('of failures stay, and lose their excerpt alone', async () => {
      await failures([
        { excerpt: 'one', days: 401 },
        { excerpt: null, days: 500 },
        { excerpt: 'two', days: 399 },
      ]);
      await brain.sql(`
        insert into codered.error_matches (error_id, bug_pattern_id, line_number, line_text, others, other_lines)
        select e.id, p.id, 2, 'x', 4, '[{"line_number": 3, "text": "y"}]'
        from codered.errors e, (select id from codered.bug_patterns order by id limit 1) as p`);
      expect(await prunable('errors')).toMatchObject({ due: 1 });
      expect(await brain.call('prune_excerpts', { batch: 10 })).toBe(1);
      const named = `select m.others, m.other_lines from codered.error_matches m join codered.errors e on e.id = m.error_id order by e.fingerprint`;
      expect((await brain.sql(named)).map(({ others, other_lines }) => [others, other_lines === '[]'])).toEqual([
        ['4', true],
        ['4', false],
        ['4', false],
      ]);
      expect(await brain.call('prune_excerpts', { batch: 10 })).toBe(0);
      expect(
        await brain.sql(`select message, excerpt, excerpt_first_line as first, excerpt_last_line as last, line_number, step_first_line as step
                         from codered.errors order by fingerprint`),
      ).toEqual([
        { message: 'it broke', excerpt: null, first: null, last: null, line_number: '2', step: '1' },
        { message: 'it broke', excerpt: null, first: '1', last: '3', line_number: '2', step: '1' },
        { message: 'it broke', excerpt: 'two', first: '1', last: '3', line_number: '2', step: '1' },
      ]);
    });

    it.each(['null', `'1000000 years'`])('all stay where the policy keeps %s', async (keep) => {
      await brain.script(`update codered.retention_policies set keep = ${keep}`);
      await deliveries([{ status: 'done', days: 10_000 }]);
      await failures([{ excerpt: 'x', days: 10_000 }]);
      await addEvents(`${monthFrom(-25)}T00:00:00Z`, 1);
      expect(new Set((await brain.call('prunable', {})).map(({ due }) => due))).toEqual(new Set([0]));
      expect(await brain.call('prune_deliveries', { batch: 9 })).toBe(0);
      expect(await brain.call('prune_excerpts', { batch: 9 })).toBe(0);
      expect(await brain.call('event_months_due', {})).toEqual([]);
    });

    it.each(['prune_deliveries', 'prune_excerpts'] as const)('%s refuses a batch of none', async (name) => {
      await expect(brain.call(name, { batch: 0 })).rejects.toMatchObject({ code: 'CR002' });
      await expect(brain.call(name, { batch: null as never })).rejects.toMatchObject({ code: 'CR002' });
    });

    it('go exactly as announced, whatever their ages and statuses, and twice changes nothing', async () => {
      const delivery = fc.record({
        status: fc.constantFrom('pending', 'processing', 'done', 'failed', 'dead', 'ignored'),
        days: fc.integer({ min: 0, max: 90 }).map((days) => days + 0.5),
      });
      const failure = fc.record({
        excerpt: fc.option(fc.constant('lines')),
        days: fc.integer({ min: 0, max: 900 }).map((days) => days + 0.5),
      });
      const keep = fc.option(fc.integer({ min: 1, max: 60 }));
      const scene = fc.record({
        delivered: fc.array(delivery, { maxLength: 12 }),
        failed: fc.array(failure, { maxLength: 8 }),
        keep,
        batch: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ delivered, failed, keep: days, batch }) => {
          await brain.script('delete from codered.webhook_deliveries; delete from codered.errors');
          await brain.sql(
            `update codered.retention_policies set keep = make_interval(days => $1::integer) where table_name <> 'events'`,
            [days === null ? null : String(days)],
          );
          await deliveries(delivered);
          await failures(failed);
          const isOld = (age: number) => days !== null && age > days;
          const stays = delivered.map(
            ({ status, days: age }, n) => [`g${n + 1}`, !(['done', 'ignored'].includes(status) && isOld(age))] as const,
          );
          const found = [await prunable('webhook_deliveries'), await prunable('errors')].map((row) => row?.due);
          const pruned = [await drain('prune_deliveries', batch), await drain('prune_excerpts', batch)];
          expect(pruned).toEqual(found);
          expect(await guids()).toEqual(
            stays
              .filter(([, is]) => is)
              .map(([guid]) => guid)
              .toSorted(),
          );
          expect(await cell('select count(*) from codered.errors')).toBe(String(failed.length));
          expect(await cell('select count(excerpt) from codered.errors')).toBe(
            String(failed.filter(({ excerpt, days: age }) => excerpt !== null && !isOld(age)).length),
          );
          expect([await drain('prune_deliveries', batch), await drain('prune_excerpts', batch)]).toEqual([0, 0]);
          expect(
            (await brain.call('prunable', {}))
              .filter(({ table_name }) => ['errors', 'webhook_deliveries'].includes(table_name))
              .map(({ due }) => due),
          ).toEqual([0, 0]);
        }),
        { ...runs(25) },
      );
    });

    async function drain(name: 'prune_deliveries' | 'prune_excerpts', batch: number): Promise<number> {
      for (let all = 0; ; ) {
        const rows = await brain.call(name, { batch });
        if (rows === 0) return all;
        all += rows;
      }
    }
  });
});

describe('retention beside others (postgres)', () => {
  let brain: TestBrain;
  let other: ReturnType<typeof openPostgres>;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 8, onIdleError: () => {} });
  });
  afterAll(async () => {
    await other.close();
    await brain.close();
  });
  const waiting = () =>
    brain.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);

  it('makes each month once when several ask at once, while events are written', async () => {
    await brain.sql(
      `insert into codered.events (event_type, created_at) select 'note.x', now() - n * interval '20 days' from generate_series(5, 15) as n`,
    );
    const writers = Array.from({ length: 4 }, () =>
      other.session(async (session) => {
        for (let n = 0; n < 25; n++) {
          await session.query(
            `insert into codered.events (event_type, created_at) values ('note.w', now() + interval '100 days')`,
          );
        }
      }),
    );
    const made = await Promise.all(Array.from({ length: 4 }, () => brain.call('ensure_event_months', { ahead: 6 })));
    await Promise.all(writers);
    expect(made.flat()).toHaveLength(new Set(made.flat()).size);
    expect(made.flat().length).toBeGreaterThan(3);
    expect(await brain.sql(`select count(*) from codered.events where event_type in ('note.w', 'note.x')`)).toEqual([
      { count: '111' },
    ]);
    expect(
      await brain.sql(`select 1 from codered.events_other where created_at < now() + interval '3 months'`),
    ).toEqual([]);
  });

  it('makes them one caller after the other, however long somebody else appends', async () => {
    await other.session(async (session) => {
      await session.script(`begin; insert into codered.events (event_type) values ('note.first')`);
      const making = Promise.all([8, 9].map((ahead) => brain.call('ensure_event_months', { ahead })));
      await expect.poll(waiting).toHaveLength(2);
      await session.script('commit');
      const made = (await making).flat();
      expect(made).toContain(tableOf(monthFrom(9)));
      expect(new Set(made).size).toBe(made.length);
    });
  });

  it('waits for somebody who has just appended, and counts what they appended', async () => {
    const month = monthFrom(-30);
    await brain.sql(`insert into codered.events (event_type, created_at) values ('note.x', $1::timestamptz)`, [
      `${month}T01:00:00Z`,
    ]);
    await brain.call('ensure_event_months', {});
    await other.session(async (session) => {
      await session.script(`begin; insert into codered.events (event_type) values ('note.first')`);
      const closing = brain.call('close_event_month', {
        month,
        rows: 1,
        archived: true,
        sha256: 'a'.repeat(64),
        place: 'x',
      });
      const refused = expect(closing).rejects.toMatchObject({ code: 'CR003' });
      await expect.poll(waiting).toHaveLength(1);
      // It holds nothing while it waits, so this is no deadlock.
      await session.query(`insert into codered.events (event_type, created_at) values ('note.late', $1::timestamptz)`, [
        `${month}T02:00:00Z`,
      ]);
      await session.script('commit');
      await refused;
    });
    expect(await brain.sql(`select count(*) from codered.${tableOf(month)}`)).toEqual([{ count: '2' }]);
  });

  it('refuses to close a month in a transaction that sees the past', async () => {
    const closing = other.session(async (session) => {
      await session.script('begin isolation level repeatable read');
      await session.query(`select codered.close_event_month('${monthFrom(-30)}', 2, true, repeat('a', 64), 'x')`);
    });
    await expect(closing).rejects.toMatchObject({ code: 'CR003' });
  });

  it('leaves a delivery that somebody holds, and spares one that is replayed meanwhile', async () => {
    await brain.sql(`insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
      select 1, guid, 'push', '{}', 'done', now() - interval '60 days' from unnest(array['held', 'free']) as guid`);
    await other.session(async (session) => {
      await session.script('begin');
      await session.query(`select codered.replay_deliveries('{}', '{held}')`);
      expect(await brain.call('prune_deliveries', { batch: 10 })).toBe(1);
      await session.script('commit');
    });
    expect(await brain.call('prune_deliveries', { batch: 10 })).toBe(0);
    expect(await brain.sql('select guid, status from codered.webhook_deliveries')).toEqual([
      { guid: 'held', status: 'pending' },
    ]);
  });

  it('reads no large table from end to end for one batch', async () => {
    await brain.script(`
      insert into codered.orgs (id, login, name) values ('${PROJECT}', 'acme', 'Acme');
      insert into codered.projects (id, org_id, slug, name) values ('${PROJECT}', '${PROJECT}', 'web', 'Web');
      insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
        select 2, 'n' || n, 'push', '{}', 'done', now() - n * interval '3 minutes' from generate_series(1, 20000) as n;
      insert into codered.errors (project_id, source, message, fingerprint, excerpt, created_at)
        select '${PROJECT}', 'runtime', 'x', n::text, 'x', now() - n * interval '1 hour' from generate_series(1, 20000) as n;
      insert into codered.events (event_type, created_at) select 'note.many', now() - n * interval '2 minutes' from generate_series(1, 20000) as n;
      analyze codered.webhook_deliveries; analyze codered.errors; analyze codered.events`);
    await other.session(async (session) => {
      const scanned = async () =>
        await session.query(
          `select relname, seq_tup_read, idx_tup_fetch from pg_stat_xact_user_tables
           where schemaname = 'codered' and seq_tup_read + coalesce(idx_tup_fetch, 0) > 5000`,
        );
      for (const call of [
        'select codered.prune_deliveries(500)',
        'select codered.prune_excerpts(500)',
        `select count(*) from codered.read_event_month('${monthFrom(0)}', 0, 500)`,
      ]) {
        await session.script('begin');
        await session.query(call);
        expect(await scanned()).toEqual([]);
        await session.script('commit');
      }
      // The same question sees a scan where there is one.
      await session.script('begin');
      await session.query(`select count(*) from codered.errors where message = 'y'`);
      expect(await scanned()).toHaveLength(1);
    });
  });
});
