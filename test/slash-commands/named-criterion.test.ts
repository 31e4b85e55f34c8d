// Which criterion a command names: exactly as it is written first, else in whatever case, and never one of two.
import { expect, it } from 'vitest';
import { namedCriterion } from '../../src/slash-commands/syntax/named-criterion.ts';

const IDS = ['lint_pass', 'coverage_min.flags.unit', 'coverage_min.flags.Unit', 'coverage_min.paths.src/?', 'all'];

it.each([
  ['lint_pass', 'lint_pass'],
  ['Lint_Pass', 'lint_pass'],
  ['`lint_pass`:', 'lint_pass'],
  ['ALL', 'all'],
  ['coverage_min.flags.unit', 'coverage_min.flags.unit'],
  ['coverage_min.flags.Unit.', 'coverage_min.flags.Unit'],
  ['coverage_min.flags.UNIT', null],
  ['coverage_min.paths.src/?', 'coverage_min.paths.src/?'],
  ['coverage_min.paths.SRC/', 'coverage_min.paths.src/?'],
  ['lint', null],
  ['', null],
])('%j names %j', (said, id) => {
  expect(namedCriterion(said, IDS)).toBe(id);
});

it('names none where two differ by punctuation alone', () => {
  expect(namedCriterion('coverage_min.paths.a', ['coverage_min.paths.a', 'coverage_min.paths.a?'])).toBeNull();
});
