// Jobs that people and agents queue, and runs of workflows.
import { z } from 'zod';
import { clarificationResponse } from '../../model/agent-results.ts';
import { redact } from '../../text/redact.ts';
import { redactJson } from '../../text/redact-json.ts';
import {
  ADDS,
  batch,
  CHANGES,
  ENDS,
  id,
  type Operation,
  operation,
  place,
  READS,
  time,
} from '../declared/operation.ts';

/** How a job stands. */
export const jobStatus = z.enum(['queued', 'running', 'completed', 'failed', 'waiting_for_input', 'cancelled']);
/** The agents of document 002. */
export const AGENT_TYPES = ['research', 'wireframe', 'code', 'qa', 'pedagogy', 'roadmap'] as const;
const agentType = z.enum([...AGENT_TYPES, 'plan_sprint', 'pipeline', 'backfill', 'embed']);

const listedJob = z
  .object({
    job_id: id,
    status: jobStatus,
    agent_type: agentType,
    project_id: id.nullable(),
    parent_job_id: id.nullable().describe('The pipeline that it is a step of'),
    progress: z.number().min(0).max(100),
    error: z.string().nullable(),
    created_at: time,
    completed_at: time.nullable(),
  })
  .meta({ id: 'Job' });

/** What a job asks. */
export const question = z.object({ id: z.string(), question: z.string(), options: z.array(z.string()).optional() });

const jobEvent = z.object({
  id: z.int(),
  event_type: z.enum(['job.created', 'job.status_changed', 'job.claimed', 'job.cancel_requested']),
  user_id: id.nullable().describe('Who did it; null: the app, or whoever works on it'),
  payload: z.record(z.string(), z.unknown()),
  created_at: time,
});

/** What an agent is given. */
const givenToAgent = z
  .record(z.string(), z.unknown())
  .default({})
  .describe('What the agent is given, as it takes it; kept without secrets');
/** A job is kept, read and handed to whoever works on it: what an agent has to have secretly comes from its own surroundings. */
function withoutSecrets<Given extends { readonly input: Readonly<Record<string, unknown>> }>(given: Given) {
  return { ...given, input: redactJson(given.input) };
}
/** What is told of a job that was just queued. */
export const queued = {
  job_id: id,
  status: jobStatus,
  estimated_time: z
    .string()
    .nullable()
    .describe('How long the last ones took here ("30s", "5m"); null where nobody knows'),
};

/** All of them. */
export const JOB_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_jobs',
    summary: "Lists a project's jobs that you may see, newest first; of one status, one type or one pipeline.",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      status: jobStatus.optional(),
      agent_type: agentType.optional(),
      parent_job_id: id.optional(),
      batch,
      before_created_at: place.optional(),
      before_job: id.optional(),
    }),
    output: z.array(listedJob),
    run: 'find_jobs',
    page: { after: { before_created_at: 'created_at', before_job: 'job_id' }, more: 'extra' },
  }),
  operation({
    name: 'page_jobs',
    summary:
      "Gives a page of a project's jobs that you may see, newest first, and how many there are (counted to 10,000).",
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      limit: z.int().min(1).max(100).default(20),
      offset: z.int().min(0).max(10_000).default(0),
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
    output: z.object({
      ...listedJob.shape,
      progress_note: z.string().nullable().describe('What whoever works on it said last'),
      result: z.unknown().describe('As the agent gave it; null before it is done'),
      questions: z.array(question).optional().describe('Those without an answer, while the job waits for one'),
    }),
    run: 'read_job',
  }),
  operation({
    name: 'list_job_events',
    summary: 'Lists what befell a job, newest first: made, begun, taken again, waiting, asked to stop, over.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ job_id: id, batch, before_id: z.int().min(0).optional() }),
    output: z.array(jobEvent),
    run: 'list_job_events',
    page: { after: { before_id: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'run_agent',
    summary: 'Queues a job for an agent.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ project_id: id, agent_type: z.enum([...AGENT_TYPES, 'plan_sprint']), input: givenToAgent }),
    output: z.object(queued),
    run: 'create_agent_job',
    argumentsOf: withoutSecrets,
  }),
  operation({
    name: 'run_pipeline',
    summary: 'Queues research, wireframe, code and qa, each when the one before is done.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ project_id: id, input: givenToAgent }),
    output: z.object({
      ...queued,
      first_job_id: id.describe('The job of the first step; the others come with `parent_job_id` of the pipeline'),
      steps: z.array(z.enum(AGENT_TYPES)),
    }),
    run: 'run_pipeline',
    argumentsOf: withoutSecrets,
  }),
  operation({
    name: 'answer_job',
    summary: 'Answers the questions of a job that waits for you.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ job_id: id, responses: z.array(clarificationResponse).min(1).max(100) }),
    output: z.object({ status: jobStatus, message: z.string() }),
    run: 'answer_job_questions',
    argumentsOf: ({ job_id, responses }) => ({
      job_id,
      responses: responses.map(({ question_id, answer }) => ({ question_id, answer: redact(answer) })),
    }),
  }),
  operation({
    name: 'cancel_job',
    summary:
      'Ends a job of yours; of a pipeline its steps too. One that a worker has goes on until the worker is told.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({ job_id: id }),
    output: z.object({ status: jobStatus.describe('running while a worker has it, which stops when it next reports') }),
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
