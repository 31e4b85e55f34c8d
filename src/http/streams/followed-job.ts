// How a job goes on as a stream: each state that it is seen in, and the end. The events are document 002's (§5.4).
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { JOB_OPERATIONS } from '../../operations/agents/jobs.ts';
import { runOperation } from '../../operations/operations.ts';
import { eventBytes } from './event-stream.ts';
import type { Found } from './follow.ts';
import type { JointReads } from './joint-reads.ts';

/** A job as it is told: `id` is another whenever what is told is. */
export interface JobState {
  readonly id: string;
  readonly bytes: Buffer;
  readonly isOver: boolean;
}

interface Asked {
  readonly brain: Pick<Brain, 'callAs'>;
  readonly userId: string;
  readonly jobId: string;
  readonly reads: JointReads<JobState>;
  /** Asks GitHub where that is needed, and does it again. */
  readonly freshly: <T>(work: () => Promise<T>) => Promise<T>;
}

const job = z.object({
  status: z.enum(['queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled']),
  progress: z.number(),
  result: z.unknown(),
  error: z.string().nullable(),
  questions: z.array(z.unknown()).optional(),
});

/** Looks for another state than the one that the client had, as its Last-Event-ID says. The last is told to whoever asks. */
export function lookAtJob(lastEventId: string | null, asked: Asked): () => Promise<Found> {
  let told = lastEventId;
  return async () => {
    const { id, bytes, isOver } = await readState(asked);
    if (isOver) return { state: 'over', last: bytes };
    const events = id === told ? [] : [bytes];
    told = id;
    return { state: 'quiet', events };
  };
}

function readState({ brain, userId, jobId, reads, freshly }: Asked): Promise<JobState> {
  const read = JOB_OPERATIONS.find(({ run }) => run === 'read_job');
  if (read === undefined) throw new Error('There is no operation that reads a job');
  const input = read.input.parse({ job_id: jobId });
  return freshly(() =>
    reads.take({ person: userId, name: jobId }, async () => {
      const { output } = await runOperation(brain, read, { userId, input });
      const state = job.parse(output);
      const { event, data } = toldOf(state);
      const id = createHash('sha256')
        .update(JSON.stringify([event, data]))
        .digest('base64url')
        .slice(0, 16);
      const isOver = ['completed', 'failed', 'cancelled'].includes(state.status);
      return { id, bytes: eventBytes({ event, id, data }), isOver };
    }),
  );
}

function toldOf({ status, progress, result, error, questions }: z.output<typeof job>) {
  switch (status) {
    case 'completed':
      return { event: 'complete', data: { result: result ?? null, status } };
    case 'failed':
      return { event: 'error', data: { error, status } };
    case 'waiting_for_input':
      return { event: 'waiting', data: { questions: questions ?? [], status } };
    case 'cancelled':
      return { event: 'cancelled', data: { status } };
    default:
      return { event: 'progress', data: { progress, status } };
  }
}
