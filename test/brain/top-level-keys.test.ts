import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topLevelKeys } from '../../src/brain/calls/top-level-keys.ts';

describe('the top-level keys of a JSON text', () => {
  it.each([
    ['{}', []],
    [' \n\t{ } ', []],
    ['{"a":1,"b":{"c":2},"d":[{"e":3}]}', ['a', 'b', 'd']],
    ['{"a" : "b", "c":"d:e"}', ['a', 'c']],
    ['{"a\\"b":1,"c\\\\":2,"\\u0064":3}', ['a"b', 'c\\', 'd']],
    ['{"a":"}","b":"\\"}{","c":"\\\\"}', ['a', 'b', 'c']],
    ['{"a":1,"a":2}', ['a']],
    ['{"":1,"__proto__":2}', ['', '__proto__']],
    ['[1]', null],
    ['"{}"', null],
    ['null', null],
    ['{"a":1', null],
    ['{"a', null],
    ['', null],
  ])('of %s are %j', (json, keys) => {
    expect(topLevelKeys(json)).toEqual(keys);
  });

  it('are those that a parser finds, for any object in any spacing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2, '\t'), (value, spacing) => {
        expect(new Set(topLevelKeys(JSON.stringify(value, null, spacing)))).toEqual(new Set(Object.keys(value)));
      }),
    );
  });

  it('are found in linear time however the text is made to hurt', () => {
    for (const hostile of [
      '\\'.repeat(2_000_000),
      '\\"'.repeat(1_000_000),
      '{'.repeat(2_000_000),
      '"'.repeat(2_000_001),
    ]) {
      topLevelKeys(`{"a":"${hostile}`);
    }
  });
});
