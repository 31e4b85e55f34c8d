import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/brain/calls/call-arguments.ts';

const LONG = 'x'.repeat(20_000);

describe('the arguments of a call', () => {
  it.each([
    ['nothing', '', { keys: [], rest: '' }],
    ['a short object as it is', '{"a": 1, "b": "text"}', { keys: ['a', 'b'], rest: '{"a": 1, "b": "text"}' }],
    [
      'a long object without a long text as it is',
      JSON.stringify({ a: [LONG] }),
      { keys: ['a'], rest: JSON.stringify({ a: [LONG] }) },
    ],
  ])('are %s', (_, body, expected) => {
    expect(readArguments(body)).toEqual({ body, texts: new Map(), ...expected });
  });

  it('hold long texts apart from the rest', () => {
    const body = JSON.stringify({ heads: [1], payloads: LONG });
    expect(readArguments(body)).toEqual({
      keys: ['heads', 'payloads'],
      body,
      texts: new Map([['payloads', LONG]]),
      rest: '{"heads":[1]}',
    });
    expect(readArguments(JSON.stringify({ payloads: LONG }))?.rest).toBe('');
  });

  it.each([
    ['a NUL character', `${LONG}\0`],
    ['half a surrogate pair', `${LONG}\ud800`],
  ])('leave a text with %s in JSON, where Postgres refuses it as such', (_, text) => {
    const body = JSON.stringify({ payloads: text });
    expect(readArguments(body)).toMatchObject({ texts: new Map(), rest: body });
  });

  it.each(['[1]', '"text"', 'null', 'no JSON', `[${JSON.stringify(LONG)}]`, `{"a": "${LONG}`])(
    'are none in what is no JSON object',
    (body) => {
      expect(readArguments(body)).toBeNull();
    },
  );
});
