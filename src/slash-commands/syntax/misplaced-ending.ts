// Finds in an override's reason what its author may have meant to limit it by: a commit or a day that does not stand at the end.
// Read as part of the reason it would let the override land on another commit than the one they looked at. Pure.

import { hasDigit, isDigits, isHexadecimal, withoutInvisible } from './said-words.ts';

/** GitHub links to a commit by 7 digits or more, and git shortens to 4 at the least: a word of that many may be a name. */
const FEWEST_DIGITS = 7;
const FEWEST_OF_GIT = 4;
const MOST_DIGITS = 40;
const UUID_LENGTHS = [8, 4, 4, 4, 12];
/** After one of these, or below it in a link, digits alone are a commit too; elsewhere they number a run or an issue. */
const BEFORE_COMMIT = new Set(
  'commit,commits,sha,sha1,rev,revision,head,tree,blob,blame,raw,compare,changeset,hash'.split(','),
);

/** Letters and digits in a row, in lower case. */
interface Run {
  readonly text: string;
  /** The character before it. */
  readonly before: string;
  /** Where it begins and ends. */
  readonly start: number;
  readonly end: number;
}

/**
 * Says in one sentence why an override's reason cannot be taken: it holds a commit or a day that should stand at the end. Null when it
 * can. `ending` is the commit at the end of the command; null when there is none.
 */
export function misplacedProblem(reason: string, ending: string | null): string | null {
  const runs = runsOf(withoutInvisible(reason).normalize('NFKC').toLowerCase());
  for (const [place, run] of runs.entries()) {
    if (namesDay(runs.slice(place, place + 4)))
      return 'The day after `until` should look like 2026-12-01, or be `this commit`, and stand at the end of the line.';
    const isOfUuid = isUuid(runs.slice(place, place + 5)) || isUuid(runs.slice(Math.max(0, place - 4), place + 1));
    const problem = isOfUuid ? null : commitProblem(run, runs[place - 1]?.text ?? '');
    if (problem !== null && ending !== null) return 'Name one commit, as `@…` at the end of the line, and no other.';
    if (problem !== null) return problem;
  }
  return null;
}

function commitProblem({ text, before }: Run, previous: string): string | null {
  if (!isHexadecimal(text)) return null;
  if (before === '@') {
    // Without a digit it may be somebody's login.
    if (!hasDigit(text) || text.length < FEWEST_OF_GIT) return null;
    return text.length < FEWEST_DIGITS || text.length > MOST_DIGITS
      ? `After \`@\` a commit has ${FEWEST_DIGITS} to ${MOST_DIGITS} hexadecimal digits, and it goes at the end of the line.`
      : `A commit goes at the end of the line: write \`@${text}\` there, and nowhere else.`;
  }
  if (text.length < FEWEST_DIGITS || text.length > MOST_DIGITS) return null;
  const isMixed = hasDigit(text) && !isDigits(text);
  const isCommit = isMixed || text.length === MOST_DIGITS || (isDigits(text) && BEFORE_COMMIT.has(previous));
  return isCommit
    ? `Is \`${text}\` a commit? Write it as \`@${text}\` at the end of the line, and nowhere else.`
    : null;
}

/** True for the parts of a UUID: its first and its last part look like a commit. */
function isUuid(runs: readonly Run[]): boolean {
  if (runs.length !== UUID_LENGTHS.length) return false;
  return runs.every(({ text, before, start }, index) => {
    const follows = before === '-' && runs[index - 1]?.end === start - 1;
    return text.length === UUID_LENGTHS[index] && isHexadecimal(text) && (index === 0 || follows);
  });
}

/** `until 2026-12-01`, or what else looks like a day. */
function namesDay([until, ...rest]: readonly Run[]): boolean {
  const [year, month, day] = rest.map(({ text }) => isDigits(text));
  if (until?.text !== 'until' || !year || !month) return false;
  return day === true || rest[0]?.text.length === 4;
}

function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let place = 0;
  while (place < text.length) {
    const start = place;
    while (isOfWord(text.charAt(place))) place += 1;
    if (place > start) {
      runs.push({ text: text.slice(start, place), before: text.charAt(start - 1), start, end: place });
    } else place += 1;
  }
  return runs;
}

/** Letters that have no case are no part of a word here: people write around a commit's digits in any script. */
const isOfWord = (character: string): boolean =>
  isDigits(character) || character.toLowerCase() !== character.toUpperCase();
