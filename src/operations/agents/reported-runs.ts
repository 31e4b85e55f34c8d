// What agents tell of runs for which nothing was handed out here.
import { z } from 'zod';
import { redact } from '../../text/redact.ts';
import { saidText } from '../../text/storable-text.ts';
import { ADDS, id, type Operation, operation } from '../declared/operation.ts';
import { agentRun, zone } from './agents.ts';
import { saidTools } from './finished-work.ts';

const count = z.int().min(0).max(2_147_483_647);
const MOST_MODE = 100;
const MOST_MODEL = 200;
const shortText = z.string().max(2000);
const longText = z.string().max(400_000).describe('Kept without the secrets that are recognised');

/** The words of a run, of which each may hold a secret. */
const WORDS = ['input_summary', 'output_summary', 'full_input', 'full_output', 'error_message'] as const;

/** All of them. */
export const REPORTED_RUN_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'log_agent_run',
    summary: 'Keeps what an agent did on its own, for which nothing was handed out here: marked as told, not counted.',
    scope: 'agents',
    hints: ADDS,
    input: z.strictObject({
      project_id: id,
      agent: z.string().min(1).max(100).describe('Its slug, of `list_agents`'),
      status: z.enum(['succeeded', 'failed', 'aborted']),
      task_id: id.optional(),
      mode: z.string().min(1).max(MOST_MODE).optional().describe('architect, code, …'),
      model: z.string().min(1).max(MOST_MODEL).optional().describe('As `list_models` or the provider calls it'),
      tokens_prompt: count.optional(),
      tokens_completion: count.optional(),
      approx_cost_usd: z
        .number()
        .min(0)
        .max(1_000_000)
        .optional()
        .describe('Left out: worked out where a price is known'),
      input_summary: shortText.optional(),
      output_summary: shortText.optional(),
      full_input: longText.optional(),
      full_output: longText.optional(),
      error_message: shortText.optional(),
      zones_touched: z.array(zone).max(3).optional(),
      tools_used: z.array(z.string().min(1).max(200)).max(200).optional(),
    }),
    output: agentRun,
    run: 'log_agent_run',
    argumentsOf: (input) => ({
      ...input,
      ...(input.mode === undefined ? {} : { mode: saidText(input.mode, MOST_MODE) }),
      ...(input.model === undefined ? {} : { model: saidText(input.model, MOST_MODEL) }),
      ...(input.tools_used === undefined ? {} : { tools_used: saidTools(input.tools_used) }),
      ...Object.fromEntries(WORDS.flatMap((name) => (input[name] === undefined ? [] : [[name, redact(input[name])]]))),
    }),
  }),
];
