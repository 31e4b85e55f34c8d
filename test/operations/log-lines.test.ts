import { expect, it } from 'vitest';
import { MOST_FOUND, MOST_LINES, pickLines, type WantedLines } from '../../src/operations/ci/log-lines.ts';

function pick(texts: readonly string[], wanted: WantedLines, { first = 1, from = 1 } = {}) {
  const picker = pickLines(wanted, from);
  let taken = 0;
  for (const [index, text] of texts.entries()) {
    taken += 1;
    if (!picker.take({ line: first + index, text })) break;
  }
  return { ...picker.end(), taken };
}
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

it('gives the lines of a range with their numbers, and reads no further than their neighbours', () => {
  const picked = pick(numbered(1_000), { from: 10, to: 12 });
  expect(picked.lines).toEqual([10, 11, 12].map((line) => ({ line, text: `line ${line}` })));
  expect([picked.next_line, picked.taken]).toEqual([null, 22]);
  expect(pick(['a', 'b'], { from: 50, to: 51 }, { first: 50 }).lines).toEqual([
    { line: 50, text: 'a' },
    { line: 51, text: 'b' },
  ]);
});

it('finds a text in whatever case, from a line on, and says where to go on', () => {
  const log = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? `FAILED ${index + 1}` : 'fine'));
  const first = pick(log, { search: 'failed' });
  expect(first.lines).toHaveLength(MOST_FOUND);
  expect(first.next_line).toBe(40);
  const second = pick(log, { search: 'failed' }, { from: first.next_line ?? 0 });
  expect(second.lines[0]).toEqual({ line: 41, text: 'FAILED 41' });
  expect(pick(log, { search: '.*' }).lines).toEqual([]);
});

it('shows no secret: not of a line, not out of the midst of a key, not by what is found and what is not', () => {
  const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
  const key = [
    '-----BEGIN RSA PRIVATE KEY-----',
    ...Array.from({ length: 60 }, (_, n) => `MIIEow${n}IBAAKCAQEA0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ`),
    '-----END RSA PRIVATE KEY-----',
  ];
  const log = [`token ${secret}`, ...key, 'over'];
  expect(pick(log, { from: 1, to: 1 }).lines[0]?.text).toBe('token [redacted:github-token]');
  expect(JSON.stringify(pick(log, { from: 30, to: 33 }).lines)).not.toContain('MIIE');
  expect(pick(log, { search: 'ghp_01' }).lines).toEqual([]);
  expect(pick(log, { search: 'MIIEow3' })).toMatchObject({ lines: [], next_line: null });
  expect(pick(log, { search: 'token' }).lines).toEqual([{ line: 1, text: 'token [redacted:github-token]' }]);
});

it('shows nothing invisible, and nothing longer than there is room for', () => {
  const hostile = `a\u200bb\u202ec\u0007${'x'.repeat(4_000)}`;
  const [line] = pick([hostile], { from: 1, to: 1 }).lines;
  expect(line?.text.startsWith('ab[U+202E]cxxx')).toBe(true);
  expect(Buffer.byteLength(line?.text ?? '')).toBeLessThanOrEqual(500);
  const long = pick(
    Array.from({ length: MOST_LINES }, () => 'y'.repeat(499)),
    { from: 1, to: MOST_LINES },
  );
  expect(long.lines).toHaveLength(32);
  expect(long.next_line).toBe(33);
});

it('looks closely at a bounded number of lines, however many hold the text', () => {
  const log = Array.from(
    { length: 5_000 },
    (_, n) => `ghp_0123456789abcdefghijABCDEFGHIJ${String(n).padStart(6, '0')}`,
  );
  expect(pick(log, { search: 'ghp_' })).toMatchObject({ lines: [], taken: 1_000 });
});

it('looks no closer at long lines beside those that are wanted than at short ones', () => {
  const work = (beside: string) => {
    const log = Array.from({ length: 450 }, (_, index) => (index % 111 === 110 ? 'found' : beside));
    const before = process.cpuUsage();
    expect(pick(log, { search: 'found' }).lines).toHaveLength(4);
    const { user } = process.cpuUsage(before);
    return user;
  };
  const long = 'const password = process.env.PASSWORD ?? "x"; '.repeat(89);
  work(long.slice(0, 300));
  const short = work(long.slice(0, 300));
  // Fourteen times as much text took seven times as long.
  expect(work(long)).toBeLessThan(3 * short);
});
