import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { explained, inWords, speakPlainly } from '../../src/cli/terminal/explain.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';

beforeAll(speakPlainly);
afterAll(() => {
  z.config({ customError: undefined });
});

function thrownBy(answer: unknown): unknown {
  try {
    return z.object({ dead: z.number(), since: z.array(z.string()) }).parse(answer);
  } catch (thrown) {
    return thrown;
  }
}

it('takes our own errors by their message', () => {
  const errors = [new Misconfigured('set it'), new Transient('later'), new Rejected('no')];
  expect(errors.map((error) => explained(error))).toEqual(['set it', 'later', 'no']);
});

it('says of an answer of another shape which field it is, and what to do', () => {
  const thrown = thrownBy({ dead: 'a secret', since: [1] });
  expect(explained(thrown)).toBe(
    'An answer of the database is not as this version of CodeRed reads it (dead: should be a number, not a text; ' +
      'since.0: should be a text, not a number). Run `codered migrate`, and the commands of the version that serves.',
  );
  expect(inWords(thrownBy(null), 'GitHub')).toMatch(
    /^An answer of GitHub is not .* \(should be keys with values, not null\)\. See /,
  );
});

it('has no words for what nobody foresaw', () => {
  expect(explained(new TypeError('x is not a function'))).toBeNull();
  expect(inWords(new TypeError('x is not a function'))).toBe('x is not a function');
  expect(inWords('a text')).toBe('a text');
});
