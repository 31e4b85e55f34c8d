// Locks on tasks, and what happens when many write to the task store at once.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend, SqlError } from '../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends, testBrain } from '../support/brain.ts';
import { beginAs, openTaskScene, type TaskScene } from '../support/task-scene.ts';

interface Lock {
  readonly task_id: string;
  readonly locked_by: string | null;
  readonly locked_at: string | null;
  readonly locked_until: string | null;
}

describe.each(testBackends)('a lock on a task (%s)', (backend) => {
  let brain: TestBrain;
  let scene: TaskScene;
  let task: string;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    scene = await openTaskScene(brain);
    task = await scene.task({ title: 'Paint' });
  });

  type Step = 'take' | 'keep' | 'release' | 'break';
  const lock = async (step: Step, text: string | null, who: string | null = scene.member): Promise<Lock> => {
    const [row] = await scene.as(who, `select codered.${step}_task_lock($1::uuid, $2) as lock`, [task, text]);
    return JSON.parse(row?.lock ?? 'null');
  };
  const ageBy = (interval: string) =>
    brain.sql('update codered.tasks set locked_at = locked_at - $2::interval where id = $1::uuid', [task, interval]);
  const holder = async () =>
    (await brain.sql('select locked_by from codered.tasks where id = $1::uuid', [task]))[0]?.locked_by;
  /** By the database's clock, to the millisecond that a Date keeps. */
  const now = async () =>
    Number((await brain.sql('select floor(extract(epoch from clock_timestamp()) * 1000) as ms'))[0]?.ms);
  const free = () => ({ task_id: task, locked_by: null, locked_at: null, locked_until: null });
  const lasts = ({ locked_at, locked_until }: Lock) =>
    (Date.parse(locked_until ?? '') - Date.parse(locked_at ?? '')) / 60_000;

  it('is taken for an hour, and the same locker taking it again keeps it', async () => {
    const from = await now();
    const taken = await lock('take', 'me');
    expect(taken).toMatchObject({ task_id: task, locked_by: 'me' });
    expect(lasts(taken)).toBe(60);
    const at = Date.parse(taken.locked_at ?? '');
    expect([from <= at, at <= (await now())]).toEqual([true, true]);
    await ageBy('50 minutes');
    const again = await lock('take', 'me');
    expect(Date.parse(again.locked_at ?? '')).toBeGreaterThanOrEqual(Date.parse(taken.locked_at ?? ''));
    expect(lasts(again)).toBe(60);
  });

  it.each(['take', 'keep', 'release'] as const)(
    'refuses %s to anybody else, naming the holder and until when',
    async (step) => {
      const held = await lock('take', 'me');
      for (const who of [scene.maintainer, null]) {
        await expect(lock(step, 'you', who)).rejects.toMatchObject({
          code: 'CR005',
          message: `Task "Paint" is locked by "me" until ${held.locked_until?.slice(0, 19)}Z.`,
        });
      }
      const refused = (await lock(step, 'you').catch((error: unknown) => error)) as SqlError;
      expect(JSON.parse(refused.detail ?? '')).toEqual(held);
      expect(await holder()).toBe('me');
    },
  );

  it('is kept for an hour from now, also when it has lapsed and nobody took it', async () => {
    await lock('take', 'me');
    for (const age of ['59 minutes', '3 hours']) {
      await ageBy(age);
      const from = await now();
      const kept = await lock('keep', 'me');
      const at = Date.parse(kept.locked_until ?? '') - 3_600_000;
      expect([from <= at, at <= (await now())]).toEqual([true, true]);
    }
  });

  it('goes to the next when an hour is over, and the first can keep it no more', async () => {
    await lock('take', 'me');
    await ageBy('59 minutes 30 seconds');
    await expect(lock('take', 'you')).rejects.toMatchObject({ code: 'CR005' });
    await ageBy('30 seconds');
    expect(await lock('take', 'you')).toMatchObject({ locked_by: 'you' });
    await expect(lock('keep', 'me')).rejects.toMatchObject({ code: 'CR005' });
    await expect(lock('release', 'me')).rejects.toMatchObject({ code: 'CR005' });
    expect(await holder()).toBe('you');
  });

  it('is released once and for all, and is not to be kept then', async () => {
    await lock('take', 'me');
    expect(await lock('release', 'me')).toEqual(free());
    expect(await lock('release', 'me')).toEqual(free());
    await expect(lock('keep', 'me')).rejects.toMatchObject({
      code: 'CR003',
      message: 'Task "Paint" is not locked by "me"; allowed: take_task_lock.',
    });
    expect(await lock('take', 'you')).toMatchObject({ locked_by: 'you' });
  });

  it('that has lapsed is not released by somebody else', async () => {
    await lock('take', 'me');
    await ageBy('2 hours');
    expect(await lock('release', 'you')).toEqual(free());
    expect(await holder()).toBe('me');
    await expect(lock('keep', 'you')).rejects.toMatchObject({ code: 'CR003' });
  });

  it.each(['done', 'cancelled'])('is refused on a %s task, and ends when a task becomes so', async (status) => {
    await lock('take', 'me');
    await scene.as(scene.member, 'update codered.tasks set status = $2 where id = $1::uuid', [task, status]);
    expect(await holder()).toBeNull();
    await expect(lock('take', 'me')).rejects.toMatchObject({ code: 'CR003', message: expect.stringContaining(status) });
    await expect(lock('keep', 'me')).rejects.toMatchObject({ code: 'CR003' });
  });

  it('is out of reach on a deleted task, and ended with it', async () => {
    await lock('take', 'me');
    await scene.as(scene.member, 'update codered.tasks set deleted_at = now() where id = $1::uuid', [task]);
    expect(await holder()).toBeNull();
    for (const step of ['take', 'keep', 'release', 'break'] as const) {
      await expect(lock(step, 'me')).rejects.toMatchObject({ code: 'CR004' });
    }
  });

  it('is broken by a maintainer or the app, and the reason stays', async () => {
    for (const who of [scene.maintainer, null]) {
      const held = await lock('take', 'me');
      expect(await lock('break', 'The agent has crashed', who)).toEqual(free());
      const events = await scene.as(
        scene.member,
        'select event_type, user_id, payload from codered.list_task_events($1::uuid, 2)',
        [task],
      );
      expect(events).toMatchObject([
        { event_type: 'task.released', user_id: who },
        { event_type: 'note.task_lock_broken', user_id: who },
      ]);
      expect(JSON.parse(events[1]?.payload ?? '')).toEqual({ ...held, reason: 'The agent has crashed' });
    }
  });

  it('is not broken by a member, nor without a reason, and a free one leaves no note', async () => {
    await lock('take', 'me');
    await expect(lock('break', 'I want it')).rejects.toMatchObject({ code: 'CR008' });
    for (const reason of ['', null, 'x'.repeat(2001)]) {
      await expect(lock('break', reason, scene.maintainer)).rejects.toMatchObject({ code: 'CR002' });
    }
    expect(await holder()).toBe('me');
    await lock('release', 'me');
    const before = await brain.sql('select count(*) from codered.events');
    expect(await lock('break', 'for nothing', null)).toEqual(free());
    expect(await brain.sql('select count(*) from codered.events')).toEqual(before);
  });

  it.each([[''], [null], ['x'.repeat(201)]])('refuses %j for a locker', async (locker) => {
    for (const step of ['take', 'keep', 'release'] as const) {
      await expect(lock(step, locker)).rejects.toMatchObject({
        code: 'CR002',
        message: expect.stringContaining('tasks.locked_by'),
      });
    }
  });

  it('can be written by nobody past the functions', async () => {
    for (const who of [scene.member, scene.maintainer, null]) {
      await expect(
        scene.as(who, `update codered.tasks set locked_by = 'me', locked_at = now() where id = $1::uuid`, [task]),
      ).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('leaves an event whenever it is taken, kept and released', async () => {
    await lock('take', 'me');
    await lock('keep', 'me');
    await lock('release', 'me');
    expect(
      await scene.as(scene.member, 'select event_type from codered.list_task_events($1::uuid, 10)', [task]),
    ).toEqual(['task.released', 'task.locked', 'task.locked', 'task.created'].map((event_type) => ({ event_type })));
  });
});

describe('many at once (postgres)', () => {
  let brain: TestBrain;
  let crowd: SqlBackend;
  let scene: TaskScene;
  /** The scene over many connections. */
  let asMany: TaskScene['as'];
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    crowd = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 24, onIdleError: () => {} });
    scene = await openTaskScene(brain);
    const many = testBrain(crowd, brain.databaseUrl);
    asMany = (who, text, values = []) =>
      many.session(async (session) => {
        await beginAs(session, who);
        const rows = await session.query(text, values);
        await session.script('commit');
        return rows;
      });
  });
  afterAll(async () => {
    await crowd.close();
    await brain.close();
  });

  const codeOf = (settled: PromiseSettledResult<unknown>) =>
    settled.status === 'fulfilled' ? 'ok' : (settled.reason as SqlError).code;
  const outcomes = async (attempts: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(attempts)).map(codeOf).sort();
  const depend = 'update codered.tasks set dependencies = array[$2::uuid] where id = $1::uuid';
  const finish = `update codered.tasks set status = 'done' where id = $1::uuid`;
  const waitsForLock = (count = 1) =>
    expect
      .poll(() =>
        brain.sql(`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`),
      )
      .toHaveLength(count);
  /** Holds `first` open until as many as `second` starts wait for it; then everything ends. */
  const overlap = async (first: readonly [string, string[]], second: () => readonly Promise<unknown>[]) =>
    crowd.session(async (session) => {
      await beginAs(session, scene.member);
      await session.query(...first);
      const others = second();
      const settled = Promise.allSettled(others);
      await waitsForLock(others.length);
      await session.script('commit');
      return (await settled).map(codeOf);
    });

  it('leaves one winner of a lock, and tells the others who it is', async () => {
    for (let round = 0; round < 5; round++) {
      const task = await scene.task();
      if (round % 2 === 1) {
        await asMany(null, "select codered.take_task_lock($1::uuid, 'long gone')", [task]);
        await brain.sql(`update codered.tasks set locked_at = locked_at - interval '61 minutes' where id = $1::uuid`, [
          task,
        ]);
      }
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, place) =>
          asMany(place % 2 === 0 ? null : scene.member, 'select codered.take_task_lock($1::uuid, $2)', [
            task,
            `agent ${place}`,
          ]),
        ),
      );
      const [row] = await brain.sql('select locked_by from codered.tasks where id = $1::uuid', [task]);
      const winner = attempts.findIndex(({ status }) => status === 'fulfilled');
      expect(row?.locked_by).toBe(`agent ${winner}`);
      const refusals = attempts.filter((attempt) => attempt.status === 'rejected').map(({ reason }) => reason);
      expect(refusals).toHaveLength(19);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({
          code: 'CR005',
          message: expect.stringContaining(`by "agent ${winner}" until`),
        });
      }
    }
  });

  it('lets exactly one of a→b and b→a in, without a deadlock', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await scene.task(), await scene.task()];
      expect(await outcomes([asMany(scene.member, depend, [a, b]), asMany(null, depend, [b, a])])).toEqual([
        'CR006',
        'ok',
      ]);
    }
    const [a, b] = [await scene.task(), await scene.task()];
    expect(await overlap([depend, [a, b]], () => [asMany(scene.member, depend, [b, a])])).toEqual(['CR006']);
  });

  it('closes no ring of eight that are tied at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => scene.task()));
    const ties = ids.map((id, place) => asMany(scene.member, depend, [id, ids[(place + 1) % ids.length] ?? '']));
    expect(await outcomes(ties)).toEqual(['CR006', ...Array.from({ length: 7 }, () => 'ok')]);
  });

  it('lets a dependent go on when its last two dependencies are finished at once', async () => {
    const [a, b] = [await scene.task(), await scene.task()];
    const dependent = await scene.task({ dependencies: [a, b] });
    expect(await overlap([finish, [a]], () => [asMany(scene.member, finish, [b])])).toEqual(['ok']);
    expect(await scene.statuses(dependent)).toEqual(['backlog']);
  });

  it('does not leave a task waiting for one that is being finished just as it comes to depend on it', async () => {
    const insert = `insert into codered.tasks (project_id, title, dependencies) values ($1::uuid, 'late', array[$2::uuid]) returning id`;
    const [a, b, c] = [await scene.task(), await scene.task(), await scene.task()];
    await overlap([finish, [a]], () => [asMany(scene.member, insert, [scene.project, a])]);
    await overlap([depend, [b, c]], () => [asMany(scene.member, finish, [c])]);
    const late = await brain.sql(`select status from codered.tasks where title = 'late' or id = $1::uuid`, [b]);
    expect(late).toEqual([{ status: 'backlog' }, { status: 'backlog' }]);
  });

  it('starts no task whose dependency is being reopened', async () => {
    const start = `update codered.tasks set status = 'in_progress' where id = $1::uuid`;
    const reopen = `update codered.tasks set status = 'backlog' where id = $1::uuid`;
    const a = await scene.task({ status: 'done' });
    const [one, other] = [await scene.task({ dependencies: [a] }), await scene.task()];
    expect(await overlap([start, [one]], () => [asMany(scene.member, reopen, [a])])).toEqual(['ok']);
    expect(await scene.statuses(one)).toEqual(['blocked']);
    await asMany(scene.member, finish, [a]);
    expect(await overlap([reopen, [a]], () => [asMany(scene.member, start, [one])])).toEqual(['CR003']);
    await asMany(scene.member, finish, [a]);
    await asMany(scene.member, start, [other]);
    expect(await overlap([depend, [other, a]], () => [asMany(scene.member, reopen, [a])])).toEqual(['ok']);
    expect(await scene.statuses(one, other)).toEqual(['blocked', 'blocked']);
  });

  it('keeps no dependency on a task that is deleted just then', async () => {
    const [a, b] = [await scene.task(), await scene.task()];
    const gone = 'delete from codered.tasks where id = $1::uuid';
    expect(await overlap([gone, [a]], () => [asMany(scene.member, depend, [b, a])])).toEqual(['CR007']);
    const c = await scene.task();
    expect(await overlap([depend, [b, c]], () => [asMany(scene.member, gone, [c])])).toEqual(['ok']);
    expect(await brain.sql('select status, dependencies from codered.tasks where id = $1::uuid', [b])).toEqual([
      { status: 'backlog', dependencies: '{}' },
    ]);
  });

  it('counts every task of a milestone when they are finished at once', async () => {
    const [made] = await brain.sql(
      `insert into codered.milestones (project_id, name) values ($1::uuid, 'M') returning id`,
      [scene.project],
    );
    const milestone = made?.id ?? '';
    const progress = () =>
      brain.sql('select progress_percent from codered.milestones where id = $1::uuid', [milestone]);
    const [first, second] = [await scene.task({ milestone }), await scene.task({ milestone })];
    expect(await overlap([finish, [first]], () => [asMany(scene.member, finish, [second])])).toEqual(['ok']);
    expect(await progress()).toEqual([{ progress_percent: '100' }]);
    const ids = await Promise.all(Array.from({ length: 12 }, () => scene.task({ milestone })));
    expect(new Set(await outcomes(ids.map((id) => asMany(scene.member, finish, [id]))))).toEqual(new Set(['ok']));
    expect(await brain.sql('select progress_percent from codered.milestones where id = $1::uuid', [milestone])).toEqual(
      [{ progress_percent: '100' }],
    );
  });
});
