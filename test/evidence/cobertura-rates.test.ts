// A rate that Cobertura's root says of all files: where it is worse than what is listed by more than rounding, it counts.
import { describe, expect, test } from 'vitest';
import { measureFile } from '../support/measure.ts';

const lines = (ran: number, all: number) =>
  Array.from({ length: all }, (_, at) => `<line number="${at + 1}" hits="${at < ran ? 1 : 0}"/>`).join('');
const report = (attributes: string, ran: number, all: number) =>
  `<coverage ${attributes}><packages><package name="p"><classes><class name="a" filename="a.py"><lines>${lines(ran, all)}</lines></class></classes></package></packages></coverage>`;
const read = (attributes: string, ran: number, all: number) =>
  measureFile('cobertura.xml', report(attributes, ran, all));

describe('a line rate', () => {
  test.each([
    ['line-rate="0.10"', 95, 100, 10],
    ['line-rate="0"', 95, 100, 0],
    ['line-rate="0.94"', 98, 100, 94],
    ['line-rate="0.9333"', 95, 100, 93],
    ['line-rate="0.5" lines-covered="95" lines-valid="100"', 95, 100, 50],
  ])('that is worse than the lines counts, and is said: %s', (attributes, ran, all, covered) => {
    expect(read(attributes, ran, all)).toMatchObject({
      totals: { lines: { covered, total: all } },
      unlisted: [{ path: '', covered: covered - ran, total: 0 }],
      doubts: [expect.stringContaining('line rate of')],
    });
  });

  test.each([
    ['line-rate="0.95"', 95, 100],
    ['line-rate="1"', 95, 100],
    ['line-rate="0.6"', 5, 8],
    ['line-rate="0.62"', 5, 8],
    ['line-rate="0.33"', 1, 3],
    ['line-rate="0.3333"', 1, 3],
    ['line-rate="0.66"', 2, 3],
    ['line-rate="0.6666"', 2, 3],
    ['line-rate="0.66666666666"', 2, 3],
    ['line-rate="NaN"', 95, 100],
    ['line-rate="95"', 95, 100],
    ['line-rate=""', 95, 100],
    ['line-rate="0"', 0, 100],
  ])('that is rounded, better, or no share is none: %s', (attributes, covered, total) => {
    const measured = read(attributes, covered, total);
    expect(measured).toMatchObject({ totals: { lines: { covered, total } } });
    expect(measured).not.toHaveProperty('doubts');
  });
});
