// What may carry an Idempotency-Key: nothing that takes or gives a secret, as the answer is kept for a day.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { onceOf, takesKey } from '../../src/http/rest/once.ts';
import { ADDS, operation, READS } from '../../src/operations/declared/operation.ts';

const made = (input: z.ZodObject, output: z.ZodType) =>
  operation({ name: 'make_it', summary: 'Makes it.', scope: 'admin', hints: ADDS, input, output, run: 'make_it' });
const plain = z.strictObject({ name: z.string() });

describe('an Idempotency-Key', () => {
  it.each([
    [
      'is taken where no secret is',
      plain,
      z.object({ id: z.uuid(), tokens_in: z.int(), token_count: z.string() }),
      true,
    ],
    ['is refused where a token is given', plain, z.object({ id: z.uuid(), token: z.string() }), false],
    [
      'is refused where one may be given, deep inside',
      plain,
      z.array(z.object({ of: z.object({ api_token: z.string().nullable() }) })),
      false,
    ],
    ['is refused where a token is taken', z.strictObject({ github_token: z.string().optional() }), z.object({}), false],
    ['is refused where a password is taken', z.strictObject({ password: z.string() }), z.object({}), false],
  ])('%s', (_, input, output, isTaken) => {
    const one = made(input, output);
    expect(takesKey(one)).toBe(isTaken);
    if (isTaken) expect(onceOf(one, {}, 'k')).toMatchObject({ keyHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    else expect(() => onceOf(one, {}, 'k')).toThrow('without an Idempotency-Key');
    expect(onceOf(one, {}, undefined)).toBeUndefined();
  });

  it('is refused where nothing is changed', () => {
    const read = { ...made(plain, plain), hints: READS };
    expect(takesKey(read)).toBe(false);
    expect(() => onceOf(read, {}, 'k')).toThrow('changes something');
  });
});
