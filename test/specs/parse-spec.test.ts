// What a spec file asks for, and that no text of anybody's makes the reading throw or take long.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../src/specs/parse-spec.ts';

const markdown = (...front: string[]): string => ['---', ...front, '---', '# The shop', 'Text.', ''].join('\n');
const asked = (dod: object | null, label = 'shop') => ({ kind: 'spec', label, dod });

describe('a spec', () => {
  test.each([
    [
      'front matter of Markdown',
      'specs/shop.md',
      markdown('dod:', '  coverage_min: 0.8'),
      asked({ coverage_min: 0.8 }),
    ],
    [
      'lines that end the Windows way',
      'specs/shop.md',
      markdown('dod: {lint_pass: true}').replaceAll('\n', '\r\n'),
      asked({ lint_pass: true }),
    ],
    [
      'a byte order mark before it',
      'specs/shop.md',
      `\uFEFF${markdown('dod: {lint_pass: true}')}`,
      asked({ lint_pass: true }),
    ],
    [
      'a YAML file',
      '.codered/specs/a/shop.yml',
      'label: S1\ndod: {e2e_pass: true, lighthouse_min: 85}\n',
      asked({ e2e_pass: true, lighthouse_min: 85 }, 'S1'),
    ],
    [
      'a label that is a number',
      'specs/shop.yaml',
      'label: 7\ndod: {type_check: false}\n',
      asked({ type_check: false }, '7'),
    ],
    ['a label that Postgres could not keep', 'specs/shop.yaml', 'label: "S\\0\\ud800"\n', asked(null, 'S \uFFFD')],
    ['an empty label', 'specs/shop.v2.yaml', 'label: ""\n', asked(null, 'shop.v2')],
    ['no dod', 'specs/shop.md', markdown('title: The shop'), asked(null)],
    ['empty front matter', 'specs/shop.md', markdown(), asked(null)],
    ['an empty file', 'specs/shop.yml', '', asked(null)],
    [
      'aliases where nothing is read',
      'specs/shop.yml',
      'a: &a [1]\nb: *a\ndod: {lint_pass: true}\n',
      asked({ lint_pass: true }),
    ],
  ])('is read with %s', (_, path, text, expected) => {
    expect(parseSpec(path, text)).toEqual(expected);
  });

  test('has a label of at most 200 characters, cut between them', () => {
    const parsed = parseSpec('specs/shop.yml', `label: "${'😀'.repeat(300)}"\n`);
    expect(parsed).toEqual(asked(null, '😀'.repeat(200)));
  });

  test.each([
    ['no front matter', '# The shop\n'],
    ['a line at its beginning and no other', '---\nThe shop\n'],
    ['front matter further down', '\n---\ndod: {lint_pass: true}\n---\n'],
  ])('is not what Markdown is with %s', (_, text) => {
    expect(parseSpec('specs/shop.md', text)).toEqual({ kind: 'page' });
  });
});

describe('a spec is refused, and told why', () => {
  test.each([
    ['dod: {coverage_min: 80}', 'dod.coverage_min: should be a share from 0 to 1, so 80 % is 0.80.'],
    ['dod: {lighthouse_min: 0.9}', 'dod.lighthouse_min: should be a score from 0 to 100, so 0.9 is 90.'],
    ['dod: {lighthouse_min: 101}', 'dod.lighthouse_min: should be a score from 0 to 100.'],
    ['dod: {lint_pass: "yes"}', 'dod.lint_pass: should be true or false.'],
    ['dod: {speed: 1}', 'dod.speed: there is no such key.'],
    ['dod: {lint_pass: true, lint_pass: false}', 'dod.lint_pass: stands there twice.'],
    ['dod: {lint_pass: true}\ndod: {}', 'dod: stands there twice.'],
    ['dod: all', 'dod: should be a map of criteria.'],
    ['dod: [lint_pass]', 'dod: should be a map of criteria.'],
    ['dod: {__proto__: {lint_pass: true}}', 'dod.__proto__: there is no such key.'],
    ['a: &a {lint_pass: true}\ndod: *a', 'dod: uses aliases (*name), which are not read here. Write the values out.'],
    ['a: &a true\ndod: {lint_pass: *a}', 'dod: uses aliases (*name), which are not read here. Write the values out.'],
    ['label: [S1]', 'label: should be a text.'],
    ['just words', 'The YAML should be a map with the key dod.'],
    ['dod: {lint_pass: true', expect.stringMatching(/^The YAML can't be read: /)],
    [`a: ${'x'.repeat(262_144)}`, 'The file is larger than 262144 bytes.'],
  ])('%.60s', (text, problem) => {
    expect(parseSpec('specs/shop.yml', text)).toEqual({ kind: 'refused', problem });
  });
});

describe('hostile text', () => {
  test.each([
    ['deep nesting', '['.repeat(260_000)],
    ['deep block nesting', `dod:\n${Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}-`).join('\n')}`],
    ['many keys', Array.from({ length: 40_000 }, (_, index) => `${index}:`).join('\n')],
    ['many keys of dod', `dod:\n${Array.from({ length: 30_000 }, (_, index) => ` ${index}:`).join('\n')}`],
    ['many lines', `---\n${'\n'.repeat(260_000)}`],
  ])('of %s comes to an end', (_, text) => {
    for (const path of ['specs/a.yml', 'specs/a.md'])
      expect(parseSpec(path, text).kind).toMatch(/^(page|refused|spec)$/);
  });

  test('that is nested too deep is said to be so', () => {
    const refused = { kind: 'refused', problem: 'The YAML is nested too deep to be read.' };
    expect(parseSpec('specs/a.yml', '['.repeat(260_000))).toEqual(refused);
  });

  test('never makes the reading throw, and what it says can be stored', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('---', 'dod:', ' lint_pass: true', 'label: "\\0"', '&a', '*a', '<<: *a', '!!set'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('specs/a.md', 'specs/a.yml'), (lines, path) => {
        const found = JSON.stringify(parseSpec(path, lines.join('\n')));
        expect(found).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }),
      { numRuns: 500 },
    );
  });
});
