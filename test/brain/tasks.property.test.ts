// Random lives of a project's tasks, by several people and the app, against what has to hold after every step.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlError, type SqlSession } from '../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { runs } from '../support/runs.ts';
import { beginAs, openTaskScene, type TaskScene } from '../support/task-scene.ts';

const STATUSES = ['backlog', 'in_progress', 'blocked', 'ready_for_review', 'done', 'cancelled'];

interface Task {
  readonly id: string;
  readonly status: string;
  readonly dependencies: readonly string[];
  readonly milestone_id: string | null;
  readonly completed_at: string | null;
  readonly deleted_at: string | null;
  readonly locked_by: string | null;
  readonly locked_at: string | null;
  /** Whether the lock has not lapsed. */
  readonly is_held: boolean;
}

interface Event {
  readonly id: number;
  readonly task_id: string | null;
  readonly event_type: string;
  readonly payload: { readonly changed?: Readonly<Record<string, unknown>> };
}

interface Snapshot {
  readonly tasks: readonly Task[];
  readonly milestones: readonly {
    readonly id: string;
    readonly progress_percent: number;
    readonly progress_is_manual: boolean;
  }[];
  readonly events: readonly Event[];
}

type Who = 'member' | 'maintainer' | 'app';
/** Tasks and milestones are named by their place in what is there, modulo how many there are. */
type Step =
  | {
      readonly do: 'create';
      readonly who: Who;
      readonly status: string;
      readonly on: readonly number[];
      readonly milestone: number;
    }
  | { readonly do: 'depend'; readonly who: Who; readonly task: number; readonly on: readonly number[] }
  | { readonly do: 'status'; readonly who: Who; readonly task: number; readonly status: string }
  | { readonly do: 'move'; readonly who: Who; readonly task: number; readonly milestone: number }
  | {
      readonly do: 'take' | 'keep' | 'release' | 'break';
      readonly who: Who;
      readonly task: number;
      readonly locker: string;
    }
  | { readonly do: 'retire' | 'restore' | 'delete'; readonly who: Who; readonly task: number }
  | { readonly do: 'wait'; readonly task: number; readonly minutes: number }
  | { readonly do: 'progress'; readonly who: Who; readonly milestone: number; readonly percent: number | null };

const who = fc.constantFrom<Who>('member', 'maintainer', 'app');
// Few tasks, so that steps meet.
const task = fc.nat(5);
const milestone = fc.nat(2);
const on = fc.array(task, { minLength: 1, maxLength: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      who,
      status: fc.constantFrom('backlog', 'backlog', 'in_progress', ...STATUSES),
      on,
      milestone,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('depend' as const), who, task, on }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('status' as const),
      who,
      task,
      status: fc.constantFrom('done', 'done', 'in_progress', ...STATUSES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), who, task, milestone }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('take' as const, 'take' as const, 'keep' as const, 'release' as const, 'break' as const),
      who,
      task: fc.nat(2),
      locker: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('retire' as const, 'restore' as const, 'delete' as const), who, task }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      task: fc.nat(2),
      minutes: fc.constantFrom(20, 59, 60, 90),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('progress' as const), who, milestone, percent: fc.option(fc.nat(100)) }),
  },
);

/** Three in a row: long ways are there from the start. */
const beginning = [[], [0], [1]].map(
  (on): Step => ({ do: 'create', who: 'member', status: 'backlog', on, milestone: 0 }),
);

describe.each(testBackends)('tasks, whatever is done to them (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  it('keep every promise after every step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40, size: 'max' }), async (steps) => {
        const scene = await openTaskScene(brain);
        await brain.sql(
          `insert into codered.milestones (project_id, name) select $1::uuid, n::text from generate_series(1, 3) n`,
          [scene.project],
        );
        // One connection for all: a new one would plan every statement anew.
        await brain.session((session) => live(session, scene, [...beginning, ...steps]));
      }),
      // By time as well: shrinking would go on for minutes on a busy machine.
      { ...runs(12, 20) },
    );
  });
});

/** Does the steps one by one and looks after each. */
async function live(session: SqlSession, scene: TaskScene, steps: readonly Step[]): Promise<void> {
  let before = await look(session, scene.project, 0);
  let seen = before.events.length;
  let last = before.events.at(-1)?.id ?? 0;
  for (const one of steps) {
    const code = await perform(session, scene, one, before);
    const after = await look(session, scene.project, last);
    if (one.do === 'wait') {
      // The clock was turned by hand: that is an event of the lock, and of nothing else.
      expect(after.events.every(({ event_type }) => event_type === 'task.locked')).toBe(true);
    } else if (code !== null) {
      expect(after, 'what is refused changes nothing').toEqual({ ...before, events: [] });
    } else {
      checkEvents(before, after);
    }
    checkState(after);
    checkStep(one, code, before, after);
    seen += after.events.length;
    last = after.events.at(-1)?.id ?? last;
    before = after;
  }
  const { events } = await look(session, scene.project, 0);
  expect(events, 'nothing that was told is gone').toHaveLength(seen);
}

/** The project's tasks and milestones, and its events after that one. */
async function look(session: SqlSession, project: string, after: number): Promise<Snapshot> {
  const [row] = await session.query(
    `select json_build_object(
      'tasks', coalesce((
        select json_agg(to_jsonb(t) || jsonb_build_object('is_held', coalesce(t.locked_at > clock_timestamp() - interval '1 hour', false)) order by t.created_at, t.id)
        from codered.tasks t where t.project_id = $1::uuid), '[]'),
      'milestones', (select json_agg(m order by m.created_at, m.id) from codered.milestones m where m.project_id = $1::uuid),
      'events', coalesce((
        select json_agg(e order by e.id) from codered.events e where e.project_id = $1::uuid and e.id > $2::bigint), '[]')
    ) as snapshot`,
    [project, String(after)],
  );
  return JSON.parse(row?.snapshot ?? 'null');
}

/** Does one step; gives the code of the refusal, null when there was none. */
async function perform(session: SqlSession, scene: TaskScene, one: Step, now: Snapshot): Promise<string | null> {
  const statement = statementFor(one, now, scene.project);
  if (statement === null) return null;
  if (!('who' in one)) {
    await session.query(...statement);
    return null;
  }
  try {
    await beginAs(session, one.who === 'app' ? null : scene[one.who]);
    await session.query(...statement);
    await session.script('commit');
    return null;
  } catch (error) {
    await session.script('rollback');
    if (error instanceof SqlError && /^CR00[2-8]$/.test(error.code)) return error.code;
    throw error;
  }
}

function statementFor(one: Step, now: Snapshot, project: string): [string, (string | null)[]] | null {
  const id = 'task' in one ? idOf(one, now) : null;
  if ('task' in one && id === null) return null;
  const dependencies =
    'on' in one ? `{${one.on.map((place) => now.tasks[place % now.tasks.length]?.id ?? '').filter(Boolean)}}` : '';
  const milestoneId = 'milestone' in one ? (now.milestones[one.milestone]?.id ?? null) : null;
  switch (one.do) {
    case 'create':
      return [
        `insert into codered.tasks (project_id, title, status, dependencies, milestone_id) values ($1::uuid, 'T', $2, $3::uuid[], $4::uuid)`,
        [project, one.status, dependencies, milestoneId],
      ];
    case 'depend':
      return ['update codered.tasks set dependencies = $2::uuid[] where id = $1::uuid', [id, dependencies]];
    case 'status':
      return ['update codered.tasks set status = $2 where id = $1::uuid', [id, one.status]];
    case 'move':
      return ['update codered.tasks set milestone_id = $2::uuid where id = $1::uuid', [id, milestoneId]];
    case 'retire':
      return ['update codered.tasks set deleted_at = now() where id = $1::uuid', [id]];
    case 'restore':
      return ['update codered.tasks set deleted_at = null where id = $1::uuid', [id]];
    case 'delete':
      return ['delete from codered.tasks where id = $1::uuid', [id]];
    case 'wait':
      return [
        'update codered.tasks set locked_at = locked_at - make_interval(mins => $2::integer) where id = $1::uuid',
        [id, String(one.minutes)],
      ];
    case 'progress':
      return [
        'select codered.set_milestone_progress($1::uuid, $2::integer)',
        [milestoneId, one.percent === null ? null : String(one.percent)],
      ];
    default:
      return [`select codered.${one.do}_task_lock($1::uuid, $2)`, [id, one.locker]];
  }
}

function idOf(one: Step, now: Snapshot): string | null {
  return 'task' in one && now.tasks.length > 0 ? (now.tasks[one.task % now.tasks.length]?.id ?? null) : null;
}

function openDependencies(of: Task, all: readonly Task[]): readonly Task[] {
  return all.filter(
    ({ id, status, deleted_at }) => of.dependencies.includes(id) && status !== 'done' && deleted_at === null,
  );
}

/** What has to hold whenever nobody is writing. */
function checkState({ tasks, milestones }: Snapshot): void {
  const byId = new Map(tasks.map((one) => [one.id, one]));
  for (const one of tasks) {
    expect(new Set(one.dependencies).size, 'each dependency once').toBe(one.dependencies.length);
    expect(
      one.dependencies.every((id) => byId.has(id)),
      'dependencies are there',
    ).toBe(true);
    expect(reaches(one.id, one.dependencies, byId), 'no cycle').toBe(false);
    expect(one.completed_at !== null, 'completed_at if and only if done').toBe(one.status === 'done');
    expect((one.locked_at === null) === (one.locked_by === null)).toBe(true);
    if (one.deleted_at !== null || ['done', 'cancelled'].includes(one.status)) expect(one.locked_by).toBeNull();
    if (one.deleted_at === null && ['backlog', 'in_progress', 'ready_for_review'].includes(one.status)) {
      expect(openDependencies(one, tasks), `nothing open behind a task that is ${one.status}`).toEqual([]);
    }
  }
  for (const { id, progress_percent, progress_is_manual } of milestones) {
    if (progress_is_manual) continue;
    const counted = tasks.filter(
      (one) => one.milestone_id === id && one.deleted_at === null && one.status !== 'cancelled',
    );
    const done = counted.filter((one) => one.status === 'done').length;
    expect(progress_percent, 'progress is the share').toBe(Math.floor((100 * done) / Math.max(counted.length, 1)));
  }
}

function reaches(goal: string, from: readonly string[], byId: ReadonlyMap<string, Task>): boolean {
  const waiting = [...from];
  const been = new Set<string>();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === goal) return true;
    if (been.has(id)) continue;
    been.add(id);
    waiting.push(...(byId.get(id)?.dependencies ?? []));
  }
  return false;
}

/** Every task that differs has events of this step that name each column that differs, and no other task has any. */
function checkEvents(before: Snapshot, after: Snapshot): void {
  const ids = new Set([...before.tasks, ...after.tasks].map(({ id }) => id));
  for (const id of ids) {
    const old = before.tasks.find((one) => one.id === id);
    const now = after.tasks.find((one) => one.id === id);
    const events = after.events.filter((event) => event.task_id === id && event.event_type.startsWith('task.'));
    const types = events.map(({ event_type }) => event_type);
    if (old === undefined) expect(types).toContain('task.created');
    else if (now === undefined) expect(types).toContain('task.deleted');
    else {
      const columns = ['status', 'dependencies', 'milestone_id', 'deleted_at', 'locked_by', 'locked_at'] as const;
      const differs = columns.filter((column) => JSON.stringify(old[column]) !== JSON.stringify(now[column]));
      const found = new Set(events.flatMap(({ payload }) => Object.keys(payload.changed ?? {})));
      expect(
        differs.filter((column) => !found.has(column)),
        'every change is told',
      ).toEqual([]);
      if (differs.length === 0) expect(types.filter((type) => type !== 'task.locked')).toEqual([]);
    }
  }
}

/** What one step may and must do, by what was there before. */
function checkStep(one: Step, code: string | null, before: Snapshot, after: Snapshot): void {
  const id = idOf(one, before);
  const old = before.tasks.find((each) => each.id === id);
  const now = after.tasks.find((each) => each.id === id);
  for (const each of after.tasks) {
    // Whatever waits for nothing was blocked by hand, now or before.
    const was = before.tasks.find((other) => other.id === each.id);
    const waitedForNothing = was?.status === 'blocked' && openDependencies(was, before.tasks).length === 0;
    const byHand = was === undefined || (one.do === 'status' && each.id === id) || was.deleted_at !== null;
    if (each.status === 'blocked' && each.deleted_at === null && openDependencies(each, after.tasks).length === 0) {
      expect(waitedForNothing || byHand, 'blocked by nothing').toBe(true);
    }
  }
  if (old === undefined || !('locker' in one)) return;
  const isOthers = old.is_held && old.locked_by !== one.locker;
  const isOwn = old.locked_by === one.locker;
  if (old.deleted_at !== null) expect(code).toBe('CR004');
  else if (one.do === 'break') {
    expect(code).toBe(one.who === 'member' ? 'CR008' : null);
    if (code === null) expect(now?.locked_by).toBeNull();
    const notes = after.events.filter(({ event_type }) => event_type === 'note.task_lock_broken');
    expect(notes).toHaveLength(code === null && old.locked_by !== null ? 1 : 0);
  } else if (isOthers) expect(code).toBe('CR005');
  else if (one.do === 'take') {
    const isHeldBack = openDependencies(old, before.tasks).length > 0;
    expect(code).toBe(isHeldBack || ['done', 'cancelled'].includes(old.status) ? 'CR003' : null);
    if (code === null) expect(now).toMatchObject({ locked_by: one.locker, is_held: true });
  } else if (one.do === 'keep') {
    expect(code).toBe(isOwn ? null : 'CR003');
    if (isOwn) expect(now).toMatchObject({ locked_by: one.locker, is_held: true });
  } else {
    expect(code).toBeNull();
    expect(now?.locked_by).toBe(isOwn ? null : old.locked_by);
  }
}
