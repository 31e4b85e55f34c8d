// Tells what a step went on after for so long that it cannot be why it ended. Pure.
import type { Pattern } from '../../model/failure.ts';
import type { CleanLine } from '../log/clean-log.ts';
import { isNoise } from '../log/error-words.ts';
import type { GoodLine } from '../log/good-line.ts';

/** Where no step is marked as failed, a match counts only so near to the end of the last one. */
const NEAR_END = 10;
/** What ends a step ends it soon, but for compilers and what goes on to the next test; with so many lines behind it, the step may have done without. */
const FAR_FROM_END = 100;
/** And an error that stands so far behind it is another one; still farther, whatever sounds like one. */
const ANOTHER_ERROR = 60;
const ANOTHER_WORLD = 1000;
const SUCCESS = /^\s*(?:✅|✔|√|[Ss]uccess)/;

/** The stretch of a step: its lines as far as they are kept, and its last raw line. */
interface Stretch {
  readonly lines: readonly CleanLine[];
  readonly lastLine: number;
}

/**
 * The first line on which a match may still be why a step failed that the runner has not marked as failed. The runner marks every
 * script that fails; a container or an action may end without a word.
 */
export function firstNearEnd({ lines, lastLine }: Stretch): number {
  const last = lines.findLast(({ text }) => !isNoise(text));
  return isScript(lines) || SUCCESS.test(last?.text ?? '') ? Number.POSITIVE_INFINITY : lastLine - NEAR_END;
}

/** The runner names the shell of a script before it runs it. */
function isScript(lines: readonly CleanLine[]): boolean {
  const end = lines.findIndex(({ text }) => text.startsWith('##[endgroup]'));
  return lines.slice(0, Math.max(end, 0)).some(({ text }) => text.startsWith('shell: '));
}

/** Whether the step may have done without what the match names: such a match is compared with what else went wrong. */
export function isDoubtful({ pattern, line }: { pattern: Pattern; line: number }, lastLine: number): boolean {
  return pattern.pick === 'last' && pattern.category !== 'test' && lastLine - line > FAR_FROM_END;
}

/** Whether a doubtful match on the line is not why the step ended, as it surely went wrong later on. */
export function isOutlived(line: number, good: GoodLine | null): boolean {
  return good !== null && good.lastSaid - line > (good.isSure ? ANOTHER_ERROR : ANOTHER_WORLD);
}
