// Whatever an operation gives, an answer of it fits, says what it left out, and that is found where it says.
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, it } from 'vitest';
import { type Fitted, fitted, pointerNames, valueAt } from '../../src/mcp/answer-room.ts';
import { resultOf } from '../../src/mcp/tool-result.ts';
import { visibleAnswer } from '../../src/mcp/untrusted.ts';
import { runs } from '../support/runs.ts';

const MOST = 10_000;
const character = fc.constantFrom('a', ' ', '\n', '"', '\\', '界', '😀', '\u202e', '\ud800', '0', '�');
const text = fc
  .tuple(fc.string({ unit: character, minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 2_000 }))
  .map(([some, times]) => some.repeat(times).slice(0, 40_000));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.string({ unit: character, maxLength: 20 }), tie('value'), { maxKeys: 30 }),
  ),
}));

it('fits, and names what it left out', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (given) => {
      const answer = visibleAnswer({ result: given });
      let last: Fitted | null = null;
      const result = await fitted(answer, (some) => {
        last = some;
        return resultOf(some, { schema: {}, how: 'read on' });
      });
      if (result === null) return;
      expect(countTokens(JSON.stringify(result), { disallowedSpecial: new Set() })).toBeLessThanOrEqual(MOST);
      const { value: shown, left_out, more_left_out } = last as unknown as Fitted;
      if (left_out.length === 0) expect(shown).toEqual(answer);
      for (const { field, shown: kept, of } of left_out) {
        const [whole, part] = [valueAt(answer, pointerNames(field)), valueAt(shown, pointerNames(field))];
        expect(sizeOf(whole)).toBe(of);
        expect(sizeOf(part)).toBe(kept);
        expect(kept).toBeLessThan(of);
        if (typeof whole === 'string') expect(whole.startsWith(part as string)).toBe(true);
      }
      expect(more_left_out === 0 || left_out.length === 20).toBe(true);
    }),
    runs(15, 200),
  );
});

function sizeOf(of: unknown): number {
  if (typeof of === 'string' || Array.isArray(of)) return of.length;
  return Object.keys(of as object).length;
}
