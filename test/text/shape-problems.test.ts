// What schemas refuse, in plain words that name the field and say what is allowed there.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fileWords, plainWords, shapeProblems, shapeSentence } from '../../src/text/shape-problems.ts';

const schema = z.strictObject({
  name: z.string().min(1).max(5),
  role: z.enum(['code', 'test']),
  count: z.int().min(2).max(9).optional(),
  share: z.number().gt(0).lt(1).optional(),
  zones: z.array(z.string()).max(1).optional(),
  on: z.boolean().optional(),
  docs: z.url().optional(),
  at: z.iso.datetime().optional(),
  kind: z
    .discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })])
    .optional(),
  either: z.union([z.string(), z.number()]).optional(),
  even: z.number().multipleOf(2).optional(),
  own: z.string().regex(/^a/, 'must begin with a').optional(),
});
const GOOD = { name: 'x', role: 'code' };

function saidOf(value: unknown, error: typeof plainWords = plainWords): string {
  const parsed = schema.safeParse(value, { error });
  return parsed.success ? '' : shapeSentence(parsed.error);
}

describe('what a schema refuses', () => {
  it.each([
    [{ role: 'code' }, 'name: is missing; it should be a text'],
    [{ name: 'x' }, 'role: is missing; it should be one of code, test'],
    [{ ...GOOD, name: '' }, 'name: must not be empty'],
    [{ ...GOOD, name: 'abcdef' }, 'name: should have at most 5 characters'],
    [{ ...GOOD, name: ['secret'] }, 'name: should be a text, not a list'],
    [{ ...GOOD, name: null }, 'name: should be a text, not null'],
    [{ ...GOOD, name: 7 }, 'name: should be a text, not a number'],
    [{ ...GOOD, role: 'secret' }, 'role: should be one of code, test'],
    [{ ...GOOD, count: 1 }, 'count: should be at least 2'],
    [{ ...GOOD, count: 10 }, 'count: should be at most 9'],
    [{ ...GOOD, count: 'secret' }, 'count: should be a number, not a text'],
    [{ ...GOOD, share: 0 }, 'share: should be more than 0'],
    [{ ...GOOD, share: 1 }, 'share: should be less than 1'],
    [{ ...GOOD, zones: ['a', 'b'] }, 'zones: should have at most 1 entries'],
    [{ ...GOOD, zones: [false] }, 'zones.0: should be a text, not true or false'],
    [{ ...GOOD, on: 'secret' }, 'on: should be true or false, not a text'],
    [{ ...GOOD, docs: 'secret' }, 'docs: should be an address (URL)'],
    [{ ...GOOD, at: 'secret' }, 'at: should be a time with its zone (ISO 8601)'],
    [{ ...GOOD, kind: { type: 'secret' } }, 'kind.type: should be one of a, b'],
    [{ ...GOOD, either: true }, 'either: is of no kind that is allowed here'],
    [{ ...GOOD, even: 3 }, 'even: should be a multiple of 2'],
    [{ ...GOOD, own: 'secret' }, 'own: must begin with a'],
    [['secret'], 'should be keys with values, not a list'],
  ])('is told by field, and nothing of the value is repeated: %j', (value, said) => {
    expect(saidOf(value)).toBe(said);
  });

  it('is told of every key that is not there, with what is allowed', () => {
    const allowed = Object.keys(schema.shape).join(', ');
    expect(saidOf({ ...GOOD, rol: 1 })).toBe(`rol: there is no such key; did you mean role? Allowed here: ${allowed}`);
    const two = schema.safeParse({ ...GOOD, x1: 1, y1: 2 }, { error: plainWords });
    expect(two.error && shapeProblems(two.error)).toEqual([
      { field: 'x1', said: `there is no such key. Allowed here: ${allowed}` },
      { field: 'y1', said: `there is no such key. Allowed here: ${allowed}` },
    ]);
  });

  it('is told of a few keys, and of the beginning of a long one', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${index}`.padEnd(500, 'x'), 1]));
    const parsed = schema.safeParse({ ...GOOD, ...many }, { error: plainWords });
    const problems = parsed.error === undefined ? [] : shapeProblems(parsed.error);
    expect(problems).toHaveLength(20);
    expect(problems[0]?.field).toHaveLength(100);
  });

  it('in a file that people write is told with what to write instead', () => {
    expect(saidOf({ ...GOOD, on: 'yes' }, fileWords)).toMatch(/^on: should be true or false: write true/);
    expect(saidOf({ ...GOOD, zones: 'a' }, fileWords)).toBe('zones: should be a list: [a]');
    expect(saidOf({ ...GOOD, role: 'tests' }, fileWords)).toBe('role: should be one of code, test; did you mean test?');
    expect(saidOf({ name: 'x' }, fileWords)).toBe('role: is missing; it should be one of code, test');
    expect(saidOf({ ...GOOD, count: 'x' }, fileWords)).toBe('count: should be a number, not a text');
  });
});
