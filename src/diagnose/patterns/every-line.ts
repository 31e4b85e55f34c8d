// Tries the patterns without a usable literal, which have to be tried on every line. Pure.
import { RE2Set } from 're2js';
import type { Pattern } from '../../model/failure.ts';
import type { LineTest } from './ignores.ts';
import type { TriedBudget } from './tried-budget.ts';

/** A few patterns that are tried on a line together. */
export interface LineGroup {
  /** The patterns, by their index in the list. */
  readonly slots: readonly number[];
  /** Returns those of the slots whose pattern matches the cleaned line. */
  match(text: string): readonly number[];
}

/** A set's automaton grows with what its patterns do not share; beyond this many it gets slower than several sets. */
const PATTERNS_PER_SET = 12;

interface Slots {
  readonly patternAt: (slot: number) => Pattern;
  readonly testAt: (slot: number) => LineTest;
}

/** Groups the patterns at the given slots. */
export function groupForEveryLine(slots: readonly number[], { patternAt, testAt }: Slots): LineGroup[] {
  const inSets = slots.filter((slot) => patternAt(slot).kind === 'regex');
  const groups: LineGroup[] = [];
  for (let from = 0; from < inSets.length; from += PATTERNS_PER_SET) {
    groups.push(groupSet(inSets.slice(from, from + PATTERNS_PER_SET), { patternAt, testAt }));
  }
  const others = slots.filter((slot) => patternAt(slot).kind !== 'regex');
  if (others.length > 0) groups.push(groupSingles(others, testAt));
  return groups;
}

function groupSingles(slots: readonly number[], testAt: Slots['testAt']): LineGroup {
  return { slots, match: (text) => slots.filter((slot) => testAt(slot).test(text)) };
}

function groupSet(slots: readonly number[], { patternAt, testAt }: Slots): LineGroup {
  if (slots.length === 1) return groupSingles(slots, testAt);
  const set = new RE2Set();
  for (const slot of slots) set.add(patternAt(slot).pattern);
  return { slots, match: (text) => set.match(text).flatMap((index) => slots[index] ?? []) };
}

/** The slots of all groups whose pattern matches the text, as far as there is time. */
export function matchGroups(groups: readonly LineGroup[], text: string, budget: TriedBudget): number[] {
  return groups.flatMap((group) => {
    budget.spend(text.length * group.slots.length);
    return budget.hasTime() ? group.match(text) : [];
  });
}
