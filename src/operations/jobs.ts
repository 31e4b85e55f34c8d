// Jobs that people and agents queue, and runs of workflows.
import { z } from 'zod';
import { ADDS, CHANGES, ENDS, id, type Operation, operation, READS, time } from './operation.ts';

const listedJob = z
  .object({
    job_id: id,
    status: z.string(),
    agent_type: z.string(),
    project_id: id.nullable(),
    progress: z.number().nullable(),
    error: z.string().nullable(),
    created_at: time,
    completed_at: time.nullable(),
  })
  .meta({ id: 'Job' });

/** All of them. */
export const JOB_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_jobs',
    summary: "Lists a project's jobs that you may see, newest first.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      limit: z.int().min(1).max(100).default(20),
      offset: z.int().min(0).max(2_147_483_647).default(0),
    }),
    output: z.object({ items: z.array(listedJob), total: z.int(), has_more: z.boolean() }),
    run: 'list_jobs',
    argumentsOf: ({ project_id, limit, offset }) => ({ project_id, batch: limit, skip: offset }),
  }),
  operation({
    name: 'read_job',
    summary: 'Says how a job stands, with its result or the questions that wait for an answer.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ job_id: id }),
    output: z.looseObject({ ...listedJob.shape, result: z.unknown() }),
    run: 'read_job',
  }),
  operation({
    name: 'run_agent',
    summary: 'Queues a job for an agent.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      agent_type: z.enum(['research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap', 'plan_sprint', 'pipeline']),
      input: z.record(z.string(), z.unknown()).default({}),
    }),
    output: z.object({ job_id: id, status: z.string() }),
    run: 'create_agent_job',
  }),
  operation({
    name: 'answer_job',
    summary: 'Answers the questions of a job that waits for you.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ job_id: id, responses: z.array(z.record(z.string(), z.unknown())).min(1).max(100) }),
    output: z.looseObject({}),
    run: 'answer_job_questions',
  }),
  operation({
    name: 'cancel_job',
    summary: 'Ends a job of yours.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({ job_id: id }),
    output: z.looseObject({}),
    run: 'cancel_job',
  }),
  operation({
    name: 'pause_run',
    summary: 'Holds a run of a workflow before its next stage.',
    scope: 'agents',
    hints: CHANGES,
    input: z.strictObject({ run_id: id, reason: z.string().min(1).max(1000) }),
    output: z.looseObject({}),
    run: 'pause_run',
  }),
  operation({
    name: 'resume_run',
    summary: 'Lets a run that is held go on.',
    scope: 'agents',
    hints: CHANGES,
    input: z.strictObject({ run_id: id }),
    output: z.looseObject({}),
    run: 'resume_run',
  }),
  operation({
    name: 'cancel_run',
    summary: 'Ends a run of a workflow.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({ run_id: id }),
    output: z.looseObject({}),
    run: 'cancel_run',
  }),
];
