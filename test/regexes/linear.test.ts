// The smaller form of linear.slow.test.ts, which proves and counts: no expression stays at a text that was made to hold it up.
import { expect, test } from 'vitest';
import { attacksOn, attackText } from './attacks.ts';
import { isLinear, provenLinear, worstAttack } from './linear.ts';
import { readersOfOutsideText } from './readers.ts';
import { parseExpression } from './step-program.ts';

/** Longer texts are for linear.slow.test.ts. */
const LONGEST = 32_768;
const ATTACKS = 8;

test.each(readersOfOutsideText())(
  'comes back from a long text of attacks: $expression',
  ({ expression, mostCharacters }) => {
    const attacks = attacksOn(parseExpression(expression.source, expression.flags));
    const step = Math.max(Math.floor(attacks.length / ATTACKS), 1);
    const everywhere = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/g, '').concat('g'));
    for (const attack of attacks.filter((_, index) => index % step === 0)) {
      const text = attackText(attack, Math.min(mostCharacters, LONGEST));
      expect([...text.matchAll(everywhere)].length).toBeLessThanOrEqual(text.length + 1);
    }
  },
);

test.each([/\s+$/, /^(.*?)[ \t]+until$/, /(?<!x)\s+x/])('%s, which is not linear, is found', (expression) => {
  expect(provenLinear(expression) === false || !isLinear(worstAttack(expression))).toBe(true);
});
