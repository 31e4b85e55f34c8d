// What is read out of the lines that a command writes to standard error.

import { describe, expect, test } from 'vitest';
import { addUsage, readSaid } from '../../src/work/said-lines.ts';

describe('a line', () => {
  test.each([
    ['progress 40 reading the log', { kind: 'progress', progress: 40, note: 'reading the log' }],
    ['progress 12.5', { kind: 'progress', progress: 12.5, note: null }],
    ['{"progress": 100, "note": " "}', { kind: 'progress', progress: 100, note: null }],
    ['{"usage": {"cost_usd": 0.5}}', { kind: 'usage', usage: { cost_usd: 0.5 } }],
  ])('%s says it', (line, said) => {
    expect(readSaid(line)).toEqual(said);
  });

  test.each([
    ['progress'],
    ['progress '],
    ['progress 101'],
    ['progress -1 back'],
    ['progress NaN'],
    ['progress Infinity'],
    ['progress: 40'],
    ['{"progress": "40"}'],
    ['{"progress": 40, "more": 1}'],
    ['{"usage": {"tokens_in": -1}}'],
    ['{"usage": {"zones_touched": ["purple"]}}'],
    ['{"usage": {"full_input": "x"}}'],
    ['{"progress"'],
    [`{${'['.repeat(8_000)}`],
  ])('%.60s is for people', (line) => {
    expect(readSaid(line)).toEqual({ kind: 'other' });
  });

  test('holds no more of a note than is kept', () => {
    expect(readSaid(`progress 1 ${'x'.repeat(8_000)}`)).toEqual({
      kind: 'progress',
      progress: 1,
      note: 'x'.repeat(500),
    });
  });
});

test('usage that is told again and again stays within what the server takes', () => {
  const told = {
    tokens_in: 2_000_000_000,
    cost_usd: 60_000_000,
    zones_touched: ['green' as const],
    tools: Array.from({ length: 100 }, (_, at) => `t${at}`),
  };
  const all = addUsage(addUsage(told, told), { ...told, tools: ['another'], zones_touched: ['red'] });
  expect(all).toMatchObject({ tokens_in: 2_147_483_647, cost_usd: 99_999_999, zones_touched: ['green', 'red'] });
  expect(all.tools).toHaveLength(100);
});
