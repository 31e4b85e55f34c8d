// Milestones: what a project is on its way to, and how far it is.
import { z } from 'zod';
import {
  ADDS,
  CHANGES,
  ENDS,
  expected,
  id,
  NEWEST_FIRST,
  newestFirst,
  type Operation,
  operation,
  READS,
  time,
} from '../declared/operation.ts';

const day = z.iso.date();
const written = {
  name: z.string().min(1).max(500),
  description: z.string().max(20_000).nullable(),
  status: z.enum(['not_started', 'in_progress', 'ready_for_cynic', 'shipped']),
  target_date: day.nullable(),
  actual_date: day.nullable(),
};
const changes = z.object(written).partial().shape;

const milestone = z
  .object({
    ...written,
    id,
    project_id: id,
    progress_percent: z.int(),
    progress_is_manual: z.boolean().describe('Set by hand; else the share of its tasks that are done'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Milestone' });

/** All of them. */
export const MILESTONE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_milestones',
    summary: 'Lists the milestones of a project, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, ...newestFirst }),
    output: z.array(milestone),
    run: 'list_milestones',
    page: NEWEST_FIRST,
  }),
  operation({
    name: 'create_milestone',
    summary: 'Makes a milestone in a project.',
    scope: 'tasks',
    hints: ADDS,
    input: z.strictObject({ project_id: id, ...changes, name: written.name }),
    output: milestone,
    run: 'create_milestone',
    argumentsOf: ({ project_id, ...made }) => ({ project_id, milestone: made }),
  }),
  operation({
    name: 'update_milestone',
    summary: 'Changes what is named of a milestone, and nothing else; null empties.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ milestone_id: id, expected_updated_at: expected, ...changes }),
    output: milestone,
    run: 'update_milestone',
    argumentsOf: ({ milestone_id, expected_updated_at, ...named }) => ({
      milestone_id,
      expected_updated_at,
      changes: named,
    }),
  }),
  operation({
    name: 'set_milestone_progress',
    summary: 'Sets by hand how far a milestone is; null has it follow its tasks again.',
    scope: 'tasks',
    hints: CHANGES,
    input: z.strictObject({ milestone_id: id, percent: z.int().min(0).max(100).nullable() }),
    output: z.object({ milestone_id: id, progress_percent: z.int() }),
    run: 'set_milestone_progress',
    finish: (answer, { milestone_id }) => ({ milestone_id, progress_percent: answer }),
  }),
  operation({
    name: 'delete_milestone',
    summary: 'Deletes a milestone, if you are a maintainer; its tasks stay.',
    scope: 'tasks',
    hints: { ...ENDS, idempotent: false },
    input: z.strictObject({ milestone_id: id }),
    output: milestone,
    run: 'delete_milestone',
  }),
];
