import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitEntries, spend } from '../../src/report/budget.ts';

const render = (index: number, form: 'full' | 'brief') =>
  form === 'full' ? `full-${index}-excerpt` : `brief-${index}`;
const budget = (size: number) => ({ characters: size, bytes: size });

test.each([
  ['everything fits', 200, ['full', 'full', 'full', 'full', 'full']],
  ['the last excerpts go first', 79, ['full', 'full', 'full', 'full', 'brief']],
  ['then the other excerpts beyond the third', 72, ['full', 'full', 'full', 'brief', 'brief']],
  ['then whole entries, the last first', 60, ['full', 'full', 'full', 'brief']],
  ['the first three keep theirs while they fit', 50, ['full', 'full', 'full']],
  ['and lose it rather than be dropped', 26, ['full', 'brief']],
  ['nothing fits', 5, []],
])('%s', (_, size, forms) => {
  const texts = fitEntries(5, render, budget(size), '\n\n');
  expect(texts.map((text) => text.split('-')[0])).toEqual(forms);
});

test('characters and bytes both count', () => {
  const wide = () => 'é'.repeat(10);
  expect(fitEntries(3, wide, { characters: 36, bytes: 1000 }, '\n\n')).toHaveLength(3);
  expect(fitEntries(3, wide, { characters: 1000, bytes: 65 }, '\n\n')).toHaveLength(2);
  expect(spend({ characters: 10, bytes: 10 }, 'é😀')).toEqual({ characters: 7, bytes: 4 });
});

test('what fits never exceeds the budget', () => {
  const sizes = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.nat(800), (entries, size) => {
      const sized = (index: number, form: 'full' | 'brief') => {
        const [brief = 0, excerpt = 0] = entries[index] ?? [];
        return 'é'.repeat(form === 'full' ? brief + excerpt : brief);
      };
      const texts = fitEntries(entries.length, sized, budget(size), '\n\n');
      expect(Buffer.byteLength(texts.map((text) => `\n\n${text}`).join(''))).toBeLessThanOrEqual(size);
    }),
  );
});

test('entries that do not fit are not rendered one by one', () => {
  let rendered = 0;
  fitEntries(1000, (index) => `${++rendered} ${index} ${'x'.repeat(100)}`, budget(1000), '\n\n');
  expect(rendered).toBeLessThan(30);
});
