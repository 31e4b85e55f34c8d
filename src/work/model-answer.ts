// Reads what a language model answered, in the form of OpenAI's chat completions. Pure.

import { z } from 'zod';
import { type ReadJson, readJson } from './json-result.ts';
import type { Usage } from './work-packet.ts';

const completion = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.looseObject({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish(),
});

/** What a model answered. */
export interface ModelAnswer {
  /** Null when it said nothing. */
  readonly text: string | null;
  readonly read: ReadJson;
  readonly usage: Usage;
}

/** Null when it is no chat completion at all. */
export function readAnswer(json: unknown, model: string): ModelAnswer | null {
  const found = completion.safeParse(json);
  const choice = found.data?.choices[0];
  if (found.data === undefined || choice === undefined) return null;
  const { usage: counted, model: named } = found.data;
  const usage = {
    model_id: (named ?? model).slice(0, 200),
    ...(counted ? { tokens_in: counted.prompt_tokens, tokens_out: counted.completion_tokens } : {}),
  };
  const text = choice.message.content ?? null;
  const refused = choice.message.refusal ?? '';
  if (refused !== '') return { text, read: { why: `the model refuses: ${refused.slice(0, 500)}` }, usage };
  if (choice.finish_reason === 'length') {
    return { text, read: { why: 'the answer was cut off at the most tokens the agent may write' }, usage };
  }
  return { text, read: readJson(withoutFence(text ?? '')), usage };
}

/** Models that are told to write JSON alone like to put it into a block of Markdown all the same. */
function withoutFence(text: string): string {
  const bare = text.trim();
  const body = bare.startsWith('```') && bare.endsWith('```') ? bare.slice(3, -3) : null;
  if (body === null || !body.includes('\n')) return bare;
  return body.slice(body.indexOf('\n') + 1);
}
