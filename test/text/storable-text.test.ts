import { describe, expect, it } from 'vitest';
import { optionalText, optionalWebUrl, storableText, TEXT_LIMITS, webUrl } from '../../src/text/storable-text.ts';

describe('storable text', () => {
  it.each([
    ['plain text as it is', 'a `b` </details>@everyone \n\t é 😀', 100, 'a `b` </details>@everyone \n\t é 😀'],
    ['NUL replaced', 'a\u0000b\u0000', 100, 'a\uFFFDb\uFFFD'],
    ['a lone high half replaced', 'a\ud800b', 100, 'a\uFFFDb'],
    ['a lone low half replaced', '\udc00', 100, '\uFFFD'],
    ['cut at the limit', 'abcdef', 3, 'abc'],
    ['not cut at exactly the limit', 'abc', 3, 'abc'],
    ['cut before a pair that the limit would split', 'ab😀', 3, 'ab'],
    ['cut after a pair that just fits', 'a😀b', 3, 'a😀'],
    ['a half at the limit that was alone already', 'ab\ud83dcd', 3, 'ab\uFFFD'],
    ['nothing', '', 3, ''],
  ])('%s', (_, raw, limit, expected) => {
    expect(storableText(raw, limit)).toBe(expected);
  });
});

describe('optional text', () => {
  it.each([
    [undefined, null],
    [null, null],
    ['', null],
    ['x'.repeat(101), 'x'.repeat(100)],
  ])('%j is %j', (raw, expected) => {
    expect(optionalText(TEXT_LIMITS.word).parse(raw)).toBe(expected);
  });
});

describe('web addresses', () => {
  it.each([
    ['https://example.com/a?b=c', 'https://example.com/a?b=c'],
    ['http://ci.example.com/1', 'http://ci.example.com/1'],
    ['javascript:alert(1)', null],
    ['javascript://example.com/%0aalert(1)', null],
    ['ftp://example.com/a', null],
    ['//example.com', null],
    ['https:/example.com', null],
    [`https://example.com/${'x'.repeat(2_000)}`, null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('are kept when http(s) and not too long, optional ones: %s', (raw, expected) => {
    expect(optionalWebUrl.parse(raw)).toBe(expected);
    if (raw !== expected) expect(webUrl.safeParse(raw).success).toBe(false);
    else if (raw !== null) expect(webUrl.parse(raw)).toBe(raw);
  });
});
