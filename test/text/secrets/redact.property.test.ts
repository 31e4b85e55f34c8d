// Redaction of anything at all: texts put together from parts of secrets, of their places and of what hides them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact } from '../../../src/text/redact.ts';
import { runs } from '../../support/runs.ts';
import { innocentLines } from './innocent-lines.ts';
import { shapesInContext } from './shapes-in-context.ts';

const whole = [...shapesInContext(3).map(({ text }) => text), ...innocentLines(3)];
const pieces = whole.flatMap((text) => text.split(/(?<=[\s"':=,;/@&])/));
const SIGNS = [
  '\n',
  '\r\n',
  ' ',
  '"',
  "'",
  '`',
  '\\',
  '\\n',
  '\u200b',
  '\u001b[0m',
  '%22',
  '&quot;',
  '[redacted:token]',
  '-> ',
  '=> ',
  '://',
  '@',
  '=',
  ': ',
];

const texts = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...SIGNS), fc.constantFrom(...whole)), { maxLength: 30 })
  .map((parts) => parts.join(''));

test('keeps the number of lines', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(redact(text).split('\n')).toHaveLength(text.split('\n').length);
    }),
    { ...runs(500, 10_000) },
  );
});

test('takes anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(typeof redact(text)).toBe('string');
    }),
    { ...runs(500, 10_000) },
  );
});
