// Which job names say what they do: against the names of public workflows, and against those that only look like it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { stepsOfName, wordsOf } from '../../src/gate/names/name-words.ts';
import { worksOf } from '../../src/gate/names/work-names.ts';
import { repository } from '../support/source-tree.ts';

const { names, alike } = JSON.parse(readFileSync(join(repository, 'fixtures', 'job-names.json'), 'utf8')) as {
  names: Record<string, Record<string, string>>;
  alike: Record<string, string>;
};
const real = Object.values(names).flatMap((given) => Object.entries(given));

describe('job names of public workflows', () => {
  it('are more than three hundred', () => {
    expect(real.length).toBeGreaterThan(300);
  });

  it('say nothing that they do not mean', () => {
    const wrong = real.filter(([name, works]) => (works.endsWith('?') || works === 'none') && worksOf(name).length > 0);
    expect(wrong).toEqual([]);
  });

  it('are understood where they mean it', () => {
    const plain = real.filter(([, works]) => works !== 'none' && !works.endsWith('?'));
    expect(plain.length).toBeGreaterThan(60);
    expect(plain.filter(([name, works]) => worksOf(name).join('+') !== works)).toEqual([]);
  });
});

describe('names that look like others', () => {
  test.each(Object.entries(alike))('%s says %s', (name, works) => {
    expect(worksOf(name).join('+') || 'none').toBe(works);
  });
});

const NONE = `
Lint PR title | lint-pr-title | PR Lint | pr-lint | Lint pull request | commitlint | Lint commit messages | lint-commits | Linting PR description
build (type: release) | build (types) | labeler (types) | check types of changes | type label | Check PR type | Check type label | Check file type
types-of-changes | Validate type of change | Release type | type | prototypes | archetypes | Build types | Generate types | Publish types | test-types
checks (types) | check-labels / types | Validate types in title | stubtest mypy | TypeScript | Delint legacy | delint | unlint | glint | client | flint build
splint | publint | Lint Dockerfile | hadolint | Lint YAML | yamllint | actionlint | Lint workflows | Lint GitHub Actions | helm lint | lint-charts
Lint Markdown | markdownlint | Lint docs | docs / lint | Lint changelog | lint-test | Lint issue templates | lint (shell / yaml / markdown)
Lint (non-blocking) | Semantic PR / lint | PR title / lint | Lint / PR title | Lint / Validate PR title | Conventional commit lint | Title lint
Lint branch name | Publish lint report | Comment lint results | lint-report | reviewdog lint report | autofix lint | Fix lint | lint-skip | Lint rules tests
Lint translations | SQL lint | lint-openapi | Lint licenses | Install Playwright | Deploy e2e environment | build e2e image | e2e-cleanup | Setup E2E
Merge Playwright reports | e2e / merge-reports | upload-playwright-report | Playwright Report | E2E Required | Skip e2e | Notify E2E failure | cypress-cache
LintPRTitle | PrTitleSemanticLint | ruff format | Build ruff | test biome formatter | build (lint) | deploy (e2e) | lint-publish | lint / unit tests`;

test.each(NONE.split(/[|\n]/).flatMap((name) => name.trim() || []))('%s says nothing', (name) => {
  expect(worksOf(name)).toEqual([]);
});

test.each([
  [
    ['lint'],
    'lint | Lint | ESLint | eslint | Lint / eslint (20) | ci / lint / eslint (20) | lint (20) | Lint & Format | lint-and-test | checks (lint)',
  ],
  [
    ['lint'],
    'tox (lint) | CI / lint | lint:js | npm run lint | Lint backend | Linter | ruff check | biome ci | PR checks / ESLint | flake8',
  ],
  [
    ['lint'],
    'cargo clippy (stable) | stylelint | Lint code and docs | Static analysis (eslint) | Lint (Node 20) | golangci-lint | lint / ubuntu-latest',
  ],
  [
    ['types'],
    'typecheck | type-check | Type Check | types | tsc --noEmit | mypy (3.12) | pyright | check-types | Check types | types (20) | ci / typecheck',
  ],
  [
    ['types'],
    'typecheck (api) | vue-tsc | checks (typecheck) | type_check | Static types check | Check TypeScript | typescript-check | TypeCheck',
  ],
  [
    ['e2e'],
    'e2e | E2E Tests | e2e (1/4) | e2e (shard 2/4) | e2e (chromium, 1, 4) | Playwright Tests | cypress-run | End-to-End Tests | test:e2e',
  ],
  [
    ['e2e'],
    'Test (e2e) | e2e-tests / chromium | Run Playwright tests | E2E Sharded | Build and run E2E tests | test / e2e | E2E (Docker)',
  ],
  // The linter and the types of the end-to-end tests are none of them.
  [['types'], 'typecheck e2e | tsc playwright | type-check e2e | Playwright type check'],
  [['lint'], 'eslint e2e | lint playwright | E2E Lint'],
  [['lint', 'types'], 'Lint & Typecheck | Lint & Type Check | lint-and-typecheck | Lint/Typecheck'],
] as const)('plainly %j: %s', (works, given) => {
  for (const name of given.split(' | ')) expect([name, worksOf(name)]).toEqual([name, works]);
});

test('a name is parted at its callers, but not within the values of a matrix', () => {
  expect(stepsOfName('ci / lint / eslint (20, a / b)')).toEqual([
    { text: 'ci', base: 'ci', values: [] },
    { text: 'lint', base: 'lint', values: [] },
    { text: 'eslint (20, a / b)', base: 'eslint', values: ['20', 'a / b'] },
  ]);
  expect(stepsOfName('e2e (not closed')).toEqual([{ text: 'e2e (not closed', base: 'e2e', values: ['not closed'] }]);
  expect(wordsOf('LintPRTitle_ESLint E2ETests-TypeScript')).toEqual([
    'lint',
    'pr',
    'title',
    'eslint',
    'e2e',
    'tests',
    'typescript',
  ]);
});
