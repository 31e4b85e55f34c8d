// Matches as V8's backtracking engine does, and counts its steps instead of stopping its time: a count is the same on every machine.
import { compile, type Parsed, type Program } from './step-program.ts';

/** Past this many steps it is no longer asked how many more there are. */
export const MOST_STEPS = 10_000_000;

interface Run {
  readonly text: readonly string[];
  readonly multiline: boolean;
  steps: number;
}

const LINE_ENDS: ReadonlySet<string | undefined> = new Set(['\n', '\r', '\u2028', '\u2029']);

/**
 * Counts the steps in which all matches in a text are found, one after another as `matchAll`, `replace` and `split` do; never
 * more than `MOST_STEPS`.
 */
export function stepCounter(parsed: Parsed): (text: string) => number {
  const program = compile(parsed);
  const isUnicode = /[uv]/.test(parsed.flags);
  return (text) => {
    const run: Run = {
      text: isUnicode ? Array.from(text) : text.split(''),
      multiline: parsed.flags.includes('m'),
      steps: 0,
    };
    for (let at = 0; at <= run.text.length && run.steps < MOST_STEPS; ) {
      run.steps++;
      const end = matchAt(program, run, at);
      at = end === null || end === at ? at + 1 : end;
    }
    return Math.min(run.steps, MOST_STEPS);
  };
}

/** Where a match that begins at `from` ends; null without one. */
function matchAt({ steps, slots }: Program, run: Run, from: number): number | null {
  const { text } = run;
  const saved: number[] = new Array(slots).fill(-1);
  // Pairs: a step with a place to try from, or (below zero) a slot with what it held before.
  const open: number[] = [0, from];
  while (open.length > 0 && run.steps < MOST_STEPS) {
    let at = open.pop() ?? 0;
    let next = open.pop() ?? 0;
    if (next < 0) {
      saved[-next - 1] = at;
      continue;
    }
    for (let goesOn = true; goesOn && run.steps < MOST_STEPS; ) {
      run.steps++;
      const step = steps[next++];
      switch (step?.op) {
        case 'character':
          goesOn = at < text.length && step.test(text[at] ?? '');
          at++;
          break;
        case 'split':
          open.push(step.second, at);
          next = step.first;
          break;
        case 'jump':
          next = step.to;
          break;
        case 'save':
          open.push(-step.slot - 1, saved[step.slot] ?? -1);
          saved[step.slot] = at;
          break;
        case 'progress':
          goesOn = saved[step.slot] !== at;
          break;
        case 'again': {
          const wanted = text.slice(saved[step.slot], saved[step.slot + 1]);
          goesOn = wanted.every((character, index) => text[at + index] === character);
          run.steps += wanted.length;
          at += wanted.length;
          break;
        }
        case 'match':
          return at;
        default:
          goesOn = step !== undefined && holds(step, run, at);
      }
    }
  }
  return null;
}

function holds(step: Program['steps'][number], run: Run, at: number): boolean {
  const { text, multiline } = run;
  switch (step.op) {
    case 'start':
      return at === 0 || (multiline && LINE_ENDS.has(text[at - 1]));
    case 'end':
      return at === text.length || (multiline && LINE_ENDS.has(text[at]));
    case 'word':
      return (isWord(text[at - 1]) !== isWord(text[at])) !== step.negate;
    case 'look': {
      const begin = at - step.behind;
      const found = begin >= 0 && matchAt(step.program, run, begin) !== null;
      return found !== step.negate;
    }
    default:
      return false;
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character);
}
