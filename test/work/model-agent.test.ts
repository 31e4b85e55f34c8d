// A language model as an agent, asked over a real socket: what it is sent, and what comes of what it answers.

import { afterEach, describe, expect, test } from 'vitest';
import { type ModelAgentOptions, makeModelAgent } from '../../src/work/model-agent.ts';
import type { Try, WorkPacket } from '../../src/work/work-packet.ts';
import { type ChatReply, openChatServer, saying } from '../support/chat-server.ts';

const PACKET: WorkPacket = {
  work_id: '7b7b6c1e-3c1c-4c39-9d1a-0c8f2a3f5f10',
  kind: 'job',
  type: 'research',
  claim: 3,
  lease_seconds: 30,
  prompt_packet: 'Find out what the others ask for.',
  agent: { slug: 'researcher', model_id: 'small-1', max_tokens: 900, temperature: 0.2 },
  result_schema: { type: 'object' },
  input: { topic: 'prices' },
};

/** As OpenAI makes them. */
const KEY = `sk-proj-${'aZ3kP9'.repeat(8)}`;

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** Lets the agent try as often as there are lists of problems. */
async function tryModel(
  replies: readonly (ChatReply | null)[],
  {
    packet = PACKET,
    tries = [[]],
    stop = new AbortController().signal,
    ...options
  }: Partial<ModelAgentOptions> & { packet?: WorkPacket; tries?: string[][]; stop?: AbortSignal } = {},
) {
  const server = await openChatServer(replies);
  opened.push(server);
  const agent = makeModelAgent({ url: server.url, key: 'sk-test', model: null, timeoutMs: 30_000, ...options });
  const outcomes = [];
  const lines: string[] = [];
  for (const problems of tries) {
    const attempt: Try = { problems, stop, onProgress: () => {}, onLine: (line) => lines.push(line) };
    outcomes.push(await agent(packet, attempt));
  }
  return { outcomes, lines, bodies: server.asked.map(({ body }) => body), asked: server.asked };
}

const refusing = (message: string): ChatReply => ({ status: 400, json: { error: { message } } });
const COUNTED = { model_id: 'small-1', tokens_in: 30, tokens_out: 12 };

describe('a model', () => {
  test('is asked with what the agent may, and its JSON is the result', async () => {
    const { outcomes, asked } = await tryModel([saying('{"summary": "all ask 9"}')]);
    expect(outcomes).toEqual([{ kind: 'result', result: { summary: 'all ask 9' }, usage: COUNTED }]);
    expect(asked[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-test' } });
    expect(asked[0]?.body).toMatchObject({
      model: 'small-1',
      max_tokens: 900,
      temperature: 0.2,
      response_format: { type: 'json_schema', json_schema: { name: 'research_result', schema: { type: 'object' } } },
      messages: [{ role: 'system' }, { role: 'user', content: 'Find out what the others ask for.' }],
    });
  });

  test.each([
    ['in a block of Markdown', saying('```json\n{"a": 1}\n```'), { kind: 'result', result: { a: 1 } }],
    [
      'that is a question',
      saying('{"ask": [{"id": "m", "question": "Which?"}]}'),
      { kind: 'asks', questions: [{ id: 'm', question: 'Which?' }] },
    ],
    [
      'that is nonsense',
      saying('Sure! Here it is.'),
      {
        kind: 'failed',
        mayTryAgain: true,
        error: 'The model gave no result: it wrote no JSON, but "Sure! Here it is."',
      },
    ],
    [
      'that was cut off',
      saying('{"a": ', { finish_reason: 'length' }),
      { kind: 'failed', mayTryAgain: true, error: expect.stringContaining('cut off at the most tokens') },
    ],
    [
      'that is a refusal',
      saying('', { refusal: 'I can not' }),
      { kind: 'failed', error: expect.stringContaining('refuses: I can not') },
    ],
    [
      'that is no completion',
      { json: { hello: 1 } },
      { kind: 'failed', mayTryAgain: false, error: expect.stringContaining('no chat completion') },
    ],
    ['that is a page', { text: '<html>' }, { kind: 'failed', error: expect.stringContaining('no chat completion') }],
    [
      'with 400 whatever it is asked',
      refusing('too long'),
      { kind: 'failed', error: expect.stringMatching(/refuses what it is asked \(400\).*too long/) },
    ],
  ])('whose answer is one %s', async (_, reply, expected) => {
    const { outcomes } = await tryModel([reply]);
    expect(outcomes).toMatchObject([expected]);
  });

  test('that answered wrong is told its answer and what is wrong with it', async () => {
    const { outcomes, bodies } = await tryModel([saying('{"a": 1}'), saying('{"summary": "x"}')], {
      tries: [[], ['summary: is missing']],
    });
    expect(outcomes.at(-1)).toMatchObject({ kind: 'result', result: { summary: 'x' } });
    expect(bodies[1]?.messages).toMatchObject([
      {},
      {},
      { role: 'assistant', content: '{"a": 1}' },
      { role: 'user', content: expect.stringContaining('- summary: is missing') },
    ]);
  });

  test('whose server takes less is asked for less, and from then on at once', async () => {
    const replies = [
      refusing(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      refusing("Unsupported value: 'temperature' does not support 0.2 with this model."),
      refusing("'response_format' of type json_schema is not supported"),
      saying('{}'),
    ];
    const { outcomes, bodies } = await tryModel(replies, { tries: [[], []] });
    expect(outcomes).toMatchObject([{ kind: 'result' }, { kind: 'result' }]);
    expect(bodies).toHaveLength(5);
    const { model, messages, ...rest } = bodies[4] ?? {};
    expect(rest).toEqual({ max_completion_tokens: 900, response_format: { type: 'json_object' } });
  });

  test('that has too much to do is asked again when it says', async () => {
    const { outcomes, bodies, lines } = await tryModel([
      { status: 429, headers: { 'retry-after': '0' } },
      saying('{}'),
    ]);
    expect(outcomes).toMatchObject([{ kind: 'result' }]);
    expect(lines[0]).toMatch(/ answers 429: .*Again in 0\.\d s$/);
    expect(bodies).toHaveLength(2);
  });

  test('that never answers has failed when its time is over', async () => {
    const { outcomes } = await tryModel([null], { timeoutMs: 200 });
    expect(outcomes).toMatchObject([{ kind: 'failed', error: 'The model gave no answer within 0.2 s, its time' }]);
  });

  test('is left alone when the work is stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const { outcomes } = await tryModel([null], { stop: stop.signal });
    expect(outcomes).toMatchObject([{ kind: 'failed', error: 'The model was stopped' }]);
  });

  test.each([
    [
      'does not take the key',
      { status: 401, json: { error: { message: `bad key ${KEY}` } } },
      /does not take the key in CODERED_MODEL_KEY(?!.*sk-proj)/,
    ],
    ['does not know the model', { status: 404, json: {} }, 'There is no model small-1 at'],
    ['sends elsewhere', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, '(307)'],
  ])('whose server %s is a mistake of whoever runs it', async (_, reply, words) => {
    const tried = tryModel([reply]);
    await expect(tried).rejects.toThrow(words);
    await expect(tried).rejects.toHaveProperty('name', 'Misconfigured');
  });

  test('has to be named by somebody', async () => {
    const { outcomes, bodies } = await tryModel([saying('{}')], { packet: { ...PACKET, agent: null } });
    expect(outcomes).toMatchObject([{ kind: 'failed', error: expect.stringContaining('--model-name') }]);
    expect(bodies).toEqual([]);
  });
});
