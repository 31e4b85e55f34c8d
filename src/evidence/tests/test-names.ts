// Which tests a report tells of, in few bytes: enough to know that another report tells of the same. Pure.

import { createHash } from 'node:crypto';
import type { TestNames } from '../reading/measurement.ts';

/** The most names that are kept. With more, reports cannot be found to hold the same tests, and each report counts. */
const MOST_NAMES = 20_000;
const MOST_CASES = 100_000;
/** Of the titles around a case, and of its own: a suite's may be as long as the report, and each case of it would pay for that. */
const READ_CHARACTERS = 1_000;
const DIGEST_LENGTH = 8;
/** What stands between the titles of suites: each format has its own. */
const BETWEEN = new Set(['›', '>', '»', '→', '::']);

export interface TestNamesCollector {
  /** A test with the titles around it, and as the case alone is called. */
  add(around: string, name: string): void;
  /** Null where there are none, or too many. */
  all(): TestNames | null;
}

export function collectTestNames(): TestNamesCollector {
  const [whole, own] = [new Set<string>(), new Set<string>()];
  let cases = 0;
  const areTooMany = () => cases > MOST_CASES || own.size > MOST_NAMES || whole.size > MOST_NAMES;
  return {
    add(around, name) {
      cases++;
      if (areTooMany()) return;
      const title = name.slice(0, READ_CHARACTERS);
      whole.add(digestOf(`${around.slice(0, READ_CHARACTERS)} ${title}`));
      own.add(digestOf(title));
    },
    all: () => (cases === 0 || areTooMany() ? null : { whole: [...whole].sort(), own: [...own].sort() }),
  };
}

/** Whether all tests that `one` tells of are among those of `other`, by one of the two ways in which each names them. */
export function tellsOfSameTests(one: TestNames | undefined, other: TestNames | undefined): boolean {
  if (one === undefined || other === undefined || one.own.length === 0) return false;
  return [one.own, one.whole].some((names) =>
    [other.whole, other.own].some((others) => {
      const known = new Set(others);
      return names.every((name) => known.has(name));
    }),
  );
}

function digestOf(name: string): string {
  const words = name
    .replaceAll('\n', ' ')
    .replaceAll('\t', ' ')
    .split(' ')
    .filter((word) => word !== '' && !BETWEEN.has(word));
  return createHash('sha256').update(words.join(' ')).digest('base64url').slice(0, DIGEST_LENGTH);
}
