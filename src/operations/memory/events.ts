// The history of a project, as a list that one can follow.
import { z } from 'zod';
import { batch, id, type Operation, operation, place, READS } from '../declared/operation.ts';
import { projectEvent } from './projects.ts';

/** All of them, but for `search_events` and `task_timeline`. */
export const EVENT_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_events',
    summary: 'Lists what happened in a project; to follow it, ask for the oldest after the last id that you had.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      direction: z.enum(['newest', 'oldest']).default('newest').describe('Which come first'),
      beyond_event: z.int().min(0).optional(),
      after_event: z
        .int()
        .min(0)
        .optional()
        .describe('Only what came after the event of this id: refused with 410 when some of that is no longer kept'),
      event_type: z.string().min(1).max(200).optional().describe('task.created, say'),
      task_id: id.optional(),
      run_id: id.optional(),
      since: place.optional().describe('From then on'),
      until: place.optional().describe('Before then'),
      batch,
    }),
    output: z.array(projectEvent),
    run: 'list_events',
    page: { after: { beyond_event: 'id' }, more: 'extra' },
  }),
];
