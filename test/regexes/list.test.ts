// The list of expressions is held against the sources as shape.test.ts holds the files: a new one has to be listed.
import { describe, expect, test } from 'vitest';
import { EXPRESSIONS } from './expressions.ts';
import { findExpressions } from './find-expressions.ts';
import { keyOf, valuesOf } from './listed.ts';

describe('the list of expressions', () => {
  const listed = EXPRESSIONS.flatMap(({ file, expressions }) =>
    (expressions ?? []).map((one) => `${file} ${keyOf(one)}`),
  );
  const whole = EXPRESSIONS.flatMap(({ file, expressions }) => (expressions === null ? [file] : []));

  test('holds each of src/ once, and no other', () => {
    const all = findExpressions();
    const found = [
      ...new Set(all.filter(({ file }) => !whole.includes(file)).map(({ file, key }) => `${file} ${key}`)),
    ];
    const result = new Set(listed);
    expect(
      found.filter((one) => !result.has(one)),
      'not listed: put them into test/regexes/expressions-*.ts, with what they read',
    ).toEqual([]);
    expect(
      listed.filter((one) => !found.includes(one)),
      'listed, and not there any more',
    ).toEqual([]);
    expect(listed).toHaveLength(result.size);
    expect(whole.filter((file) => all.every((one) => one.file !== file))).toEqual([]);
  });

  test('knows what stands for an expression that is made from outside of its file', () => {
    const unknown = EXPRESSIONS.filter(({ mostCharacters }) => mostCharacters !== null)
      .flatMap(({ expressions }) => expressions ?? [])
      .filter((one) => valuesOf(one).length === 0 && !keyOf(one).startsWith('z.url('));
    expect(unknown).toEqual([]);
  });
});
