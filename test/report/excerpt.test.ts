import { expect, test } from 'vitest';
import { shownExcerpt } from '../../src/report/failures/excerpt.ts';
import { byteLength } from '../../src/text/outside-text.ts';
import { peerConflict } from './reports.ts';

const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
const long = peerConflict({
  excerpt: lines.join('\n'),
  excerpt_first_line: 1,
  excerpt_last_line: 100,
  line_number: 50,
});

test('an excerpt that fits is shown whole, with its lines', () => {
  expect(shownExcerpt(long, 4096)).toEqual({ title: 'Lines 1–100 of the log', lines });
});

test.each([
  ['the lines around the matched one are kept', 50, 49, 51],
  ['near the end, more of what stands before', 100, 98, 100],
  ['without a matched line, the end is kept', null, 98, 100],
  ['a matched line outside the excerpt does no harm', 4000, 98, 100],
])('%s', (_, line_number, first, last) => {
  const shown = shownExcerpt({ ...long, line_number }, 25);
  expect(shown).toEqual({ title: 'Lines 1–100 of the log, shortened', lines: lines.slice(first - 1, last) });
});

test('one line beyond the limit is cut', () => {
  const shown = shownExcerpt({ ...long, excerpt: 'é'.repeat(5000) }, 200);
  expect(shown?.lines).toHaveLength(1);
  expect(byteLength(shown?.lines[0] ?? '')).toBeLessThanOrEqual(200);
});

test('the title says one line, or nothing that is not known', () => {
  expect(shownExcerpt(peerConflict({ excerpt: 'a', excerpt_last_line: 214 }), 100)?.title).toBe('Line 214 of the log');
  expect(shownExcerpt(peerConflict({ excerpt: 'a', excerpt_first_line: null }), 100)?.title).toBe('What it said');
});

test('no excerpt and an empty one are none', () => {
  expect(shownExcerpt(peerConflict({ excerpt: null }), 100)).toBeNull();
  expect(shownExcerpt(peerConflict({ excerpt: ' \n' }), 100)).toBeNull();
});
