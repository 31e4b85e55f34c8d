// The progress of a backfill in words, with a bar, its rate and the time that is left. Pure, but for the clock that is given.
import type { Progress } from '../../backfill/walk.ts';
import { printable } from '../terminal/printable.ts';

const BAR = 20;
const WORDS: Readonly<Record<Progress['phase'], string>> = {
  heads: 'open pull requests',
  pulls: 'pull requests',
  runs: 'runs',
  deployments: 'deployments',
  commits: 'commits',
  again: 'runs once more',
};

/** Returns what makes a line of how far one repository has come. `clock` in milliseconds; the rate is that since the first line. */
export function progressWords(repository: string, clock: () => number): (reached: Progress) => string {
  let first: { readonly at: number; readonly requests: number; readonly part: number } | null = null;
  return (reached) => {
    const { phase, counts, done_to } = reached;
    const part = partOf(reached);
    first ??= { at: clock(), requests: counts.requests, part };
    const seconds = (clock() - first.at) / 1_000;
    const rate = seconds < 1 ? null : (counts.requests - first.requests) / seconds;
    const done = part - first.part;
    const left = phase !== 'runs' || done <= 0 || seconds < 2 ? null : (seconds / done) * (1 - part);
    const bar = `[${'#'.repeat(Math.round(part * BAR)).padEnd(BAR, '.')}]`;
    const back = done_to === null ? '' : ` back to ${done_to.slice(0, 10)}`;
    return [
      `${printable(repository)} ${bar} ${WORDS[phase]}${back}`,
      `${counts.runs.toLocaleString('en')} runs`,
      `${counts.requests.toLocaleString('en')} requests${rate === null ? '' : ` (${rate.toFixed(1)}/s)`}`,
      ...(left === null ? [] : [`about ${timeWords(left)} left`]),
    ].join(', ');
  };
}

/** How much of the runs is done, 0 to 1: they are nearly all of it. */
function partOf({ phase, done_to, since, until }: Progress): number {
  if (phase === 'heads' || phase === 'pulls') return 0;
  if (phase !== 'runs') return 1;
  const whole = Date.parse(until) - Date.parse(since);
  if (done_to === null || whole <= 0) return 0;
  return Math.min(1, Math.max(0, (Date.parse(until) - Date.parse(done_to)) / whole));
}

function timeWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
