// The history as a list to be followed: nothing comes late into what was listed, and a place that is too old is told of.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import { openTestBrain, ruleBackend, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, makeProject, signUp } from '../support/people.ts';

const event = z.object({ id: z.int(), event_type: z.string() });
type Event = z.output<typeof event>;

describe.each(testBackends)('the list of events (%s)', (backend) => {
  let brain: TestBrain;
  let person = '';
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    person = await signUp(brain);
  });
  afterAll(() => brain.close());

  const newProject = async () => makeProject(brain, { org: await makeOrg(brain, { [person]: 'member' }) });
  const list = async (project_id: string, more: Record<string, string | number> = {}) =>
    z.array(event).parse(
      await brain.call('call_as', {
        user_id: person,
        name: 'list_events',
        arguments: { project_id, direction: 'oldest', ...more },
      }),
    );
  const append = (session: Pick<SqlSession, 'query'>, project: string, type: string) =>
    session.query('insert into codered.events (project_id, event_type) values ($1::uuid, $2)', [project, type]);
  const types = (events: readonly Event[]) => events.map(({ event_type }) => event_type);
  const appendNow = (project: string, type: string) => brain.session((session) => append(session, project, type));

  // The embedded database does one thing at a time: there is nobody to be late.
  describe.skipIf(ruleBackend === 'embedded')('while others write', () => {
    it('tells nothing that came after an event which is still to be committed, and then all in order', async () => {
      const project = await newProject();
      await appendNow(project, 'note.before');
      await brain.session(async (late) => {
        await late.script('begin');
        await append(late, project, 'note.late');
        await appendNow(project, 'note.early');
        expect(types(await list(project))).toEqual(['project.created', 'note.before']);
        expect(types(await list(project, { direction: 'newest' }))).toEqual(['note.before', 'project.created']);
        await append(late, project, 'note.later');
        await late.script('commit');
      });
      const all = await list(project);
      expect(types(all)).toEqual(['project.created', 'note.before', 'note.late', 'note.early', 'note.later']);
      expect(types(await list(project, { beyond_event: all[1]?.id ?? 0 }))).toEqual(types(all).slice(2));
    });

    it('waits for no transaction that was rolled back, or that writes no events', async () => {
      const project = await newProject();
      await brain.session(async (other) => {
        await other.script('begin; create temporary table idle (n integer) on commit drop');
        await other.script('savepoint one');
        await append(other, project, 'note.never');
        await appendNow(project, 'note.early');
        expect(types(await list(project))).toEqual(['project.created']);
        await other.script('rollback to savepoint one');
        expect(types(await list(project))).toEqual(['project.created', 'note.early']);
        await append(other, project, 'note.after');
        await appendNow(project, 'note.second');
        expect(types(await list(project))).toEqual(['project.created', 'note.early']);
        await other.script('rollback');
      });
      expect(types(await list(project))).toEqual(['project.created', 'note.early', 'note.second']);
    });

    it('gives whoever follows it each event once, in order, whoever writes and however long it takes', async () => {
      const project = await newProject();
      const seen: Event[] = [];
      let writing = true;
      const follow = async () => {
        const page = await list(project, {
          batch: 3,
          ...(seen.length === 0 ? {} : { after_event: seen.at(-1)?.id ?? 0 }),
        });
        seen.push(...page);
        return page.length;
      };
      const write = (name: string) =>
        brain.session(async (session) => {
          for (let n = 0; n < 15; n += 1) {
            await session.script('begin');
            for (let k = 0; k <= n % 3; k += 1) await append(session, project, `note.${name}_${n}_${k}`);
            await session.script(n % 5 === 4 ? 'rollback' : 'commit');
          }
        });
      const writers = Promise.all(['a', 'b', 'c'].map(write)).finally(() => {
        writing = false;
      });
      while (writing) await follow();
      await writers;
      while ((await follow()) > 0);
      const written = await brain.sql(
        'select id, event_type from codered.events where project_id = $1::uuid order by id',
        [project],
      );
      expect(seen.map(({ id }) => String(id))).toEqual(written.map(({ id }) => id));
      expect(seen).toHaveLength(1 + 3 * 24);
    });
  });

  it('is cut by type, task, run and time', async () => {
    const project = await newProject();
    const ids = ['a', 'b'].map((letter) => `${letter}0000000-0000-4000-8000-000000000001`);
    for (const id of ids) {
      await brain.sql(
        `insert into codered.events (project_id, task_id, run_id, event_type) values ($1::uuid, $2::uuid, $2::uuid, 'note.of')`,
        [project, id],
      );
    }
    for (const name of ['task_id', 'run_id']) {
      const [found, ...others] = await list(project, { [name]: ids[1] ?? '' });
      expect([found?.event_type, others]).toEqual(['note.of', []]);
    }
    expect(types(await list(project, { event_type: 'project.created' }))).toEqual(['project.created']);
    const [first] = await list(project);
    expect(types(await list(project, { after_event: first?.id ?? 0, direction: 'newest' }))).toEqual([
      'note.of',
      'note.of',
    ]);
    expect(await list(project, { since: '2100-01-01T00:00:00Z' })).toEqual([]);
    expect(await list(project, { until: '2000-01-01T00:00:00Z' })).toEqual([]);
    await expect(list(project, { direction: 'sideways' })).rejects.toMatchObject({ code: 'CR002' });
  });

  it('refuses a place after which something is no longer kept, and begins with what is', async () => {
    const project = await newProject();
    const old = await brain.sql(
      `insert into codered.events (project_id, event_type, created_at)
        select $1::uuid, 'note.old', date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '40 days'
        from generate_series(1, 3) returning id, to_char(created_at at time zone 'UTC', 'YYYY-MM-01') as month`,
      [project],
    );
    const [first, , last] = old.map(({ id }) => Number(id));
    await appendNow(project, 'note.new');
    expect(types(await list(project, { beyond_event: first ?? 0 }))).toEqual(['note.old', 'note.old', 'note.new']);
    await brain.call('ensure_event_months', {});
    await brain.sql(
      `update codered.retention_policies set keep = interval '1 day', archive = true where table_name = 'events'`,
    );
    const month = { month: old[0]?.month ?? '', rows: 3, archived: true, sha256: 'a'.repeat(64), place: '/archive' };
    await brain.call('close_event_month', month);
    for (const direction of ['oldest', 'newest']) {
      for (const beyond_event of [0, first ?? 0]) {
        await expect(list(project, { beyond_event, direction })).rejects.toMatchObject({ code: 'CR015' });
        await expect(list(project, { after_event: beyond_event, direction })).rejects.toMatchObject({ code: 'CR015' });
      }
    }
    expect(types(await list(project, { beyond_event: last ?? 0 }))).toEqual(['note.new']);
    expect(types(await list(project))).toContain('note.new');
  });
});
