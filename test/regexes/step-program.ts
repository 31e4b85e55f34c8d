// Compiles a regular expression into the steps that a backtracking matcher takes. For step-matcher.ts, which counts them.
import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** Whether a character (a code point with the flags u or v, else a UTF-16 unit) is one of a set. */
export type CharacterTest = (character: string) => boolean;

/** `split` goes to `first`, and to `second` when that fails. `progress` fails when nothing was read since `save`: a loop over nothing ends. */
export type Step =
  | { readonly op: 'character'; readonly test: CharacterTest }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'progress'; readonly slot: number }
  | { readonly op: 'start' | 'end' | 'match' }
  | { readonly op: 'word'; readonly negate: boolean }
  | { readonly op: 'look'; readonly program: Program; readonly behind: number; readonly negate: boolean }
  | { readonly op: 'again'; readonly slot: number };

export interface Program {
  readonly steps: readonly Step[];
  readonly slots: number;
}

/** An expression, taken apart. */
export interface Parsed {
  readonly pattern: AST.Pattern;
  readonly flags: string;
}

export function parseExpression(source: string, flags: string): Parsed {
  const kind = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
  return { pattern: new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, kind), flags };
}

/** The set that an element stands for which reads one character. */
export function characterTest(raw: string, flags: string): CharacterTest {
  const known = new Map<string, boolean>();
  const one = new RegExp(`^(?:${raw})$`, flags.replace(/[gymd]/g, ''));
  return (character) => {
    const found = known.get(character);
    if (found !== undefined) return found;
    const fits = one.test(character);
    known.set(character, fits);
    return fits;
  };
}

export function compile({ pattern, flags }: Parsed): Program {
  return programOf(pattern.alternatives, { flags, tests: new Map(), slotOf: new Map() });
}

interface Context {
  readonly flags: string;
  readonly tests: Map<string, CharacterTest>;
  /** Where a group's text begins; it ends in the next slot. */
  readonly slotOf: Map<AST.CapturingGroup, number>;
}

function programOf(alternatives: readonly AST.Alternative[], context: Context): Program {
  const steps: Step[] = [];
  let slots = context.slotOf.size * 2;
  const newSlots = (count: number): number => {
    slots += count;
    return slots - count;
  };
  const addAlternatives = (all: readonly AST.Alternative[]): void => {
    const [first, ...others] = all;
    if (first === undefined) return;
    const split = others.length === 0 ? null : pushSplit(steps, 'first');
    for (const element of first.elements) addElement(element);
    if (split === null) return;
    const end = steps.push({ op: 'jump', to: -1 }) - 1;
    split.second = steps.length;
    addAlternatives(others);
    steps[end] = { op: 'jump', to: steps.length };
  };
  const addElement = (element: AST.Element): void => {
    switch (element.type) {
      case 'Quantifier':
        addRepeat(element);
        return;
      case 'Group':
        if (element.modifiers !== null) throw new Error('modifiers inside of an expression are not counted');
        addAlternatives(element.alternatives);
        return;
      case 'CapturingGroup': {
        const slot = context.slotOf.get(element) ?? newSlots(2);
        context.slotOf.set(element, slot);
        steps.push({ op: 'save', slot });
        addAlternatives(element.alternatives);
        steps.push({ op: 'save', slot: slot + 1 });
        return;
      }
      case 'Backreference':
        steps.push({ op: 'again', slot: context.slotOf.get([element.resolved].flat()[0] as AST.CapturingGroup) ?? 0 });
        return;
      case 'Assertion':
        steps.push(assertionStep(element, context));
        return;
      default: {
        const test = context.tests.get(element.raw) ?? characterTest(element.raw, context.flags);
        context.tests.set(element.raw, test);
        steps.push({ op: 'character', test });
      }
    }
  };
  const addRepeat = ({ element, min, max, greedy }: AST.Quantifier): void => {
    for (let time = 0; time < min; time++) addElement(element);
    const [inside, after] = greedy ? (['first', 'second'] as const) : (['second', 'first'] as const);
    if (max === Number.POSITIVE_INFINITY) {
      const slot = newSlots(1);
      const at = steps.length;
      const split = pushSplit(steps, inside);
      steps.push({ op: 'save', slot });
      addElement(element);
      steps.push({ op: 'progress', slot }, { op: 'jump', to: at });
      split[after] = steps.length;
      return;
    }
    const splits = [];
    for (let time = min; time < max; time++) {
      splits.push(pushSplit(steps, inside));
      addElement(element);
    }
    for (const split of splits) split[after] = steps.length;
  };
  addAlternatives(alternatives);
  steps.push({ op: 'match' });
  return { steps, slots };
}

/** A split one way of which goes on with the next step; the other way is set later. */
function pushSplit(steps: Step[], inside: 'first' | 'second'): { first: number; second: number } {
  const split = { op: 'split' as const, first: -1, second: -1 };
  steps.push(split);
  split[inside] = steps.length;
  return split;
}

function assertionStep(assertion: AST.Assertion, context: Context): Step {
  switch (assertion.kind) {
    case 'start':
    case 'end':
      return { op: assertion.kind };
    case 'word':
      return { op: 'word', negate: assertion.negate };
    case 'lookahead':
    case 'lookbehind': {
      const { alternatives, negate } = assertion;
      const program = programOf(alternatives, context);
      return { op: 'look', program, behind: assertion.kind === 'lookahead' ? 0 : lengthOf(assertion), negate };
    }
  }
}

/** What looks behind is only counted where all it may be has one length. */
function lengthOf({ alternatives, raw }: AST.LookbehindAssertion): number {
  const lengths = new Set(
    alternatives.map(({ elements }) =>
      elements.every(({ type }) => type === 'Character' || type === 'CharacterClass' || type === 'CharacterSet')
        ? elements.length
        : -1,
    ),
  );
  const [length = -1] = lengths;
  if (lengths.size !== 1 || length < 0) throw new Error(`${raw}: only a text of one length is counted behind`);
  return length;
}
