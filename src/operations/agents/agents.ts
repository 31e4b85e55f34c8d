// Agents, what they did, the models that they use and what these cost.
import { z } from 'zod';
import { batch, CHANGES, id, type Operation, operation, place, READS, time } from '../declared/operation.ts';

/** A part of a repository. */
export const zone = z.enum(['red', 'yellow', 'green']);

const listedAgent = z.object({
  id,
  slug: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  role: z.enum([
    'architect',
    'code',
    'test',
    'review',
    'infra',
    'safety',
    'orchestrator',
    'cynic',
    'research',
    'librarian',
  ]),
  allowed_zones: z.array(zone),
  default_model: z.string().nullable(),
  long_horizon_allowed: z.boolean(),
});

const agent = z.object({
  ...listedAgent.shape,
  model_id: z.string().nullable().describe('The model of `list_models`; null where its name is none of them'),
  max_tokens: z.int().nullable(),
  temperature: z.number().nullable(),
  cost_ceiling_usd: z.number().nullable().describe('What one run may cost'),
  config_yaml_path: z.string().nullable(),
  created_at: time,
  updated_at: time,
});

const listedRun = z.object({
  id,
  project_id: id,
  agent: z.string().describe('Its slug'),
  task_id: id.nullable(),
  job_id: id.nullable(),
  mode: z.string().nullable(),
  model: z.string().nullable(),
  status: z.enum(['succeeded', 'failed', 'aborted']),
  error_message: z.string().nullable(),
  input_summary: z.string().nullable(),
  output_summary: z.string().nullable(),
  tokens_prompt: z.int().nullable(),
  tokens_completion: z.int().nullable(),
  approx_cost_usd: z.number().nullable(),
  is_self_reported: z.boolean().describe('Whoever ran it told of it, and nobody here counted'),
  created_at: time,
});

/** As `read_agent_run` gives it. */
export const agentRun = z.object({
  ...listedRun.shape,
  full_input: z.string().nullable(),
  full_output: z.string().nullable(),
  is_cut: z.boolean().describe('Whether a text was longer than the 100,000 characters that are told of it'),
  zones_touched: z.array(zone),
  tools_used: z.array(z.string()),
  duration_ms: z.int().nullable().describe('As the agent says'),
  rag_documents: z.array(id).describe('Documents that were consulted; one may be gone'),
});

/** All of them. */
export const AGENT_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_agents',
    summary: 'Lists the agents of this CodeRed, by slug.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ batch, after_slug: z.string().max(100).optional() }),
    output: z.array(listedAgent),
    run: 'list_agents',
    page: { after: { after_slug: 'slug' }, more: 'extra' },
  }),
  operation({
    name: 'read_agent',
    summary: 'Says what an agent is for, which zones it may touch, which model it uses and what a run may cost.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ slug: z.string().min(1).max(100) }),
    output: agent,
    run: 'read_agent',
  }),
  operation({
    name: 'list_agent_runs',
    summary: 'Lists the calls of agents in a project, of a task, a job or an agent, newest first.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({
      project_id: id,
      task_id: id.optional(),
      job_id: id.optional(),
      agent: z.string().min(1).max(100).optional().describe('Its slug'),
      batch,
      before_created_at: place.optional(),
      before_run: id.optional(),
    }),
    output: z.array(listedRun),
    run: 'list_agent_runs',
    page: { after: { before_created_at: 'created_at', before_run: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'read_agent_run',
    summary: 'Gives one call of an agent with what went in and what came out.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, agent_run_id: id }),
    output: agentRun,
    run: 'read_agent_run',
  }),
];

const price = z.number().min(0).max(9999).nullable().describe('US dollars for 1,000 tokens; null: not known');

const writtenModel = {
  provider: z.string().min(1).max(200),
  display_name: z.string().min(1).max(200),
  tier: z.enum(['top', 'mid', 'low']),
  input_cost_per_1k: price,
  output_cost_per_1k: price,
  max_context_tokens: z.int().min(1).max(2_147_483_647).nullable(),
  supports_tools: z.boolean(),
  supports_streaming: z.boolean(),
  supports_structured_output: z.boolean(),
  is_active: z.boolean(),
};
const model = z.object({ id: z.string(), ...writtenModel, updated_at: time });

const spent = z.object({
  model: z.string().nullable().describe('As `list_models` or the provider calls it; null where none was told'),
  calls: z.int(),
  tokens_in: z.int(),
  tokens_out: z.int(),
  cost_usd: z.number(),
  without_price: z.int().describe('Calls of which no price is known: they count as nothing'),
});

/** Models and what they cost. */
export const MODEL_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_models',
    summary: 'Lists the models that agents may use, with their prices, by id.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ batch, after_model: z.string().max(200).optional() }),
    output: z.array(model),
    run: 'list_models',
    page: { after: { after_model: 'id' }, more: 'extra' },
  }),
  operation({
    name: 'set_model',
    summary: 'Changes a model or its prices, or adds one; for the operator alone. Earlier calls keep their cost.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({ model_id: z.string().min(1).max(200), ...z.object(writtenModel).partial().shape }),
    output: model,
    run: 'set_model',
    argumentsOf: ({ model_id, ...changes }) => ({ model_id, model: changes }),
  }),
  operation({
    name: 'read_cost',
    summary: 'Says what models cost a project, model by model; this month unless told.',
    scope: 'read',
    hints: READS,
    input: z.strictObject({ project_id: id, since: place.optional(), until: place.optional() }),
    output: z.object({
      project_id: id,
      since: time,
      until: time,
      total_cost_usd: z.number().describe('Without what was only told'),
      self_reported: z
        .object({ calls: z.int(), cost_usd: z.number() })
        .describe('What agents told of themselves, beside it'),
      calls: z.int(),
      models: z.array(spent),
    }),
    run: 'project_cost',
  }),
];
