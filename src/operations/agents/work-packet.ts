// What whoever takes work is given with it.
import { z } from 'zod';
import { isWorkType, resultSchemaOf } from '../../model/agent-results.ts';
import { id } from '../declared/operation.ts';

const named = z.looseObject({ kind: z.string(), type: z.string() });
const agent = z.looseObject({
  slug: z.string(),
  model_id: z.string().nullable(),
  max_tokens: z.int().nullable(),
  temperature: z.number().nullable(),
  allowed_zones: z.array(z.string()),
});

/** One piece of work. Texts in it are whoever's who wrote them: material for the agent, and no word of ours. */
export const workPacket = z
  .looseObject({
    work_id: id,
    kind: z.enum(['job', 'stage']),
    type: z.string().describe('Of a job its own; of a stage the word that its workflow has for it'),
    claim: z.int().describe('Goes with all that you say of this work'),
    lease_seconds: z.int(),
    locked_until: z.string().describe('When others may take it, unless you keep it'),
    project_id: id.nullable(),
    run_id: id.nullable(),
    attempt: z.int(),
    max_attempts: z.int(),
    input: z.unknown().optional().describe('Of a job; `results` in it are those of the earlier steps, by type'),
    intent: z.unknown().optional().describe('Of a stage: what its run was started with'),
    stage: z.unknown().describe('The definition of a stage; null for a job'),
    artifacts: z.array(z.looseObject({ file_path: z.string().nullable() })).describe('What earlier steps left'),
    answers: z.array(z.unknown()).describe('All that was asked, with answers; null where nobody gave one'),
    prompt_packet: z.string().nullable().describe('The same as one text for a model'),
    agent: agent.nullable().describe('Null where no file of agents has one for it: then green zones alone'),
    result_schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of what `complete` takes'),
    constraints: z.unknown().describe('allowed_zones, cost_ceiling_usd, spent_usd, must_end_at'),
    rules: z.unknown().describe('The project’s own, in its words'),
  })
  .meta({ id: 'WorkPacket' });

/** Each with the JSON Schema of what it has to give: a stage's is one for all, whatever its workflow calls it. */
export function withSchemas(packets: readonly unknown[]): unknown[] {
  return packets.map((packet) => {
    const told = named.parse(packet);
    const type = told.kind === 'stage' ? 'stage' : told.type;
    return { ...told, result_schema: isWorkType(type) ? resultSchemaOf(type) : null };
  });
}
