// What can be followed as a stream, and every operation with the places that it has in REST: its own, and the forms that document 002 gives some of them.
import { z } from 'zod';
import { jobStatus, question } from '../../operations/agents/jobs.ts';
import { id, type Operation, operation, READS } from '../../operations/declared/operation.ts';
import { projectEvent } from '../../operations/memory/projects.ts';
import { OPERATIONS } from '../../operations/operations.ts';
import { PLACES, type Place, V1_PREFIX } from './paths.ts';
import { v1Forms } from './v1-forms.ts';

/** An operation as it is taken and given at a place. */
export type Placed = readonly [Operation, Place];

/** All of them; an operation may have several. */
export function placed(): readonly Placed[] {
  const own = OPERATIONS.flatMap((operation): readonly Placed[] => {
    const place = PLACES[operation.name];
    return place === undefined ? [] : [[operation, place]];
  });
  return [...own, ...v1Forms()];
}

/** A stream, described as an operation is: `output` is what one of its events has for data. */
export interface Streamed {
  readonly kind: 'project' | 'job';
  readonly operation: Operation;
  readonly place: Place;
}

/** Where a stream goes on, when a client can send no Last-Event-ID. */
const lastEventId = z
  .string()
  .min(1)
  .max(100)
  .optional()
  .describe(
    'The `id` of the last event that you had, where you can not send it as the header Last-Event-ID, which goes first',
  );

const over = z
  .object({ error: z.string(), code: z.string() })
  .describe('event: error, or reset where you have to begin anew: why the stream ends, and what to do');

const events = operation({
  name: 'stream_events',
  summary: 'Tells each event of a project as it happens, after the last that you had; without one, from now on.',
  scope: 'read',
  hints: READS,
  input: z.strictObject({ project_id: id, last_event_id: lastEventId }),
  output: z.union([projectEvent.describe('No event name'), over]),
  run: 'list_events',
});

const job = operation({
  name: 'stream_job',
  summary: 'Tells how a job goes on until it is over: progress, waiting, then complete, error or cancelled.',
  scope: 'read',
  hints: READS,
  input: z.strictObject({ job_id: id, last_event_id: lastEventId }),
  output: z.union([
    z.object({ progress: z.number().min(0).max(100), status: jobStatus }).describe('event: progress'),
    z.object({ questions: z.array(question), status: jobStatus }).describe('event: waiting'),
    z.object({ result: z.unknown(), status: jobStatus }).describe('event: complete'),
    z.object({ error: z.string().nullable(), status: jobStatus }).describe('event: error, when the job failed'),
    z.object({ status: jobStatus }).describe('event: cancelled'),
    over,
  ]),
  run: 'read_job',
});

/** All of them. */
export const STREAMED: readonly Streamed[] = [
  { kind: 'project', operation: events, place: { method: 'get', path: '/projects/{project_id}/events/stream' } },
  { kind: 'job', operation: job, place: { method: 'get', path: '/jobs/{job_id}/stream' } },
  {
    kind: 'job',
    operation: { ...job, name: 'v1_stream_job' },
    place: { method: 'get', path: '/jobs/{job_id}/stream', prefix: V1_PREFIX },
  },
];
