// Writes out what the braces of a glob stand for: `a/{b,c}` is `a/b` and `a/c`, as in every shell. Pure.
// `codered.glob_expand` in the brain is the same in SQL.

/** A policy comes from a stranger's repository, and ten pairs of braces stand for a thousand globs. */
const MOST_ALTERNATIVES = 100;
const MOST_CHARACTERS = 5_000;
const MOST_BRACES = 16;
const TOO_MANY = `stands for more than ${MOST_ALTERNATIVES} globs, or for too long ones`;
const RANGE = /^(?:-?\d+|[a-z])\.\.(?:-?\d+|[a-z])(?:\.\.-?\d+)?$/i;

type Braces = { readonly start: number; readonly end: number; readonly alternatives: readonly string[] };
type Refusal = { readonly refusal: string };

/**
 * Returns the globs that a glob with braces stands for, in order; braces without a comma are ordinary characters. A `refusal`
 * says in words why it cannot be expanded.
 */
export function expandBraces(glob: string): readonly string[] | Refusal {
  const unclosed = findUnclosed(glob);
  if (unclosed !== null) return unclosed;
  const done: string[] = [];
  const open = [{ text: glob, from: 0 }];
  let characters = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { text } = next;
    const braces = firstBraces(text, next.from);
    if (braces !== null && 'refusal' in braces) return braces;
    if (braces === null) {
      done.push(text);
      characters += Array.from(text).length;
    } else {
      const { start, end, alternatives } = braces;
      open.push(
        ...alternatives
          .map((one) => ({ text: text.slice(0, start) + one + text.slice(end), from: start }))
          .toReversed(),
      );
    }
    if (done.length + open.length > MOST_ALTERNATIVES || characters > MOST_CHARACTERS) return { refusal: TOO_MANY };
  }
  return done;
}

/** Refuses braces that are never closed: each of them would have the rest of the text searched again. */
function findUnclosed(glob: string): Refusal | null {
  let braces = 0;
  for (let at = 0; at < glob.length; at = signEnd(glob, at)) {
    if (glob[at] === '[' && classEnd(glob, at) === -1)
      return { refusal: 'has a [ that is never closed; write \\[ for one in a name' };
    if (glob[at] === '{') braces += 1;
  }
  return braces > MOST_BRACES ? { refusal: `has more than ${MOST_BRACES} braces` } : null;
}

/** The first braces with a comma at or after `from`; null without any. */
function firstBraces(text: string, from: number): Braces | Refusal | null {
  for (let at = from; at < text.length; at = signEnd(text, at)) {
    if (text[at] !== '{') continue;
    const braces = bracesAt(text, at);
    if (braces === null) return { refusal: 'has a { that is never closed; write \\{ for one in a name' };
    if (braces.alternatives.length > 1) return braces;
    if (RANGE.test(braces.alternatives[0] ?? ''))
      return { refusal: 'has a range in braces, which is not read here; write what is meant: {1,2,3}' };
  }
  return null;
}

/** Null when they are never closed. */
function bracesAt(text: string, start: number): Braces | null {
  const alternatives: string[] = [];
  let begin = start + 1;
  let depth = 0;
  for (let at = start; at < text.length; at = signEnd(text, at)) {
    const sign = text[at];
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    if ((sign === ',' && depth === 1) || depth === 0) {
      alternatives.push(text.slice(begin, at));
      begin = at + 1;
    }
    if (depth === 0) return { start, end: at + 1, alternatives };
  }
  return null;
}

/** Where what stands at `at` ends: an escape and a class are one sign. */
function signEnd(text: string, at: number): number {
  if (text[at] === '\\') return at + 2;
  const end = text[at] === '[' ? classEnd(text, at) : -1;
  return end === -1 ? at + 1 : end + 1;
}

/** Index of the `]` that closes the class (`[ab]`) at `start`; -1 when there is none before the next slash. */
export function classEnd(text: string, start: number): number {
  const next = text[start + 1];
  for (let at = start + (next === '!' || next === '^' ? 2 : 1); at < text.length; at++) {
    if (text[at] === ']') return at;
    if (text[at] === '/') return -1;
    if (text[at] === '\\') at += 1;
  }
  return -1;
}
