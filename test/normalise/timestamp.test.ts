import { describe, expect, it } from 'vitest';
import {
  claimedTimestamp,
  latest,
  optionalTimestamp,
  parseTimestamp,
  timestamp,
} from '../../src/normalise/fields/timestamp.ts';

describe('times of GitHub', () => {
  it.each([
    ['2019-05-15T15:20:41Z', '2019-05-15T15:20:41.000Z'],
    ['2021-06-15T19:22:27.123Z', '2021-06-15T19:22:27.123Z'],
    ['2019-05-15T15:20:55+00:00', '2019-05-15T15:20:55.000Z'],
    ['2021-04-28T22:32:21.000-04:00', '2021-04-29T02:32:21.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    [1557933657, '2019-05-15T15:20:57.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
  ])('come out in UTC: %s', (raw, expected) => {
    expect(parseTimestamp(raw)).toBe(expected);
    expect(timestamp.parse(raw)).toBe(expected);
  });

  it.each<[unknown, string]>([
    ['2019-05-15T15:20:41', 'no time zone'],
    ['2019-05-15', 'no time'],
    ['Wed, 15 May 2019 15:20:41 GMT', 'another form'],
    ['2019-13-15T15:20:41Z', 'no such month'],
    ['0000-01-01T00:00:00Z', 'the year 0, which Postgres does not know'],
    ['9999-12-31T23:59:59-01:00', 'in the year 10000 of UTC'],
    [1e300, 'too large'],
    [-1e12, 'too small'],
    [Number.NaN, 'not a number'],
    [{}, 'an object'],
    [true, 'a boolean'],
    [undefined, 'nothing'],
  ])('are refused, or null where anybody may have written them: %j, %s', (raw) => {
    expect(parseTimestamp(raw)).toBeNull();
    expect(timestamp.safeParse(raw).success).toBe(false);
    expect(claimedTimestamp.parse(raw)).toBeNull();
  });

  it('may be left out where GitHub leaves them out', () => {
    expect([undefined, null].map((raw) => optionalTimestamp.parse(raw))).toEqual([null, null]);
    expect(optionalTimestamp.safeParse('soon').success).toBe(false);
  });

  it('are compared as text for the latest', () => {
    expect(latest()).toBeNull();
    expect(latest(null, null)).toBeNull();
    expect(latest('2019-05-15T15:20:41.000Z', null, '2019-05-15T15:20:41.500Z', '2018-05-15T15:20:41.000Z')).toBe(
      '2019-05-15T15:20:41.500Z',
    );
  });
});
