// Work for agents: taken under a lease and a number, kept, asked about, and ended with a result that is checked.
import { z } from 'zod';
import { clarificationQuestion, resultSchemaOf, WORK_TYPES, type WorkType } from '../../model/agent-results.ts';
import { redact } from '../../text/redact.ts';
import { saidText } from '../../text/storable-text.ts';
import { ADDS, CHANGES, ENDS, id, type Operation, operation, READS } from '../declared/operation.ts';
import { keptUsage, readKnownWork, requireFit, usage } from './finished-work.ts';
import { withSchemas, workPacket } from './work-packet.ts';

const workType = z.enum(WORK_TYPES as [WorkType, ...WorkType[]]);
const claim = z.int().min(0).describe('The number of your claim: with an older one nothing is done');
const held = { work_id: id, claim };
const leaseSeconds = z.int().min(10).max(3_600);
const worker = z.string().min(1).max(200).describe('A name of yours for whoever does the work');
const MOST_NOTE = 2_000;
const MOST_ERROR = 20_000;

const kept = z.object({
  status: z.string().describe('Of a job as read_job has it; of a stage as its run has it'),
  stop: z.boolean().describe('Whether there is nothing more to do: cancelled, over, or held for as long as may be'),
  locked_until: z.string().nullable(),
});

const keeping = {
  ...held,
  note: z.string().max(MOST_NOTE).optional().describe('What is being done, for people; kept without secrets'),
  lease_seconds: leaseSeconds.default(300),
};
const keptWith = ({ note, ...given }: z.output<z.ZodObject<typeof keeping>>) => ({
  ...given,
  ...(note === undefined ? {} : { note: saidText(note, MOST_NOTE) }),
});

/** Of a stage, how its run stands after it. */
const ofRun = {
  run_status: z.string().optional().describe('Of a stage: how its run stands now'),
  pause_reason: z.string().nullish().describe('Of a stage: why its run is held'),
};

/** What is read before an ending: what kind of work it is, and what its agent was given. */
const first = { run: 'read_work', argumentsOf: ({ work_id }: { readonly work_id: string }) => ({ work_id }) };

/** All of them. */
export const WORK_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'read_result_schema',
    summary: 'Gives the JSON Schema of what work of a type has to hand in.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ type: workType }),
    output: z.object({ type: workType, result_schema: z.record(z.string(), z.unknown()) }),
    run: 'read_result_type',
    finish: (_, { type }) => ({ type, result_schema: resultSchemaOf(type) }),
  }),
  operation({
    name: 'claim_work',
    summary: 'Takes work for an agent of yours until its lease ends, with all that is needed to do it.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({
      worker,
      types: z.array(workType).min(1).max(WORK_TYPES.length).optional().describe('Left out: all'),
      project_id: id.optional().describe('Left out: of all your projects, by turns'),
      batch: z.int().min(1).max(10).default(1),
      lease_seconds: leaseSeconds.default(300),
    }),
    output: z.object({ work: z.array(workPacket) }),
    run: 'claim_work',
    finish: (answer) => ({ work: withSchemas(z.object({ work: z.array(z.unknown()) }).parse(answer).work) }),
  }),
  operation({
    name: 'keep_work',
    summary: 'Holds on to work that you took, and learns whether it is still wanted.',
    scope: 'agents',
    hints: CHANGES,
    input: z.strictObject({ ...keeping, progress: z.number().min(0).max(100).optional() }),
    output: kept,
    run: 'keep_work',
    argumentsOf: keptWith,
  }),
  operation({
    name: 'report_progress',
    summary: 'Says how far work is that you took, and holds on to it.',
    scope: 'agents',
    hints: CHANGES,
    input: z.strictObject({ ...keeping, progress: z.number().min(0).max(100) }),
    output: kept,
    run: 'keep_work',
    argumentsOf: keptWith,
  }),
  operation({
    name: 'ask',
    summary: 'Lets a job that you took wait until its owner has answered your questions.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({ ...held, questions: z.array(clarificationQuestion).min(1).max(100) }),
    output: z.object({ status: z.string() }),
    run: 'ask_work',
  }),
  operation({
    name: 'complete',
    summary: 'Hands in the result of work that you took; one that does not fit says so, and may be handed in again.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({
      ...held,
      // Without a type clients of MCP send it as a text. The database says what of it does not fit.
      result: z.unknown().meta({ type: 'object', description: 'As `result_schema` of the packet has it' }),
      usage: usage.optional(),
      task_run_id: id.optional().describe('The pass over a task that this was'),
    }),
    output: z.object({
      status: z.string(),
      problems: z.array(z.unknown()).optional().describe('Why the result was not kept, or what it did not meet'),
      next_job_id: id.nullish().describe('The next step of the pipeline'),
      ...ofRun,
    }),
    run: 'complete_work',
    first,
    argumentsOf: ({ result = null, usage: told, ...given }, known) => {
      const work = readKnownWork(known);
      requireFit(work.type, result);
      return { ...given, result, usage: keptUsage(told, work, result) };
    },
  }),
  operation({
    name: 'fail',
    summary: 'Gives up work that you took, with the reason; it is tried again unless that was the last time.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({
      ...held,
      error: z.string().min(1).max(MOST_ERROR).describe('Why; kept without secrets'),
      is_final: z.boolean().default(false).describe('Whether trying again is of no use'),
      usage: usage.optional(),
    }),
    output: z.object({ status: z.string(), ...ofRun }),
    run: 'fail_work',
    first,
    argumentsOf: ({ error, usage: told, ...given }, known) => ({
      ...given,
      error: saidText(redact(error), MOST_ERROR),
      usage: keptUsage(told, readKnownWork(known), null),
    }),
  }),
  operation({
    name: 'give_back',
    summary: 'Gives back undone work that you took, as you are to end: others may take it, and no attempt is spent.',
    scope: 'agents',
    hints: ENDS,
    input: z.strictObject({ ...held, usage: usage.optional() }),
    output: z.object({ status: z.string(), ...ofRun }),
    run: 'release_work',
    first,
    argumentsOf: ({ usage: told, ...given }, known) => ({
      ...given,
      usage: keptUsage(told, readKnownWork(known), null),
    }),
  }),
];
