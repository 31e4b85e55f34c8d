// Rule 7: others meet the same outage at the same time. Pure.

import type { VerdictEvidence } from './evidence.ts';
import { whyGeneric } from './known-by.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { THRESHOLDS } from './thresholds.ts';
import { sentenceOf } from './words.ts';

/** The pattern says that it is of the machines or the network, and it stands on two other pull requests of other authors of the same day. */
export const seenElsewhere: Rule = { name: 'seen_elsewhere', exonerates: true, answer };

function answer({ failure, specific, elsewhere }: VerdictEvidence): RuleAnswer {
  const { pattern } = failure;
  if (pattern === null || pattern.category !== 'infra')
    return no(`no pattern says that it is of the machines or the network`);
  const generic = whyGeneric(pattern.rank, specific);
  if (generic !== null) return no(generic);
  if (failure.tests === null) return no('which tests failed is not known');
  if (failure.tests.length > 0 || failure.tests_omitted !== 0) return no('tests failed: a line alone does not say why');
  const { author, at, pull_request: own } = failure;
  if (author === null || at === null || own === null)
    return no('whose the pull request is, or when the job ended, is not known');
  const others = elsewhere.filter(
    (seen) =>
      seen.trusted &&
      seen.pull_request !== own &&
      seen.author !== null &&
      seen.author.toLowerCase() !== author.toLowerCase() &&
      weekdayHoursBetween(seen.at, at) <= THRESHOLDS.weekdayHours,
  );
  const pulls = [...new Set(others.map((seen) => seen.pull_request))].toSorted((one, other) => one - other);
  if (pulls.length < THRESHOLDS.seenElsewhere)
    return no(
      `it was seen on ${pulls.length} other pull requests of other authors within a working day, ${THRESHOLDS.seenElsewhere} are needed`,
    );
  const shown = pulls.slice(0, 5).map((number) => `#${number}`);
  return {
    holds: true,
    verdict: 'infra',
    sentence: sentenceOf(
      `Not this change: the same error stands on ${shown.join(', ')}${pulls.length > 5 ? ` and ${pulls.length - 5} more` : ''}, of other authors, within a working day.`,
    ),
  };
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Days from the epoch, a Thursday, back to a Monday. */
const SINCE_MONDAY = 3;

/** The hours of Mondays to Fridays in UTC between two times, whichever is first; NaN, which is not within anything, when one is no time. */
function weekdayHoursBetween(one: string, other: string): number {
  return Math.abs(weekdayMs(Date.parse(one)) - weekdayMs(Date.parse(other))) / HOUR_MS;
}

/** Weekday time since a Monday long ago. */
function weekdayMs(time: number): number {
  const day = Math.floor(time / DAY_MS) + SINCE_MONDAY;
  const ofWeek = ((day % 7) + 7) % 7;
  const whole = Math.floor(day / 7) * 5 + Math.min(ofWeek, 5);
  return whole * DAY_MS + (ofWeek < 5 ? time - (day - SINCE_MONDAY) * DAY_MS : 0);
}
