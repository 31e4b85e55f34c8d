import { describe, expect, it } from 'vitest';
import { groupingAccuracy, isGeneric, judge, sum } from '../../scripts/eval/score.ts';

const says = { name: 'n', rank: 'cause', root_cause: 'The disk is full.', recommended_fix: 'Free some.' } as const;

describe('the score of a diagnosis', () => {
  it.each([
    ['names the cause', says, /disk/, 'right'],
    ['names another cause', says, /network/, 'wrong'],
    ['says nothing', null, /disk/, 'silent'],
    ['is generic by its rank', { ...says, rank: 'generic' as const }, /disk/, 'generic'],
    ['is a consequence', { ...says, rank: 'consequence' as const }, /disk/, 'generic'],
    ['is too long', { ...says, recommended_fix: 'x'.repeat(301) }, /disk/, 'generic'],
    ['lists what may be', { ...says, root_cause: 'The disk, or the net, or the clock or the cat.' }, /disk/, 'generic'],
  ])('that %s', (_, statement, words, outcome) => {
    expect(judge(statement, words)).toBe(outcome);
  });

  it('lets two causes pass for one', () => {
    expect(isGeneric({ ...says, root_cause: 'The file is missing or cannot be read.' })).toBe(false);
  });

  it('counts evidence only where somebody marked some', () => {
    const one = { file: 'a', outcome: 'right', said: '' } as const;
    const row = sum('s', [
      { ...one, evidence: true },
      { ...one, evidence: false },
      { ...one, evidence: null },
    ]);
    expect(row).toMatchObject({ logs: 3, right: 3, evidence: 1, marked: 2 });
  });

  it('counts a group only when it is whole', () => {
    expect(groupingAccuracy(['a', 'a', 'b', 'c'], ['x', 'x', 'y', 'y'])).toBe(0.5);
  });
});
