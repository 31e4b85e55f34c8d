// Tasks: which there are, new ones, changes, and the lock that says who works on one.
import { z } from 'zod';
import {
  ADDS,
  batch,
  CHANGES,
  ENDS,
  expected,
  id,
  type Operation,
  operation,
  place,
  READS,
  time,
} from '../declared/operation.ts';

const status = z.enum(['backlog', 'in_progress', 'blocked', 'ready_for_review', 'done', 'cancelled']);
const lock = z.looseObject({ locked_by: z.string() });

/** What a person writes of a task. */
const written = {
  milestone_id: id.nullable(),
  parent_task_id: id.nullable(),
  title: z
    .string()
    .min(1)
    .max(500)
    .meta({ examples: ['Mend the build'] }),
  description: z.string().max(20_000).nullable(),
  acceptance_criteria: z.array(z.string().max(2000)).max(200),
  constraints: z
    .record(z.string(), z.unknown())
    .describe(
      'Limits of scope that whoever does it has to keep to: paths, tools, anything. Nothing here enforces them',
    ),
  dependencies: z.array(id).max(200).describe('Tasks of the same project that have to be done first'),
  zone: z.enum(['red', 'yellow', 'green']),
  impact_axes: z.array(z.enum(['A', 'B', 'C', 'D', 'E'])).max(5),
  size: z.enum(['xs', 's', 'm', 'l', 'xl']).nullable(),
  status,
  priority: z.int().min(-2_147_483_648).max(2_147_483_647).describe('Lower comes first; 100 unless told'),
  assignee_agent_id: id.nullable(),
  assignee_human: z.string().max(200).nullable(),
  due_date: z.iso.datetime({ offset: true }).nullable(),
};

const task = z
  .object({
    ...written,
    id,
    project_id: id,
    due_date: time.nullable(),
    completed_at: time.nullable(),
    is_blocked_by: z
      .array(id)
      .describe('Dependencies that are not done: as long as there is one, nobody can lock the task'),
    lock: lock.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Task' });

const taskEvent = z
  .object({
    id: z.int(),
    event_type: z.string(),
    run_id: id.nullable(),
    user_id: id.nullable(),
    payload: z.record(z.string(), z.unknown()),
    created_at: time,
  })
  .meta({ id: 'TaskEvent' });

const locker = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: "An agent's or a person's name for themselves", examples: ['mona'] });

/** All of them. */
export const TASK_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_tasks',
    summary: 'Lists the tasks of a project, by priority, then age.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      status: status.optional(),
      batch,
      after_priority: z.int().min(-2_147_483_648).max(2_147_483_647).optional(),
      after_created_at: place.optional(),
      after_task: id.optional(),
    }),
    output: z.array(task),
    run: 'list_tasks',
    page: { after: { after_priority: 'priority', after_created_at: 'created_at', after_task: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'create_task',
    summary: 'Makes a task in a project.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, ...z.object(written).partial().required({ title: true }).shape }),
    output: task,
    run: 'create_task',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, task: made }),
  }),
  operation({
    name: 'update_task',
    summary: 'Changes what is named of a task, and nothing else; null empties.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ task_id: id, expected_updated_at: expected, ...z.object(written).partial().shape }),
    output: task,
    run: 'update_task',
    argumentsOf: ({ task_id, expected_updated_at, ...changes }) => ({ task_id, expected_updated_at, changes }),
  }),
  operation({
    name: 'read_task',
    summary: 'Says how a task stands.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ task_id: id }),
    output: task,
    run: 'read_task',
  }),
  operation({
    name: 'delete_task',
    summary: 'Deletes a task that you made; its timeline stays.',
    scope: 'tasks',
    hints: { ...ENDS, idempotent: false },
    input: z.strictObject({ task_id: id }),
    output: task,
    run: 'delete_task',
  }),
  operation({
    name: 'lock_task',
    summary:
      'Says that you work on a task, for an hour; refused while somebody else does, or while it waits for another.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ task_id: id, locker }),
    output: z.looseObject({}),
    run: 'take_task_lock',
  }),
  operation({
    name: 'keep_lock',
    summary: 'Keeps a lock that you have for another hour.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ task_id: id, locker }),
    output: z.looseObject({}),
    run: 'keep_task_lock',
  }),
  operation({
    name: 'release_task',
    summary: 'Lets go of a lock that you have.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ task_id: id, locker }),
    output: z.looseObject({}),
    run: 'release_task_lock',
  }),
  operation({
    name: 'break_lock',
    summary: "Takes away somebody else's lock, with a reason that is kept.",
    scope: 'tasks',
    hints: ENDS,
    input: z.strictObject({ task_id: id, reason: z.string().min(1).max(1000) }),
    output: z.looseObject({}),
    run: 'break_task_lock',
  }),
  operation({
    name: 'task_timeline',
    summary: 'Lists what befell a task, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ task_id: id, batch, before_id: z.int().optional() }),
    output: z.array(taskEvent),
    run: 'list_task_events',
    argumentsOf: (input) => ({ ...input, batch: input.batch + 1 }),
    page: { after: { before_id: 'id' }, more: 'extra' },
  }),
];
