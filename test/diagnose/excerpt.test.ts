import { describe, expect, test } from 'vitest';
import { cutExcerpt, MAX_EXCERPT_BYTES } from '../../src/diagnose/excerpt.ts';
import type { Anchor } from '../../src/diagnose/patterns/match.ts';

function anchor(texts: readonly string[], at: number, kind: Anchor['kind'] = 'match'): Anchor {
  const lines = texts.map((text, index) => ({ line: 101 + index, text }));
  const line = 101 + at;
  return { kind, line, first_line: line, last_line: line, text: texts[at] ?? '', step: null, lines };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

describe('the excerpt', () => {
  test('holds the line with ten neighbours on each side', () => {
    expect(cutExcerpt(anchor(numbered(60), 30))).toEqual({
      text: numbered(60).slice(20, 41).join('\n'),
      first_line: 121,
      last_line: 141,
    });
  });

  test('holds what came before an exit code, since that is its cause', () => {
    expect(cutExcerpt(anchor(numbered(60), 40, 'exit'))).toMatchObject({ first_line: 116, last_line: 141 });
  });

  test('holds the whole of a short log', () => {
    expect(cutExcerpt(anchor(['only'], 0, 'tail'))).toEqual({ text: 'only', first_line: 101, last_line: 101 });
  });

  test('ends where the step does', () => {
    const lines = ['x', '##[group]Run a', 'y', 'boom', 'z', 'Post job cleanup.', 'w'];
    expect(cutExcerpt(anchor(lines, 3))).toMatchObject({
      text: '##[group]Run a\ny\nboom\nz',
      first_line: 102,
      last_line: 105,
    });
  });

  test('neither begins nor ends with empty lines', () => {
    expect(cutExcerpt(anchor(['', ' ', 'a', 'boom', '', ''], 3))).toEqual({
      text: 'a\nboom',
      first_line: 103,
      last_line: 104,
    });
  });

  test('has at most 4 KB of UTF-8, nearest lines first, its own line always', () => {
    const lines = Array.from({ length: 9 }, (_, i) => `${i}${'é'.repeat(450)}`);
    const { text, first_line, last_line } = cutExcerpt(anchor(lines, 4));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_EXCERPT_BYTES);
    expect([first_line, last_line]).toEqual([103, 106]);
  });

  test('cuts a line that fills it alone at a character', () => {
    const { text } = cutExcerpt(anchor([`x${'🦀'.repeat(1024)}`], 0));
    expect(text).toBe(`x${'🦀'.repeat(1023)}`);
  });

  test('holds no secret, nor the rest of a key that began outside it', () => {
    const key = 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8z'.repeat(3).slice(0, 64);
    const armour = '-'.repeat(5);
    const lines = [
      `${armour}BEGIN PRIVATE KEY${armour}`,
      ...Array<string>(14).fill(key),
      'boom',
      `password=${'hunter2'}`,
    ];
    const { text } = cutExcerpt(anchor(lines, 15));
    expect(text).toBe(
      [...Array<string>(10).fill('[redacted:private-key]'), 'boom', 'password=[redacted:password]'].join('\n'),
    );
  });
});
