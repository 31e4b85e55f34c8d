// What is made of a result before it goes to the database: it is held to the schema of its type, every field that does not fit is
// named, and what is kept of input and output for the record is without secrets.
import { z } from 'zod';
import { isWorkType, RESULT_SCHEMAS } from '../../model/agent-results.ts';
import { Rejected } from '../../model/errors.ts';
import { jsonBeginning } from '../../text/json-beginning.ts';
import { redactJson } from '../../text/redact-json.ts';
import { plainWords, shapeProblems } from '../../text/shape-problems.ts';
import { saidText, storableText } from '../../text/storable-text.ts';
import { id } from '../declared/operation.ts';

const MOST_NAME = 200;
const count = z.int().min(0).max(2_147_483_647);

/** What an agent says that its work took. */
export const usage = z
  .strictObject({
    model_id: z.string().min(1).max(MOST_NAME).describe('As its provider calls it'),
    tokens_in: count,
    tokens_out: count,
    cost_usd: z.number().min(0).max(99_999_999).describe('Left out: by the prices of the model'),
    duration_ms: count,
    zones_touched: z.array(z.enum(['red', 'yellow', 'green'])).max(3),
    tools: z.array(z.string().min(1).max(MOST_NAME)).max(100),
    documents: z.array(id).max(100).describe('Those that were consulted'),
  })
  .partial();

const knownWork = z.object({
  kind: z.enum(['job', 'stage']),
  type: z.string(),
  input: z.unknown(),
  answers: z.unknown(),
});
/** What is known of work before it ends. */
type KnownWork = z.output<typeof knownWork>;

/** The answer of read_work. */
export function readKnownWork(answer: unknown): KnownWork {
  return knownWork.parse(answer);
}

const MOST_PROBLEMS = 20;
const MOST_WORDS = 2_000;

/** As the database has it (accept_job_result): each may cost a complaint. */
const MOST_VALUES = 20_000;

/** Throws `Rejected` CR002, which names every field that does not fit, up to twenty. */
export function requireFit(type: string, result: unknown): void {
  if (!isWorkType(type)) return;
  if (hasMore(type === 'stage' ? withoutOutput(result) : result, { values: MOST_VALUES })) {
    throw new Rejected(`The result has more than ${MOST_VALUES} values. The work is still yours: complete it again.`, {
      code: 'CR002',
    });
  }
  const parsed = RESULT_SCHEMAS[type].safeParse(result, { error: plainWords });
  if (parsed.success) return;
  const problems = shapeProblems(parsed.error);
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ field, said }) => `result${field && `.${field}`} ${said}`);
  const rest = problems.length - shown.length;
  const words = shown.join('; ').slice(0, MOST_WORDS);
  throw new Rejected(
    `The result of the type "${type}" does not fit: ${words}${rest > 0 ? `; and ${rest} more` : ''}. The work is still yours: complete it again.`,
    { code: 'CR002' },
  );
}

/** What a stage gives as its output has no schema, and so costs no complaints. */
function withoutOutput(result: unknown): unknown {
  return typeof result === 'object' && result !== null ? { ...result, output: null } : result;
}

/** Whether a JSON value has more values in it than are `left`, each counted down; JSON that came in has 1,000 levels at the most. */
function hasMore(value: unknown, left: { values: number }): boolean {
  left.values -= 1;
  if (left.values < 0) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((one) => hasMore(one, left));
}

/**
 * So much of what went in and of what came out is kept beside the job, which has all of it, in UTF-16 units: more than is told of a run.
 * To find secrets in megabytes takes seconds, in which nobody else is answered.
 */
const MOST_RECORD = 120_000;
/** More is read, so that a secret at the cut is recognised. */
const READ_RECORD = 2 * MOST_RECORD;

/** What was told of the work, with all that went in and came out for the record, without secrets. */
export function keptUsage(
  told: z.output<typeof usage> | undefined,
  { kind, input, answers }: KnownWork,
  result: unknown,
) {
  const given = kind === 'job' ? { full_input: recordOf({ input, answers }) } : {};
  return { ...wordless(told), ...given, ...(result === null ? {} : { full_output: recordOf(result) }) };
}

/** Agents name as a tool what they called, with all that stood in the call. */
function wordless(told: z.output<typeof usage> | undefined): z.output<typeof usage> {
  const { tools, model_id, ...counted } = told ?? {};
  return {
    ...counted,
    ...(model_id === undefined ? {} : { model_id: saidText(model_id, MOST_NAME) }),
    ...(tools === undefined ? {} : { tools: saidTools(tools) }),
  };
}

/** Words for what was called, without secrets. */
export function saidTools(tools: readonly string[]): string[] {
  return tools.map((tool) => saidText(tool, MOST_NAME));
}

function recordOf(value: unknown): string {
  return storableText(JSON.stringify(redactJson(jsonBeginning(value, READ_RECORD))), MOST_RECORD);
}
