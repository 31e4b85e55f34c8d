// The parts of a job's name: what it was called by, its words, the values of its matrix. Pure.

/** One step of the way to a job: `lint` and `eslint (20)` of `lint / eslint (20)`. */
export interface NameStep {
  /** As it is written. */
  readonly text: string;
  /** Without its matrix values. */
  readonly base: string;
  /** What stands in parentheses, by commas; as it is written. */
  readonly values: readonly string[];
}

/** GitHub's names are shorter; a longer one, which another App may give, is cut. */
export const MOST_CHARACTERS = 500;

/**
 * Splits a job's name into its steps, the outermost first: a job of a called workflow is named `caller / job`, and jobs of a matrix have
 * values in parentheses. A slash within parentheses does not split.
 */
export function stepsOfName(name: string): NameStep[] {
  const steps: NameStep[] = [];
  let [depth, begin, base, inner] = [0, 0, '', ''];
  let values: string[] = [];
  const text = name.slice(0, MOST_CHARACTERS);
  const end = (at: number) => {
    steps.push({ text: text.slice(begin, at).trim(), base: base.trim(), values: values.map((value) => value.trim()) });
    [begin, base, values] = [at + 3, '', []];
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '(') depth += 1;
    if (depth === 0 && text.startsWith(' / ', at)) {
      end(at);
      at += 2;
    } else if (depth === 0) base += sign;
    else if (sign === ')' && depth === 1) {
      values.push(...inner.split(','));
      inner = '';
    } else if (depth > 1 || sign !== '(') inner += sign;
    if (sign === ')' && depth > 0) depth -= 1;
  }
  if (inner !== '') values.push(...inner.split(','));
  end(text.length);
  return steps;
}

/** The words of a text in lower case, split at everything but letters and digits, and inside `camelCase`; `&`, `+`, `,` and `/` become `and`. */
export function wordsOf(text: string): string[] {
  return text
    .slice(0, MOST_CHARACTERS)
    .replace(/[&+,/|]/g, ' and ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .flatMap(humps);
}

/** Words that are written with a capital within, and are one all the same. */
const ONE_WORD: ReadonlySet<string> = new Set(
  'eslint oxlint tslint pylint stylelint typescript javascript typecheck golangcilint github gitlab openapi graphql'.split(
    ' ',
  ),
);

function humps(word: string): string[] {
  const lower = word.toLowerCase();
  if (ONE_WORD.has(lower)) return [lower];
  return word
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(' ');
}
