// Passes over a task: who went over it for what, how it ended, and what people overruled.
import { z } from 'zod';
import {
  ADDS,
  CHANGES,
  id,
  NEWEST_FIRST,
  newestFirst,
  type Operation,
  operation,
  READS,
  time,
} from '../declared/operation.ts';

const phase = z.enum(['architect', 'code', 'test', 'review', 'infra', 'safety', 'cynic', 'orchestrator']);
const summary = z.string().max(20_000);

const taskRun = z
  .object({
    id,
    task_id: id,
    project_id: id,
    agent_run_id: id.nullable(),
    phase,
    status: z.enum(['planned', 'running', 'succeeded', 'failed', 'skipped']),
    summary: z.string().nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'TaskRun' });

const overruled = z
  .object({
    id,
    project_id: id,
    override_type: z.enum(['cynic_reject', 'deploy_anyway', 'agent_override']),
    target_type: z.literal('task'),
    target_id: id,
    user: z.string().describe('GitHub login, or "account" and an id'),
    reason: z.string(),
    created_at: time,
  })
  .meta({ id: 'TaskOverride' });

/** All of them. */
export const TASK_RUN_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_task_runs',
    summary: 'Lists the passes over a task, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ task_id: id, ...newestFirst }),
    output: z.array(taskRun),
    run: 'list_task_runs',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'start_task_run',
    summary: 'Writes down that a pass over a task is planned or under way.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({
      task_id: id,
      phase,
      status: z.enum(['planned', 'running']).default('running'),
      summary: summary.optional(),
      agent_run_id: id.optional().describe('The call of an agent that it is'),
    }),
    output: taskRun,
    run: 'start_task_run',
  }),
  operation({
    name: 'finish_task_run',
    summary: 'Writes down how a pass over a task ended.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({
      task_run_id: id,
      status: z.enum(['succeeded', 'failed', 'skipped']),
      summary: summary.optional(),
    }),
    output: taskRun,
    run: 'finish_task_run',
  }),
  operation({
    name: 'list_task_overrides',
    summary: 'Lists what people overruled of a task, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ task_id: id, ...newestFirst }),
    output: z.array(overruled),
    run: 'list_task_overrides',
    page: NEWEST_FIRST,
  }),
];
