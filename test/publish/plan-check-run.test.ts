import { describe, expect, it } from 'vitest';
import type { CheckAnnotation } from '../../src/model/publication.ts';
import { batchesOf, missingAnnotations, saysSame, wouldReopen } from '../../src/publish/plan-check-run.ts';

const running = { status: 'in_progress', conclusion: null, title: 'T', summary: 'S' } as const;
const finished = { status: 'completed', conclusion: 'failure', title: 'T', summary: 'S' } as const;
const annotation = (line: number, message = 'm'): CheckAnnotation => ({
  path: 'a.ts',
  start_line: line,
  end_line: line,
  annotation_level: 'failure',
  title: 't',
  message,
});
const lines = (count: number) => Array.from({ length: count }, (_, index) => annotation(index + 1));

describe('wouldReopen', () => {
  it.each([
    { standing: running, desired: running, reopens: false },
    { standing: running, desired: finished, reopens: false },
    { standing: finished, desired: finished, reopens: false },
    { standing: finished, desired: running, reopens: true },
  ])('$standing.status to $desired.status: $reopens', ({ standing, desired, reopens }) => {
    expect(wouldReopen(standing, desired)).toBe(reopens);
  });
});

describe('saysSame', () => {
  it.each([
    { name: 'equal', standing: finished, same: true },
    { name: 'another status', standing: running, same: false },
    { name: 'another conclusion', standing: { ...finished, conclusion: 'success' }, same: false },
    { name: 'another title', standing: { ...finished, title: null }, same: false },
    { name: 'another summary', standing: { ...finished, summary: 'old' }, same: false },
  ])('$name: $same', ({ standing, same }) => {
    expect(saysSame(standing, finished)).toBe(same);
  });
});

describe('missingAnnotations', () => {
  it.each([
    { name: 'all where none stands', standing: [], missing: [annotation(1), annotation(2)] },
    { name: 'none where all stand', standing: [annotation(2), annotation(1)], missing: [] },
    {
      name: 'the one that says something else',
      standing: [annotation(1), annotation(2, 'old')],
      missing: [annotation(2)],
    },
    {
      name: 'nothing for white space that GitHub took away',
      standing: [annotation(1, 'm\n'), annotation(2)],
      missing: [],
    },
  ])('are $name', ({ standing, missing }) => {
    expect(missingAnnotations([annotation(1), annotation(2)], standing)).toEqual(missing);
  });
});

describe('batchesOf', () => {
  it.each([
    { count: 0, sizes: [0] },
    { count: 1, sizes: [1] },
    { count: 50, sizes: [50] },
    { count: 51, sizes: [50, 1] },
    { count: 120, sizes: [50, 50, 20] },
  ])('cuts $count annotations into requests of $sizes, none lost', ({ count, sizes }) => {
    const batches = batchesOf(lines(count), 50);
    expect(batches.map(({ length }) => length)).toEqual(sizes);
    expect(batches.flat()).toEqual(lines(count));
  });
});
