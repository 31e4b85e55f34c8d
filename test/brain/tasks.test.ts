// The task store in SQL: dependencies, states, milestones, checkpoints, history, views, and who may do what.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { beginAs, openTaskScene, type TaskScene } from '../support/task-scene.ts';

const parsed = (text: string | null | undefined) => JSON.parse(text ?? 'null');

describe.each(testBackends)('tasks (%s)', (backend) => {
  let brain: TestBrain;
  let scene: TaskScene;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    scene = await openTaskScene(brain);
  });

  /** As the member: one of the columns that they may write. */
  const set = (id: string, column: string, value: string | null, who: string | null = scene.member) =>
    scene.as(who, `update codered.tasks set ${column} = $2 where id = $1::uuid`, [id, value]);
  const setStatus = (id: string, status: string, who?: string | null) => set(id, 'status', status, who);
  const depend = (id: string, ...on: string[]) =>
    scene.as(scene.member, 'update codered.tasks set dependencies = $2::uuid[] where id = $1::uuid', [id, `{${on}}`]);
  const retire = (id: string) =>
    scene.as(scene.member, 'update codered.tasks set deleted_at = now() where id = $1::uuid', [id]);
  const restore = (id: string) =>
    scene.as(scene.member, 'update codered.tasks set deleted_at = null where id = $1::uuid', [id]);
  const row = async (id: string) => (await brain.sql('select * from codered.tasks where id = $1::uuid', [id]))[0];
  const call = async (who: string | null, expression: string, values: readonly (string | null)[] = []) =>
    parsed((await scene.as(who, `select to_json(codered.${expression}) as answer`, values))[0]?.answer);
  const refusal = (code: string, ...words: string[]) => ({
    code,
    message: expect.stringMatching(new RegExp(words.map((word) => word.replaceAll(/[.*+?()]/g, '\\$&')).join('.*'))),
  });

  describe('dependencies', () => {
    it('are refused when a task is named twice or null', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      await expect(depend(b, a, a)).rejects.toMatchObject(refusal('CR002', 'tasks.dependencies', a, 'each task once'));
      await expect(depend(b, 'null')).rejects.toMatchObject(refusal('CR002', 'tasks.dependencies'));
      expect(await row(b)).toMatchObject({ dependencies: '{}' });
    });

    it('are refused on the task itself, when it is made and when it is changed', async () => {
      const a = await scene.task({ title: 'Alone' });
      await expect(depend(a, a)).rejects.toMatchObject(refusal('CR006', 'Alone', 'itself'));
      const id = randomUUID();
      const insert = `insert into codered.tasks (id, project_id, title, dependencies) values ($1::uuid, $2::uuid, 'x', array[$1::uuid])`;
      await expect(scene.as(scene.member, insert, [id, scene.project])).rejects.toMatchObject({ code: 'CR006' });
    });

    it('are refused on a task of another project in the words of one that is not there, for the app too', async () => {
      const [theirs] = await scene.as(
        null,
        `insert into codered.tasks (project_id, title) values ($1::uuid, 'Theirs') returning id`,
        [scene.strangersProject],
      );
      const ours = await scene.task();
      const nowhere = randomUUID();
      const messages = [];
      for (const id of [theirs?.id ?? '', nowhere]) {
        const refused = await depend(ours, id).catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: 'CR007' });
        messages.push(String(refused).replace(id, 'ID'));
        await expect(
          scene.as(null, 'update codered.tasks set dependencies = array[$2::uuid] where id = $1::uuid', [ours, id]),
        ).rejects.toMatchObject({ code: 'CR007' });
      }
      expect(messages[0]).toBe(messages[1]);
    });

    it('are refused on a deleted task', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      await retire(a);
      await expect(depend(b, a)).rejects.toMatchObject({ code: 'CR007' });
    });

    it('never form a cycle, however long, and the refusal names the way', async () => {
      const ids: string[] = [];
      for (const title of ['One', 'Two', 'Three', 'Four'])
        ids.push(await scene.task({ title, dependencies: ids.slice(-1) }));
      await expect(depend(ids[0] ?? '', ids[3] ?? '')).rejects.toMatchObject(
        refusal('CR006', '"One" → "Four" → "Three" → "Two" → "One"'),
      );
      expect(await row(ids[0] ?? '')).toMatchObject({ dependencies: '{}' });
    });

    it('never form a cycle through a deleted task, which may come back', async () => {
      const a = await scene.task();
      const b = await scene.task({ dependencies: [a] });
      const c = await scene.task({ dependencies: [b] });
      await retire(b);
      await expect(depend(a, c)).rejects.toMatchObject({ code: 'CR006' });
    });

    it('never form a cycle within one statement', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      const swap = `update codered.tasks set dependencies = array[case id when $1::uuid then $2::uuid else $1::uuid end]
        where id in ($1::uuid, $2::uuid)`;
      await expect(scene.as(scene.member, swap, [a, b])).rejects.toMatchObject({ code: 'CR006' });
    });

    it('may meet again without a cycle, through a thousand ways', async () => {
      let layer = [await scene.task()];
      for (let depth = 0; depth < 12; depth++) {
        layer = [await scene.task({ dependencies: layer }), await scene.task({ dependencies: layer })];
      }
      const last = await scene.task({ dependencies: layer });
      expect(await row(last)).toMatchObject({ status: 'blocked' });
    });

    it('can be added under read committed only', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      const attempt = brain.session(async (session) => {
        await session.script('begin isolation level repeatable read');
        await session.query('update codered.tasks set dependencies = array[$2::uuid] where id = $1::uuid', [b, a]);
      });
      await expect(attempt).rejects.toMatchObject({ code: 'CR003' });
    });
  });

  describe('states', () => {
    it('keep completed_at: set when done, kept while done, gone when reopened', async () => {
      const id = await scene.task();
      await setStatus(id, 'done');
      const done = await row(id);
      expect(done).toMatchObject({ status: 'done', completed_at: expect.any(String) });
      await set(id, 'title', 'Another title');
      expect(await row(id)).toMatchObject({ completed_at: done?.completed_at });
      await setStatus(id, 'in_progress');
      expect(await row(id)).toMatchObject({ status: 'in_progress', completed_at: null });
    });

    it.each([
      ['done', 'blocked', 'backlog, in_progress'],
      ['done', 'ready_for_review', 'backlog, in_progress'],
      ['done', 'cancelled', 'backlog, in_progress'],
      ['cancelled', 'in_progress', 'backlog'],
      ['cancelled', 'done', 'backlog'],
      ['blocked', 'done', 'backlog, in_progress, cancelled'],
      ['blocked', 'ready_for_review', 'backlog, in_progress, cancelled'],
    ])('do not go from %s to %s, and the refusal says where to', async (from, to, allowed) => {
      const id = await scene.task({ status: from });
      await expect(setStatus(id, to)).rejects.toMatchObject(
        refusal('CR003', `"${from}" to "${to}"`, `allowed: ${allowed}.`),
      );
      await expect(setStatus(id, to, null)).rejects.toMatchObject({ code: 'CR003' });
      expect(await scene.statuses(id)).toEqual([from]);
    });

    it.each([
      ['backlog', 'done'],
      ['in_progress', 'ready_for_review'],
      ['ready_for_review', 'in_progress'],
      ['blocked', 'in_progress'],
      ['done', 'backlog'],
      ['cancelled', 'backlog'],
    ])('go from %s to %s', async (from, to) => {
      const id = await scene.task({ status: from });
      await setStatus(id, to);
      expect(await scene.statuses(id)).toEqual([to]);
    });

    it('leave a word that is no status to the CHECK', async () => {
      const id = await scene.task();
      await expect(setStatus(id, 'finished')).rejects.toMatchObject(
        refusal('CR002', 'tasks.status', 'finished', 'backlog'),
      );
      await expect(setStatus(id, '')).rejects.toMatchObject({ code: 'CR002' });
    });

    it('make a backlog task with an open dependency blocked, however it comes by it', async () => {
      const open = await scene.task();
      expect(await scene.statuses(await scene.task({ dependencies: [open] }))).toEqual(['blocked']);
      const later = await scene.task();
      await depend(later, open);
      expect(await scene.statuses(later)).toEqual(['blocked']);
      await setStatus(later, 'backlog');
      expect(await scene.statuses(later)).toEqual(['blocked']);
    });

    it.each(['in_progress', 'ready_for_review', 'done'])(
      'refuse %s while a dependency is open, and name it',
      async (status) => {
        const [a, b] = [await scene.task({ title: 'Foundation' }), await scene.task({ title: 'Roof', status: 'done' })];
        const id = await scene.task({ title: 'House', dependencies: [a, b] });
        await expect(setStatus(id, status)).rejects.toMatchObject(
          refusal('CR003', 'House', status, '"Foundation" (backlog)'),
        );
        await expect(setStatus(id, status)).rejects.toMatchObject({ message: expect.not.stringContaining('Roof') });
        await expect(scene.task({ status, dependencies: [a] })).rejects.toMatchObject({ code: 'CR003' });
        expect(await scene.statuses(id)).toEqual(['blocked']);
      },
    );

    it('count a cancelled dependency as open until it is taken out', async () => {
      const a = await scene.task({ status: 'cancelled' });
      const id = await scene.task({ dependencies: [a] });
      await expect(setStatus(id, 'in_progress')).rejects.toMatchObject(refusal('CR003', 'cancelled'));
      await depend(id);
      expect(await scene.statuses(id)).toEqual(['backlog']);
    });

    it('block a started task to which an open dependency is added, and refuse one for a finished task', async () => {
      const open = await scene.task();
      const [started, finished] = [await scene.task({ status: 'in_progress' }), await scene.task({ status: 'done' })];
      await depend(started, open);
      expect(await scene.statuses(started)).toEqual(['blocked']);
      await expect(depend(finished, open)).rejects.toMatchObject({ code: 'CR003' });
    });

    it('let several dependents go on when the last dependency of each is done', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      const onA = await scene.task({ dependencies: [a] });
      const alsoOnA = await scene.task({ dependencies: [a] });
      const onBoth = await scene.task({ dependencies: [a, b] });
      const onDependent = await scene.task({ dependencies: [onA] });
      await setStatus(a, 'done');
      expect(await scene.statuses(onA, alsoOnA, onBoth, onDependent)).toEqual([
        'backlog',
        'backlog',
        'blocked',
        'blocked',
      ]);
      await setStatus(b, 'done', null);
      expect(await scene.statuses(onBoth)).toEqual(['backlog']);
    });

    it('let dependents go on when one statement finishes all they wait for', async () => {
      const [a, b] = [await scene.task(), await scene.task()];
      const dependents = [await scene.task({ dependencies: [a, b] }), await scene.task({ dependencies: [b] })];
      await scene.as(scene.member, `update codered.tasks set status = 'done' where id in ($1::uuid, $2::uuid)`, [a, b]);
      expect(await scene.statuses(...dependents)).toEqual(['backlog', 'backlog']);
    });

    it('leave a task alone that was blocked by hand and depends on nothing', async () => {
      const [a, byHand] = [await scene.task(), await scene.task({ status: 'blocked' })];
      await setStatus(a, 'done');
      await set(byHand, 'title', 'Still waiting');
      expect(await scene.statuses(byHand)).toEqual(['blocked']);
    });

    it('block what has begun when its dependency is reopened, and leave what is finished', async () => {
      const a = await scene.task({ status: 'done' });
      const ids: string[] = [];
      for (const status of ['backlog', 'in_progress', 'ready_for_review', 'done', 'cancelled']) {
        ids.push(await scene.task({ status, dependencies: [a] }));
      }
      await setStatus(a, 'in_progress');
      expect(await scene.statuses(...ids)).toEqual(['blocked', 'blocked', 'blocked', 'done', 'cancelled']);
    });

    it('let dependents go on without a deleted task, and wait again when it is restored', async () => {
      const a = await scene.task();
      const id = await scene.task({ dependencies: [a] });
      await retire(a);
      expect(await scene.statuses(id)).toEqual(['backlog']);
      await setStatus(id, 'in_progress');
      await restore(a);
      expect(await scene.statuses(id)).toEqual(['blocked']);
    });

    it('leave a deleted task as it is, and decide when it is restored', async () => {
      const a = await scene.task();
      const [waits, started] = [await scene.task({ dependencies: [a] }), await scene.task({ status: 'in_progress' })];
      await retire(waits);
      await setStatus(a, 'done');
      expect(await scene.statuses(waits)).toEqual(['blocked']);
      await restore(waits);
      expect(await scene.statuses(waits)).toEqual(['backlog']);

      await depend(started, a);
      await retire(started);
      await setStatus(a, 'backlog');
      expect(await scene.statuses(started)).toEqual(['in_progress']);
      await restore(started);
      expect(await scene.statuses(started)).toEqual(['blocked']);
    });

    it('take a task that is really deleted out of the dependencies, and let its dependents go on', async () => {
      const [a, b] = [await scene.task(), await scene.task({ status: 'done' })];
      const id = await scene.task({ dependencies: [a, b] });
      await scene.as(scene.member, 'delete from codered.tasks where id = $1::uuid', [a]);
      expect(await row(id)).toMatchObject({ status: 'backlog', dependencies: `{${b}}` });
    });
  });

  describe('milestones', () => {
    const milestone = async (fields = '') => {
      const [made] = await scene.as(
        scene.member,
        `insert into codered.milestones (project_id, name${fields && ', progress_percent'}) values ($1::uuid, 'M'${fields && `, ${fields}`}) returning id`,
        [scene.project],
      );
      return made?.id ?? '';
    };
    const progress = async (id: string) => {
      const [found] = await brain.sql(
        `select progress_percent || case when progress_is_manual then ' by hand' else '' end as progress
         from codered.milestones where id = $1::uuid`,
        [id],
      );
      return found?.progress;
    };

    it('follow the share of their tasks that are done, rounded down', async () => {
      const id = await milestone();
      const tasks = [];
      for (const status of ['done', 'done', 'backlog']) tasks.push(await scene.task({ status, milestone: id }));
      expect(await progress(id)).toBe('66');
      await setStatus(tasks[2] ?? '', 'done');
      expect(await progress(id)).toBe('100');
      await setStatus(tasks[0] ?? '', 'in_progress');
      expect(await progress(id)).toBe('66');
    });

    it('leave cancelled and deleted tasks out, and count them again when they come back', async () => {
      const id = await milestone();
      await scene.task({ status: 'done', milestone: id });
      const [a, b] = [await scene.task({ milestone: id }), await scene.task({ milestone: id })];
      expect(await progress(id)).toBe('33');
      await setStatus(a, 'cancelled');
      expect(await progress(id)).toBe('50');
      await retire(b);
      expect(await progress(id)).toBe('100');
      await restore(b);
      expect(await progress(id)).toBe('50');
      await scene.as(scene.member, 'delete from codered.tasks where id = $1::uuid', [b]);
      expect(await progress(id)).toBe('100');
    });

    it('change on both sides when a task goes from one to another', async () => {
      const [from, to] = [await milestone(), await milestone()];
      const task = await scene.task({ status: 'done', milestone: from });
      await scene.as(scene.member, 'update codered.tasks set milestone_id = $2::uuid where id = $1::uuid', [task, to]);
      expect([await progress(from), await progress(to)]).toEqual(['0', '100']);
    });

    it('stay as set by hand until they are told to follow again', async () => {
      const id = await milestone();
      await scene.task({ milestone: id });
      expect(await call(scene.member, 'set_milestone_progress($1::uuid, 80)', [id])).toBe(80);
      await scene.task({ status: 'done', milestone: id });
      expect(await progress(id)).toBe('80 by hand');
      expect(await call(scene.member, 'set_milestone_progress($1::uuid, null)', [id])).toBe(50);
      await scene.task({ status: 'done', milestone: id });
      expect(await progress(id)).toBe('66');
    });

    it.each(['member', 'app'])('are set by hand when the %s writes another percentage', async (who) => {
      const id = await milestone();
      const task = await scene.task({ milestone: id });
      const write = 'update codered.milestones set progress_percent = 10 where id = $1::uuid';
      await scene.as(who === 'app' ? null : scene.member, write, [id]);
      await setStatus(task, 'done');
      expect(await progress(id)).toBe('10 by hand');
      await scene.as(
        scene.member,
        `update codered.milestones set name = 'N', progress_percent = 10 where id = $1::uuid`,
        [id],
      );
      expect(await progress(id)).toBe('10 by hand');
      await scene.as(scene.member, 'update codered.milestones set progress_is_manual = false where id = $1::uuid', [
        id,
      ]);
      expect(await progress(id)).toBe('100');
    });

    it('are set by hand from the start when they come with a percentage', async () => {
      expect([await progress(await milestone('40')), await progress(await milestone('0'))]).toEqual([
        '40 by hand',
        '0',
      ]);
    });

    it('refuse less than 0 and more than 100', async () => {
      const id = await milestone();
      for (const percent of [-1, 101]) {
        await expect(call(scene.member, `set_milestone_progress($1::uuid, ${percent})`, [id])).rejects.toMatchObject(
          refusal('CR002', 'milestones.progress_percent', String(percent), '0 to 100'),
        );
      }
      expect(await progress(id)).toBe('0');
    });

    it('can go without taking their tasks along', async () => {
      const id = await milestone();
      const task = await scene.task({ milestone: id });
      await scene.as(scene.maintainer, 'delete from codered.milestones where id = $1::uuid', [id]);
      expect(await row(task)).toMatchObject({ milestone_id: null });
    });
  });

  describe('checkpoints', () => {
    const checkpoint = (label: string, who: string | null = scene.member) =>
      brainCall(who, 'create_checkpoint', {
        project_id: scene.project,
        label,
        repo_ref: 'main',
        resume_instructions: `Go on from ${label}`,
        snapshot: { step: label },
      });
    const brainCall = async (who: string | null, name: string, args: Record<string, Json>) => {
      const claims = who === null ? { role: 'service_role' } : { role: 'authenticated', sub: who };
      const client: { rpc(name: string, args: object): PromiseLike<{ data: unknown; error: unknown }> } =
        brain.clientFor(claims);
      const { data, error } = await client.rpc(name, args);
      if (error !== null) throw error;
      return data;
    };
    const resume = (who: string | null = scene.member) =>
      brainCall(who, 'resume_project', { project_id: scene.project });

    it('leave a clear empty state when there is none', async () => {
      await scene.task();
      expect(await resume()).toMatchObject({
        has_checkpoint: false,
        checkpoint: null,
        resume_instructions: null,
        events: [],
        events_total: 0,
        tasks: [],
        message: expect.stringContaining('no checkpoint yet'),
      });
    });

    it('tell where to go on, from the latest, and what has changed since', async () => {
      const [a, b, c, d] = [
        await scene.task({ title: 'Finished since' }),
        await scene.task({ title: 'Back where it was' }),
        await scene.task({ title: 'Deleted since' }),
        await scene.task({ title: 'Untouched' }),
      ];
      await checkpoint('first');
      await setStatus(d ?? '', 'in_progress');
      const latest = await checkpoint('second', null);
      await setStatus(a, 'in_progress');
      await setStatus(a, 'done');
      await setStatus(b, 'in_progress');
      await setStatus(b, 'backlog');
      await retire(c);
      const e = await scene.task({ title: 'New since' });
      for (const who of [scene.member, null]) {
        const answer = await resume(who);
        expect(answer).toMatchObject({
          has_checkpoint: true,
          checkpoint: { id: latest, label: 'second', repo_ref: 'main', snapshot: { step: 'second' } },
          resume_instructions: 'Go on from second',
          events_total: 6,
          message: null,
          project: { id: scene.project, name: 'Our project' },
        });
        expect(answer).toMatchObject({
          tasks: [
            { task_id: c, title: 'Deleted since', was: 'backlog', now: null },
            { task_id: a, title: 'Finished since', was: 'backlog', now: 'done' },
            { task_id: e, title: 'New since', was: null, now: 'backlog' },
          ].sort((one, other) => (one.now === null ? 1 : other.now === null ? -1 : 0)),
        });
        const { events } = answer as { events: { event_type: string; task_id: string }[] };
        expect(events.map(({ event_type }) => event_type)).toEqual([
          'task.created',
          'task.retired',
          ...Array.from({ length: 4 }, () => 'task.status_changed'),
        ]);
      }
    });

    it('tell of the newest 200 events and how many there were', async () => {
      const id = await scene.task();
      await checkpoint('first');
      await brain.sql(
        `insert into codered.events (project_id, task_id, event_type, payload)
         select $1::uuid, $2::uuid, 'note.n', jsonb_build_object('n', n) from generate_series(1, 250) n`,
        [scene.project, id],
      );
      const answer = (await resume()) as { events: { payload: { n: number } }[]; events_total: number };
      expect(answer.events_total).toBe(250);
      expect(answer.events.map(({ payload }) => payload.n)).toEqual(Array.from({ length: 200 }, (_, i) => 250 - i));
    });

    it('refuse a missing label and a snapshot that is no object', async () => {
      const make = (args: Record<string, Json>) =>
        brainCall(scene.member, 'create_checkpoint', { project_id: scene.project, ...args });
      await expect(make({ label: null })).rejects.toMatchObject(refusal('CR002', 'checkpoints.label'));
      await expect(make({ label: 'x', snapshot: [1] })).rejects.toMatchObject(refusal('CR002', 'checkpoints.snapshot'));
      expect(await brain.sql('select from codered.checkpoints where project_id = $1::uuid', [scene.project])).toEqual(
        [],
      );
    });

    it('stand beside the open tasks in what a project is about', async () => {
      const a = await scene.task({ title: 'Open' });
      await scene.task({ status: 'done' });
      await scene.task({ status: 'cancelled' });
      await retire(await scene.task());
      await set(await scene.task({ title: 'Urgent' }), 'priority', '1');
      await brainCall(scene.member, 'take_task_lock', { task_id: a, locker: 'agent 7' });
      const context = () => brainCall(scene.member, 'project_context', { project_id: scene.project });
      expect(await context()).toMatchObject({
        project: { id: scene.project },
        open_tasks: [
          { title: 'Urgent', lock: null },
          { id: a, title: 'Open', lock: { locked_by: 'agent 7' } },
        ],
        open_tasks_total: 2,
        checkpoint: null,
      });
      await checkpoint('first');
      expect(await context()).toMatchObject({
        checkpoint: { label: 'first', resume_instructions: 'Go on from first' },
      });
    });
  });

  describe('history', () => {
    const eventsOf = async (project = scene.project) =>
      (await brain.sql('select event_type from codered.events where project_id = $1::uuid order by id', [project])).map(
        ({ event_type }) => event_type,
      );

    it.each([
      [
        'task',
        `insert into codered.tasks (project_id, title) values ($1::uuid, 'x')`,
        "update codered.tasks set title = 'y'",
      ],
      [
        'checkpoint',
        `insert into codered.checkpoints (project_id, label) values ($1::uuid, 'x')`,
        "update codered.checkpoints set label = 'y'",
      ],
      [
        'decision',
        `insert into codered.decisions (project_id, title) values ($1::uuid, 'x')`,
        "update codered.decisions set title = 'y'",
      ],
      [
        'project',
        `insert into codered.projects (slug, name, owner_user_id) values (replace($1, '-', '_'), 'x', auth.uid())`,
        "update codered.projects set name = 'y'",
      ],
    ])('is written with every change of a %s, and rolled back with it', async (thing, insert, update) => {
      const count = async () => Number((await brain.sql('select count(*) from codered.events'))[0]?.count);
      const before = await count();
      const change = async (end: 'commit' | 'rollback') =>
        brain.session(async (session) => {
          await beginAs(session, scene.member);
          const [made] = await session.query(`${insert} returning id`, [scene.project]);
          await session.query(`${update} where id = $1::uuid`, [made?.id ?? null]);
          await session.query(`delete from codered.${thing}s where id = $1::uuid and $2 = 'commit'`, [
            made?.id ?? null,
            end,
          ]);
          await session.script(end);
          return made?.id ?? '';
        });
      await change('rollback');
      expect(await count()).toBe(before);
      const id = await change('commit');
      expect(
        await brain.sql(`select event_type, user_id from codered.events where payload ->> 'id' = $1 order by id`, [id]),
      ).toEqual(
        ['created', 'updated', ...(thing === 'project' && id === '' ? [] : ['deleted'])].map((what) => ({
          event_type: `${thing}.${what}`,
          user_id: scene.member,
        })),
      );
    });

    it('tells of what the triggers did to dependents, too', async () => {
      const a = await scene.task();
      const b = await scene.task({ dependencies: [a] });
      await setStatus(a, 'done');
      const [last] = await brain.sql(
        'select event_type, user_id, payload from codered.events where task_id = $1::uuid order by id desc limit 1',
        [b],
      );
      expect(last).toMatchObject({ event_type: 'task.status_changed', user_id: scene.member });
      expect(parsed(last?.payload)).toMatchObject({ changed: { status: ['blocked', 'backlog'] } });
    });

    it('is the timeline of a task, page by page, also of one that is gone', async () => {
      const id = await scene.task();
      for (const title of ['one', 'two', 'three']) await set(id, 'title', title);
      await scene.as(scene.member, 'delete from codered.tasks where id = $1::uuid', [id]);
      const page = (before: string | null) =>
        scene.as(scene.member, 'select id, event_type from codered.list_task_events($1::uuid, 2, $2::bigint)', [
          id,
          before,
        ]);
      const pages = [await page(null)];
      for (let last = pages[0]?.at(-1)?.id; last; last = pages.at(-1)?.at(-1)?.id) pages.push(await page(last));
      expect(pages.flat().map(({ event_type }) => event_type)).toEqual([
        'task.deleted',
        ...Array.from({ length: 3 }, () => 'task.updated'),
        'task.created',
      ]);
    });

    it('of a task leaves out what is noted under its id in another project', async () => {
      const id = await scene.task();
      await brain.sql(
        `insert into codered.events (project_id, task_id, event_type) values ($1::uuid, $2::uuid, 'note.spam')`,
        [scene.strangersProject, id],
      );
      expect(await scene.as(null, 'select event_type from codered.list_task_events($1::uuid, 10)', [id])).toEqual([
        { event_type: 'task.created' },
      ]);
    });

    it('is found by the words in it, newest first, and no page skips what shares a time', async () => {
      const note = (text: string) =>
        scene.as(
          scene.member,
          `insert into codered.events (project_id, event_type, payload)
          select $1::uuid, 'note.n', jsonb_build_object('text', $2 || ' ' || n) from generate_series(1, 3) n`,
          [scene.project, text],
        );
      await note('the lighthouse is slow');
      await note('Lighthouse budget raised');
      await note('nothing of the kind');
      const search = (who: string | null, query: string, batch: number, before: string | null = null) =>
        scene.as(
          who,
          `select payload ->> 'text' as text, created_at from codered.search_events($1::uuid, $2, $3::integer, $4::timestamptz)`,
          [scene.project, query, String(batch), before],
        );
      const first = await search(scene.member, 'lighthouse', 1);
      expect(first.map(({ text }) => text).sort()).toEqual([1, 2, 3].map((n) => `Lighthouse budget raised ${n}`));
      const second = await search(scene.member, 'lighthouse', 1, first.at(-1)?.created_at);
      expect(second.map(({ text }) => text).sort()).toEqual([1, 2, 3].map((n) => `the lighthouse is slow ${n}`));
      expect(await search(scene.member, 'lighthouse', 1, second.at(-1)?.created_at)).toEqual([]);
      expect(await search(null, '"budget raised" 2', 5)).toMatchObject([{ text: 'Lighthouse budget raised 2' }]);
      expect(await search(scene.member, "'); drop table --", 5)).toEqual([]);
      expect(await search(scene.member, 'lighthouse -slow -budget', 5)).toEqual([]);
      // No index knows which rows lack a word: everybody's would be read.
      for (const query of ['-lighthouse', 'lighthouse or -slow', '-"budget raised" -2']) {
        await expect(search(scene.member, query, 5)).rejects.toMatchObject(refusal('CR002', 'search_events.query'));
      }
      await expect(search(scene.member, ' ', 5)).rejects.toMatchObject(refusal('CR002', 'search_events.query'));
      for (const batch of [0, 501]) {
        await expect(search(scene.member, 'x', batch)).rejects.toMatchObject(
          refusal('CR002', 'search_events.batch', '1 to 500'),
        );
      }
    });

    it('keeps quiet about who looked', async () => {
      await call(scene.member, 'project_context($1::uuid)', [scene.project]);
      expect(await eventsOf()).toEqual(['project.created']);
    });
  });

  describe('views', () => {
    it('show the tasks that are worked on, and who has them', async () => {
      const [a, b] = [await scene.task({ status: 'in_progress' }), await scene.task({ status: 'blocked' })];
      await scene.task({ status: 'backlog' });
      await retire(await scene.task({ status: 'in_progress' }));
      await call(scene.member, "take_task_lock($1::uuid, 'me')", [a]);
      const look = () =>
        scene.as(
          scene.member,
          'select id, project_name, is_actively_locked from codered.active_tasks where project_id = $1::uuid',
          [scene.project],
        );
      const locked = { id: a, project_name: 'Our project', is_actively_locked: 't' };
      const free = { id: b, project_name: 'Our project', is_actively_locked: 'f' };
      expect(await look()).toEqual([locked, free]);
      await brain.sql(`update codered.tasks set locked_at = locked_at - interval '1 hour' where id = $1::uuid`, [a]);
      expect(await look()).toEqual([{ ...locked, is_actively_locked: 'f' }, free]);
    });

    it('show what happened, with the names of project and task', async () => {
      const id = await scene.task({ title: 'Named' });
      const look = () =>
        scene.as(scene.member, 'select project_name, task_title, event_type from codered.recent_events');
      expect(await look()).toEqual([
        { project_name: 'Our project', task_title: 'Named', event_type: 'task.created' },
        { project_name: 'Our project', task_title: null, event_type: 'project.created' },
      ]);
      await retire(id);
      expect((await look())[0]).toMatchObject({ task_title: null, event_type: 'task.retired' });
    });

    it('show how far each task is, also one without criteria and artifacts', async () => {
      const [a, b] = [await scene.task({ title: 'a' }), await scene.task({ title: 'b' })];
      await scene.as(scene.member, `update codered.tasks set acceptance_criteria = '{one,two}' where id = $1::uuid`, [
        a,
      ]);
      await brain.sql(
        `insert into codered.artifacts (project_id, task_id, kind, ref) select $1::uuid, $2::uuid, 'diff', n::text from generate_series(1, 3) n`,
        [scene.project, a],
      );
      const look = 'select id, total_criteria, artifact_count from codered.task_progress order by title';
      expect(await scene.as(scene.member, look)).toEqual([
        { id: a, total_criteria: '2', artifact_count: '3' },
        { id: b, total_criteria: '0', artifact_count: '0' },
      ]);
      await retire(a);
      expect(await scene.as(scene.member, look)).toHaveLength(1);
    });

    it('leave retired projects out', async () => {
      await scene.task({ status: 'in_progress' });
      await brain.sql('update codered.projects set deleted_at = now() where id = $1::uuid', [scene.project]);
      for (const view of ['active_tasks', 'recent_events', 'task_progress']) {
        expect(await scene.as(scene.member, `select from codered.${view}`)).toEqual([]);
        expect(
          await scene.as(null, `select from codered.${view} where project_id = $1::uuid`, [scene.project]),
        ).toEqual([]);
      }
    });
  });

  describe('a stranger', () => {
    let task: string;
    let milestone: string;
    beforeEach(async () => {
      task = await scene.task({ status: 'in_progress' });
      await call(scene.member, "take_task_lock($1::uuid, 'me')", [task]);
      await call(scene.member, "create_checkpoint($1::uuid, 'first')", [scene.project]);
      const [made] = await scene.as(
        scene.member,
        `insert into codered.milestones (project_id, name) values ($1::uuid, 'M') returning id`,
        [scene.project],
      );
      milestone = made?.id ?? '';
    });

    const snapshot = () =>
      brain.sql(
        `select (select json_agg(t) from codered.tasks t where project_id = $1::uuid) as tasks,
          (select json_agg(m) from codered.milestones m where project_id = $1::uuid) as milestones,
          (select json_agg(c) from codered.checkpoints c where project_id = $1::uuid) as checkpoints,
          (select count(*) from codered.events) as events`,
        [scene.project],
      );

    it.each([
      ["take_task_lock($1::uuid, 'me')", 'task'],
      ["keep_task_lock($1::uuid, 'me')", 'task'],
      ["release_task_lock($1::uuid, 'me')", 'task'],
      ["break_task_lock($1::uuid, 'because')", 'task'],
      ['list_task_events($1::uuid, 10)', 'task'],
      ['set_milestone_progress($1::uuid, 50)', 'milestone'],
      ['set_milestone_progress($1::uuid, null)', 'milestone'],
      ["create_checkpoint($1::uuid, 'mine')", 'project'],
      ['resume_project($1::uuid)', 'project'],
      ['project_context($1::uuid)', 'project'],
      ["search_events($1::uuid, 'first', 10)", 'project'],
    ])('gets CR004 from %s in the words of what is not there, and changes nothing', async (expression, kind) => {
      const before = await snapshot();
      const real = { task, milestone, project: scene.project }[kind] ?? '';
      const messages = [];
      for (const id of [real, randomUUID()]) {
        const refused = await call(scene.stranger, expression, [id]).catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: 'CR004' });
        messages.push(String(refused).replace(id, 'ID'));
      }
      expect(messages[0]).toBe(messages[1]);
      expect(await snapshot()).toEqual(before);
      expect(await call(scene.maintainer, expression, [real])).toBeDefined();
    });

    it('is nobody who came without an id', async () => {
      const attempt = brain.session(async (session) => {
        await session.script(
          `begin; set local role authenticated; set local request.jwt.claims = '{"role":"authenticated"}'`,
        );
        await session.query("select codered.take_task_lock($1::uuid, 'me')", [task]);
      });
      await expect(attempt).rejects.toMatchObject({ code: 'CR004' });
    });

    it('sees nothing in the views', async () => {
      for (const view of ['active_tasks', 'task_progress']) {
        expect(await scene.as(scene.stranger, `select from codered.${view}`)).toEqual([]);
      }
      expect(await scene.as(scene.stranger, 'select distinct project_id from codered.recent_events')).toEqual([
        { project_id: scene.strangersProject },
      ]);
    });

    it('changes no task, and learns nothing from trying to make one', async () => {
      const before = await snapshot();
      await setStatus(task, 'done', scene.stranger);
      const make = (dependency: string) =>
        scene
          .as(
            scene.stranger,
            `insert into codered.tasks (project_id, title, dependencies) values ($1::uuid, 'x', array[$2::uuid])`,
            [scene.project, dependency],
          )
          .catch((error: unknown) => String(error).replace(dependency, 'ID'));
      expect(await make(task)).toBe(await make(randomUUID()));
      expect(await make(task)).toContain('no such task');
      expect(await snapshot()).toEqual(before);
    });
  });

  it.each([
    ["take_task_lock($1::uuid, 'me')", 'task'],
    ['set_milestone_progress($1::uuid, 50)', 'milestone'],
    ["create_checkpoint($1::uuid, 'mine')", 'project'],
    ['resume_project($1::uuid)', 'project'],
    ['project_context($1::uuid)', 'project'],
    ["search_events($1::uuid, 'x', 10)", 'project'],
  ])('of a retired project are out of reach of %s, for the app too', async (expression, kind) => {
    const [m] = await brain.sql(
      `insert into codered.milestones (project_id, name) values ($1::uuid, 'M') returning id`,
      [scene.project],
    );
    const id = { task: await scene.task(), milestone: m?.id ?? '', project: scene.project }[kind] ?? '';
    await brain.sql('update codered.projects set deleted_at = now() where id = $1::uuid', [scene.project]);
    for (const who of [scene.member, null]) {
      await expect(call(who, expression, [id])).rejects.toMatchObject({ code: 'CR004' });
    }
  });
});
