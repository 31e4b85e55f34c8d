// A log written to hold what all patterns look for on each of its lines is matched up to a bound, and judged by what is left.
import { expect, test } from 'vitest';
import { classifyLog } from '../../src/diagnose/classify.ts';
import { compilePatterns } from '../../src/diagnose/patterns/match.ts';
import type { Pattern } from '../../src/model/failure.ts';

const PATTERNS = 20;
const pattern = (index: number): Pattern => ({
  id: null,
  name: `pattern ${index}`,
  kind: 'regex',
  pattern: `needle-${index}:\\d+ is found`,
  category: 'other',
  severity: 'error',
  root_cause: '',
  recommended_fix: '',
  docs_url: null,
  priority: 0,
  rank: 'cause',
  pick: 'last',
});
const patterns = Array.from({ length: PATTERNS }, (_, index) => pattern(index));
const hostile = `${patterns.map(({ name }) => `${name.replace('pattern ', 'needle-')}:`).join(' ')} is found`;
const read = (log: string, mostTried?: number) => {
  const matching = compilePatterns(patterns, undefined, mostTried).start();
  matching.write(Buffer.from(log));
  return matching.end();
};

test('the bound is far above what a log comes to that nobody wrote for it', () => {
  const { matches } = read(`${`${hostile}\n`.repeat(1_000)}needle-19:87 is found\n`);
  expect(matches.map(({ pattern: { name } }) => name)).toEqual(['pattern 19']);
});

test('no more is tried than the bound, whatever the log', () => {
  const asked = hostile.length * PATTERNS * 100;
  const block = `${`${hostile}\n`.repeat(10_000)}`;
  expect(block.length).toBeGreaterThan(2 * 256 * 1_024);
  const { matches, anchor } = read(`${block}needle-3:87 is found\n##[error]the build broke\n`, asked);
  expect(matches).toEqual([]);
  expect(anchor).toMatchObject({ kind: 'error', text: '##[error]the build broke' });
});

test('no block is tried for longer than a turn may take, and the next one is read as ever', () => {
  const anchored = Array.from({ length: 300 }, (_, index) => ({
    ...pattern(index),
    pattern: `^needle-${index}:\\d+ is found`,
  }));
  const line = `[0] #1 app | INFO remote: [1] ${anchored.map((_, index) => `needle-${index}:`).join(' ')} is found`;
  const first = `${`${line.padEnd(4_090, '.')}\n`.repeat(62)}needle-3:87 is found\n`;
  const block = `${first}${'x'.repeat(256 * 1_024 - first.length - 1)}\n`;
  const matching = compilePatterns(anchored).start();
  matching.write(Buffer.from(block));
  expect(matching.end().matches).toEqual([]);
  const twice = compilePatterns(anchored).start();
  twice.write(Buffer.from(`${block}needle-5:87 is found\n`));
  expect(twice.end().matches.map(({ pattern: { name } }) => name)).toEqual(['pattern 5']);
});

test('of a log that every pattern matches 1,000 are told, those of the failed step first, and 100 are stored', () => {
  const many = Array.from({ length: 1_100 }, (_, index) => ({ ...pattern(index), id: `id ${index}` }));
  const said = many.map((_, index) => `needle-${index}:1 is found\n`);
  const failed = 'needle-1099:7 is found\n##[error]Process completed with exit code 1.\n';
  const matching = compilePatterns(many).start();
  matching.write(Buffer.from(`##[group]Run one\n${said.join('')}##[group]Run two\n${failed}`));
  const found = matching.end();
  expect(found.matches).toHaveLength(1_000);
  const { matches } = classifyLog(found, [], 'test');
  expect(matches).toHaveLength(100);
  expect(matches[0]).toMatchObject({ bug_pattern_id: 'id 1099', is_primary: true, cause_position: 1 });
  expect(found.primary).toMatchObject({ line: 1103, pattern: { name: 'pattern 1099' }, demoted: null });
});
