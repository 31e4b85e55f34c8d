// The sentence that says where a pull request stands: the comment's first line and the check run's title. Numbers and words of
// our own only, nothing from outside. Pure.

import { counted } from '../text/markdown.ts';
import { shorten } from '../text/outside-text.ts';
import type { Standing, State } from './failures/standing.ts';

/** The sign that goes before the headline of each state; it never stands without the words. */
export const SIGNS: Readonly<Record<State, string>> = {
  failing: '❌',
  waiting: '⏳',
  passed: '✅',
  incomplete: '⚠️',
  none: '⏳',
};

const HEADLINE_BYTES = 100;
/** Of one, and of several. */
const MEANINGS = {
  'needs you': ['needs you', 'need you'],
  'does not block': ['does not block', 'do not block'],
} as const;

/** The headline, without a sign and starting in lower case, at most 100 bytes. */
export function headline(standing: Standing): string {
  return shorten(headlineParts(standing).join(' · '), HEADLINE_BYTES);
}

/** `12 of 15 jobs passed, 2 skipped, 1 cancelled`; what failed or still runs is left to the headline. */
export function tally({ counts, total }: Standing): string {
  if (total === 0) return 'no jobs seen yet';
  return [`${formatted(counts.passed)} of ${counted(total, 'job')} passed`, ...withoutVerdict(counts)].join(', ');
}

/** What became of the jobs where none failed, in parts of a headline. */
export function headlineParts(standing: Standing): string[] {
  switch (standing.state) {
    case 'none':
      return ['no CI seen on this commit yet'];
    case 'failing':
      return [...failureParts(standing, 'needs you'), ...unfinishedParts(standing)];
    case 'waiting':
      return ['no failure so far', ...unfinishedParts(standing)];
    case 'passed':
      return [
        standing.counts.passed === standing.total ? allPassed(standing.total) : tally(standing),
        ...overduePart(standing),
      ];
    case 'incomplete':
      return [
        standing.counts.passed === 0 ? ['no job passed', ...noVerdictPart(standing)].join(' · ') : tally(standing),
        ...overduePart(standing),
      ];
    default:
      throw new Error(`state ${standing.state satisfies never} is not known`);
  }
}

/** How many failures there are and what they mean to the reader, in parts of a headline; none without any. */
export function failureParts(
  { entries, notYours }: Pick<Standing, 'entries' | 'notYours'>,
  meaning: 'needs you' | 'does not block',
): string[] {
  const read = entries.filter((entry) => entry.knowledge !== 'reading').length;
  const unread = entries.find((entry) => entry.knowledge === 'reading')?.failed.length ?? 0;
  const parts = [
    ...(read > 0 ? [`${counted(read, 'failure')} ${MEANINGS[meaning][read === 1 ? 0 : 1]}`] : []),
    ...notYoursPart(notYours.length, read),
  ];
  if (unread === 0) return parts;
  const jobs = counted(unread, parts.length > 0 ? 'more job' : 'job');
  return [...parts, `${jobs} failed, ${unread === 1 ? 'its log is' : 'their logs are'} being read`];
}

function notYoursPart(count: number, others: number): string[] {
  if (count === 0) return [];
  const is = count === 1 ? 'is' : 'are';
  return [others > 0 ? `${formatted(count)} ${is} not yours` : `${counted(count, 'failure')}, not yours`];
}

/** What has not finished, in parts of a headline; none when all has. */
export function unfinishedParts({ counts, unfinished }: Standing): string[] {
  const words = { running: 'running', queued: 'queued', approval: 'waiting for approval' } as const;
  const parts = (['running', 'queued', 'approval'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .map(
      (outcome, index) =>
        `${index === 0 ? counted(counts[outcome], 'job') : formatted(counts[outcome])} ${words[outcome]}`,
    );
  if (parts.length > 0) return [parts.join(', ')];
  return unfinished ? ['more jobs may come'] : [];
}

function allPassed(total: number): string {
  if (total === 2) return 'both jobs passed';
  return total === 1 ? 'the only job passed' : `all ${counted(total, 'job')} passed`;
}

function withoutVerdict(counts: Standing['counts']): string[] {
  return (['neutral', 'skipped', 'cancelled'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${formatted(counts[outcome])} ${outcome}`);
}

function noVerdictPart({ counts }: Standing): string[] {
  const words = withoutVerdict(counts).join(', ');
  return words === '' ? [] : [words];
}

function overduePart({ overdue }: Standing): string[] {
  return overdue === 0 ? [] : [`${counted(overdue, 'check')} never came`];
}

function formatted(count: number): string {
  return count.toLocaleString('en-US');
}
