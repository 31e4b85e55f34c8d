// The forms that document 002 gives to operations on jobs, under /v1: other paths and names, and no field that the document does not
// have. The operations behind them, and who may do them, are the same. The document's list of jobs is an operation of its own, `page_jobs`.
import { z } from 'zod';
import { AGENT_TYPES, jobStatus, question, queued } from '../../operations/agents/jobs.ts';
import { id, type Operation, time } from '../../operations/declared/operation.ts';
import { OPERATIONS } from '../../operations/operations.ts';
import { type Place, V1_PREFIX } from './paths.ts';

interface Form<Input extends z.ZodObject> {
  readonly input: Input;
  /** The operation's input that it stands for; left out: the same. */
  readonly toInput?: (given: z.output<Input>) => Readonly<Record<string, unknown>>;
  /** What of the answer is given; whatever it does not name is left out. */
  readonly output: z.ZodObject;
}

const started = z.object(queued);
const begun = { project_id: id, input_context: z.record(z.string(), z.unknown()).default({}) };
const job = z.object({
  job_id: id,
  status: jobStatus,
  agent_type: z.string(),
  project_id: id.nullable(),
  progress: z.number().min(0).max(100),
  result: z.unknown(),
  error: z.string().nullable(),
  created_at: time,
  completed_at: time.nullable(),
  questions: z.array(question).optional().describe('While it waits for input: those without an answer'),
});

/** Each form with its place. */
export function v1Forms(): readonly (readonly [Operation, Place])[] {
  return [
    [
      formOf('run_agent', {
        input: z.strictObject({ ...begun, agent_type: z.enum(AGENT_TYPES) }),
        toInput: ({ input_context, ...given }) => ({ ...given, input: input_context }),
        output: started,
      }),
      { prefix: V1_PREFIX, method: 'post', path: '/run-agent' },
    ],
    [
      formOf('run_pipeline', {
        input: z.strictObject(begun),
        toInput: ({ input_context, ...given }) => ({ ...given, input: input_context }),
        output: started,
      }),
      { prefix: V1_PREFIX, method: 'post', path: '/run-pipeline' },
    ],
    [
      formOf('read_job', { input: z.strictObject({ job_id: id }), output: job }),
      { prefix: V1_PREFIX, method: 'get', path: '/jobs/{job_id}' },
    ],
    [
      formOf('answer_job', {
        input: operationOf('answer_job').input,
        output: z.object({ status: jobStatus, message: z.string() }),
      }),
      { prefix: V1_PREFIX, method: 'post', path: '/jobs/{job_id}/respond' },
    ],
    [
      formOf('cancel_job', { input: z.strictObject({ job_id: id }), output: z.object({ status: jobStatus }) }),
      { prefix: V1_PREFIX, method: 'post', path: '/jobs/{job_id}/cancel' },
    ],
    [
      { ...operationOf('export_to_github'), name: 'v1_export_to_github' },
      { prefix: V1_PREFIX, method: 'post', path: '/projects/{project_id}/export/github' },
    ],
  ];
}

/** The operation in another form; throws for a name that no operation has. */
function formOf<Input extends z.ZodObject>(
  name: string,
  { input, toInput = (given) => given, output }: Form<Input>,
): Operation {
  const operation = operationOf(name);
  return {
    ...operation,
    name: `v1_${name}`,
    input,
    argumentsOf: (given: z.output<Input>, known) =>
      operation.argumentsOf(operation.input.parse(toInput(given)) as never, known),
    output,
  };
}

function operationOf(name: string): Operation {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`There is no operation ${name}`);
  return operation;
}
