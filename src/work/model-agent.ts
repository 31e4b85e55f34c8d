// An agent that is a language model behind an OpenAI-compatible address: it is asked once for the whole result, and told what is wrong
// with it.

import { Misconfigured, Transient } from '../model/errors.ts';
import { saidText } from '../text/storable-text.ts';
import { outcomeOf } from './json-result.ts';
import { type ModelAnswer, readAnswer } from './model-answer.ts';
import {
  lessAfter,
  type Message,
  mendMessages,
  messagesFor,
  requestBody,
  TAKEN_BY_MOST,
  type Taken,
} from './model-request.ts';
import { patiently } from './patience.ts';
import { type Posted, postJson } from './post-json.ts';
import { addUsage } from './said-lines.ts';
import type { Agent, Outcome, Usage, WorkPacket } from './work-packet.ts';

/** Where the model is. */
export interface ModelAgentOptions {
  /** Up to and without `/chat/completions`. */
  readonly url: string;
  /** Null: none is sent. */
  readonly key: string | null;
  /** Asked where an agent names no model; null: such work is given back. */
  readonly model: string | null;
  /** For one piece of work, with all that is asked again. */
  readonly timeoutMs: number;
}

const MOST_BYTES = 16 * 1024 * 1024;
/** How often a request is made smaller. */
const MOST_FORMS = 5;

/** Throws Misconfigured when the address or the key is wrong. */
export function makeModelAgent(options: ModelAgentOptions): Agent {
  // By model: what the server takes is asked once.
  const taken = new Map<string, Taken>();
  const answers = new WeakMap<WorkPacket, string | null>();
  return async (packet, { problems, stop, onProgress, onLine }) => {
    let usage: Usage = {};
    const failed = (error: string, mayTryAgain = false): Outcome => ({
      kind: 'failed',
      error,
      isFinal: false,
      mayTryAgain,
      usage,
    });
    const model = options.model ?? packet.agent?.model_id ?? '';
    if (model === '') return failed('The agent names no model, and the worker was started without --model-name');
    const mend = problems.length === 0 ? [] : mendMessages(answers.get(packet) ?? null, problems);
    const messages = [...messagesFor(packet), ...mend];
    onProgress(5, `asking ${model}`);
    const limit = AbortSignal.timeout(options.timeoutMs);
    try {
      const asked = await ask({
        options,
        packet,
        model,
        messages,
        stop: AbortSignal.any([stop, limit]),
        taken,
        onLine,
      });
      if (typeof asked === 'string') return failed(asked);
      usage = addUsage(usage, asked.usage);
      answers.set(packet, asked.text?.slice(0, MOST_BYTES) ?? null);
      onLine(`${model} answered (${usage.tokens_in ?? '?'} tokens in, ${usage.tokens_out ?? '?'} out)`);
      if ('why' in asked.read) return failed(`The model gave no result: ${asked.read.why}`, true);
      return outcomeOf(asked.read.json, usage);
    } catch (error) {
      if (stop.aborted) return failed('The model was stopped');
      if (limit.aborted) return failed(`The model gave no answer within ${options.timeoutMs / 1000} s, its time`);
      if (error instanceof Transient) return failed(`The model can't be asked: ${error.message}`);
      throw error;
    }
  };
}

interface Asking {
  readonly options: ModelAgentOptions;
  readonly packet: WorkPacket;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly stop: AbortSignal;
  readonly taken: Map<string, Taken>;
  /** Hears why the model is asked again. */
  readonly onLine: (line: string) => void;
}

/** The answer, or why there is none. */
async function ask({ options, packet, model, messages, stop, taken, onLine }: Asking): Promise<ModelAnswer | string> {
  const { url, key: token, timeoutMs } = options;
  for (let form = 1; ; form++) {
    const now = taken.get(model) ?? TAKEN_BY_MOST;
    const body = requestBody(packet, { model, messages, taken: now });
    const bounds = { timeoutMs, stop, mostBytes: MOST_BYTES };
    const posted = await patiently(
      async () => unlessForNow(await postJson({ url: `${url}/chat/completions`, token, body, ...bounds }), url),
      {
        forMs: timeoutMs,
        stop,
        onWait: ({ message }, ms) => onLine(`${message}. Again in ${(ms / 1000).toFixed(1)} s`),
      },
    );
    if (posted.status === 200) {
      return readAnswer(posted.json, model) ?? 'The model gave no result: its server answers with no chat completion';
    }
    const words = wordsOf(posted);
    if ([401, 403].includes(posted.status)) {
      throw new Misconfigured(`The model's server at ${url} does not take the key in CODERED_MODEL_KEY: ${words}`);
    }
    if (posted.status === 404 || posted.status < 400) {
      throw new Misconfigured(`There is no model ${model} at ${url} (${posted.status}): ${words}`);
    }
    const less = [400, 422].includes(posted.status) && form < MOST_FORMS ? lessAfter(words, now) : null;
    if (less === null) return `The model's server refuses what it is asked (${posted.status}): ${words}`;
    taken.set(model, less);
  }
}

function unlessForNow(posted: Posted, url: string): Posted {
  const { status, retryAfterMs } = posted;
  if (status !== 408 && status !== 429 && status < 500) return posted;
  throw new Transient(`The model's server at ${url} answers ${status}: ${wordsOf(posted)}`, { retryAfterMs });
}

/** Servers like to repeat a key that they do not take. */
function wordsOf({ json }: Posted): string {
  return json === undefined ? 'without a word' : saidText(JSON.stringify(json), 500);
}
