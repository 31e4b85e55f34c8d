import { afterAll, describe, expect, test } from 'vitest';
import { attackText } from './attacks.ts';
import { isLinear, provenLinear, worstAttack } from './linear.ts';
import { isWriting, wasProven, writeProven } from './proven.ts';
import { readersOfOutsideText } from './readers.ts';

/** Recheck takes minutes for these, as it writes out their bounded repeats and sets; their steps are counted as all others' are. */
const TOO_LARGE_TO_PROVE: readonly string[] = [
  /^[\w.!#$%&'*+^|~-]{1,100}=([^;\s]*)/,
  /^[\w$]+(?:\.[\w$]+){0,20}@[0-9a-f]{4,8}\b/,
  /^(?:[^<>]*<)?([^\s<>@,;:"()\p{Cc}\p{Cs}]{1,64}@[a-z0-9.-]{1,253})>?$/iu,
  /\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\/\/[^\s"'<>)\]},;]+/g,
  /(?:^|[:-] )(?:\x1b\[[\d;]*m)*error(?:\x1b\[[\d;]*m)* (?:\x1b\[[\d;]*m)*TS\d{1,6}: |Found \d+ errors?\b/m,
].map(String);
/** The same for lists of words of this length. */
const LONG = 250;
const isTooLarge = (expression: RegExp) =>
  expression.source.length > LONG || TOO_LARGE_TO_PROVE.includes(String(expression));

describe('an expression that reads text from outside', () => {
  const found: RegExp[] = [];
  afterAll(() => {
    if (isWriting) writeProven(found);
  });
  test.each(readersOfOutsideText())(
    'is linear on $mostCharacters characters: $expression',
    ({ expression, mostCharacters }) => {
      if (!isTooLarge(expression) && !wasProven(expression)) {
        expect(provenLinear(expression)).not.toBe(false);
        found.push(expression);
      }
      const worst = worstAttack(expression);
      expect(worst).toSatisfy(isLinear);
      // It comes back from the longest text that it may be given; what an engine does beside counting is in it too.
      const everywhere = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/g, '').concat('g'));
      let matches = 0;
      for (const _match of attackText(worst.attack, mostCharacters).matchAll(everywhere)) matches++;
      expect(matches).toBeLessThanOrEqual(mostCharacters + 1);
    },
  );
});

describe('what is not linear is found', () => {
  test.each([
    /\s+$/,
    /[ \t]+x/,
    /^(.*?)[ \t]+until$/,
    /^[ \t]*\/codered(?:[ \t]+(.*?))?[ \t]*$/,
    /clover.*\.xml$/,
    /^(?:a+)+$/,
    /^(?:a|a)*$/,
    /(?<!x)\s+x/,
    /("|')[^x]*\1x/,
    /a(?=.*b)/g,
    /a.*b|a/g,
  ])('%s', (expression) => {
    expect(provenLinear(expression) === false || !isLinear(worstAttack(expression))).toBe(true);
  });

  test.each([/\s+$/, /[ \t]+x/, /clover.*\.xml$/, /^(?:a+)+$/, /a(?=.*b)/g, /a.*b|a/g])(
    'by counting alone: %s',
    (expression) => {
      expect(isLinear(worstAttack(expression))).toBe(false);
    },
  );
});
