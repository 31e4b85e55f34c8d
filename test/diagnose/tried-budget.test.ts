// How much matching a log may ask for: counted in characters, and in time where a pattern takes a thousand times as long.
import { expect, test } from 'vitest';
import { groupForEveryLine, matchGroups } from '../../src/diagnose/patterns/every-line.ts';
import { compilePatterns } from '../../src/diagnose/patterns/match.ts';
import { openBudget } from '../../src/diagnose/patterns/tried-budget.ts';
import type { Pattern } from '../../src/model/failure.ts';

function budgetAt(most: number) {
  const clock = { seconds: 0 };
  const budget = openBudget(most, () => clock.seconds);
  budget.nextBlock();
  return { budget, clock };
}

const PATTERN: Pattern = {
  ...{ id: null, name: 'slow', kind: 'regex', pattern: 'boom', category: 'other', severity: 'error', rank: 'cause' },
  ...{ root_cause: '', recommended_fix: '', docs_url: null, priority: 0, pick: 'first' },
};

test('a block gets a part of what the log may take, and what it leaves is there for the next', () => {
  const { budget } = budgetAt(200_000_000);
  budget.take(149_999_999);
  expect(budget.hasLeft()).toBe(true);
  budget.take(1);
  expect(budget.hasLeft()).toBe(false);
  budget.nextBlock();
  budget.take(49_999_999);
  expect(budget.hasLeft()).toBe(true);
  budget.nextBlock();
  budget.take(1);
  budget.nextBlock();
  expect(budget.hasLeft()).toBe(false);
});

test('a block whose patterns are slow ends early, whatever they were tried for, and the next one begins anew', () => {
  for (const tell of ['take', 'spend'] as const) {
    const { budget, clock } = budgetAt(1_000_000_000);
    clock.seconds = 2.4;
    budget[tell](20_000);
    expect([budget.hasLeft(), budget.hasTime()]).toEqual([true, true]);
    clock.seconds = 2.6;
    budget[tell](20_000);
    expect([budget.hasLeft(), budget.hasTime()]).toEqual([false, false]);
    budget.nextBlock();
    expect([budget.hasLeft(), budget.hasTime()]).toEqual([true, true]);
  }
});

test('what no literal narrows down is tried while there is time, and counted for each pattern', () => {
  const { budget, clock } = budgetAt(1_000);
  let tries = 0;
  const slow = {
    test() {
      tries++;
      clock.seconds++;
      return true;
    },
  };
  const groups = [0, 1, 2, 3, 4].flatMap((slot) =>
    groupForEveryLine([slot], { patternAt: () => PATTERN, testAt: () => slow }),
  );
  expect(matchGroups(groups, 'x'.repeat(20_000), budget)).toEqual([0, 1, 2]);
  expect(tries).toBe(3);
});

test('a log is judged without what took too long, by the clock that its matcher was given', () => {
  let seconds = 0;
  const hurried = compilePatterns([PATTERN], undefined, undefined, () => seconds++ * 3).start();
  hurried.write(Buffer.from(`${'-'.repeat(3_900)} boom\n`.repeat(10)));
  // The clock is asked after 20,000 characters.
  expect(hurried.end().primary).toMatchObject({ line: 1, others: { count: 5 } });
});
