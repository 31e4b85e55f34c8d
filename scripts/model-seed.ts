// The models that agents may use, from supabase/models.yml to SQL. Pure; seed.ts and its test use it.
import { parse } from 'yaml';
import { z } from 'zod';
import { quoted } from './quoted.ts';

const price = z.number().nonnegative();

const modelSchema = z.strictObject({
  id: z.string().min(1),
  provider: z.string().min(1),
  display_name: z.string().min(1),
  tier: z.enum(['top', 'mid', 'low']),
  input_cost_per_1k: price,
  output_cost_per_1k: price,
  max_context_tokens: z.int().positive(),
  supports_tools: z.boolean(),
  supports_structured_output: z.boolean(),
});

/** One row of `codered.models`, but for what an operator sets. */
export type Model = z.infer<typeof modelSchema>;

/** Reads the file's text. Throws a ZodError that names the entry and the field when it is not as it should be. */
export function parseModels(text: string): readonly Model[] {
  return z.array(modelSchema).parse(parse(text));
}

/**
 * One statement that brings the rows of `codered.models` to the list. `is_active` stays as the operator set it, and so do
 * models that are not in the list: they are the operator's. Rows that are right already are not touched.
 */
export function renderModelSeed(models: readonly Model[]): string {
  const rows = models.map(({ id, provider, display_name, tier, ...numbers }) => {
    const texts = [id, provider, display_name, tier].map(quoted);
    const { input_cost_per_1k, output_cost_per_1k, max_context_tokens, supports_tools, supports_structured_output } =
      numbers;
    const rest = [
      input_cost_per_1k,
      output_cost_per_1k,
      max_context_tokens,
      supports_tools,
      supports_structured_output,
    ];
    return `  (${[...texts, ...rest.map(String)].join(', ')})`;
  });
  return `insert into codered.models as present (
  id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k, max_context_tokens, supports_tools, supports_structured_output)
values
${rows.join(',\n')}
on conflict (id) do update
set provider = excluded.provider,
  display_name = excluded.display_name,
  tier = excluded.tier,
  input_cost_per_1k = excluded.input_cost_per_1k,
  output_cost_per_1k = excluded.output_cost_per_1k,
  max_context_tokens = excluded.max_context_tokens,
  supports_tools = excluded.supports_tools,
  supports_structured_output = excluded.supports_structured_output
where (
  present.provider, present.display_name, present.tier, present.input_cost_per_1k, present.output_cost_per_1k,
  present.max_context_tokens, present.supports_tools, present.supports_structured_output
) is distinct from (
  excluded.provider, excluded.display_name, excluded.tier, excluded.input_cost_per_1k, excluded.output_cost_per_1k,
  excluded.max_context_tokens, excluded.supports_tools, excluded.supports_structured_output
);
`;
}
