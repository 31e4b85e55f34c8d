// A report that can't be read holds what it may be evidence of, and nothing else.
import { describe, expect, it, test } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Measured } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, NOW, tests } from './evidence-cases.ts';

const verdictOf = (one: Criterion, fields: Partial<EvidenceModel>) =>
  evaluate(commit(fields), { criteria: [one], deadline_minutes: 60, now: NOW }).criteria[0];
const lint: Measured = { kind: 'findings', about: 'lint', errors: 0 };
const types: Measured = { kind: 'findings', about: 'types', errors: 0 };
const refused = { unreadable: 'it is larger than 64 MB' };

describe('beside a report that is well, one that can not be read', () => {
  test.each<[Criterion['key'], string, Measured, string]>([
    [
      'e2e_pass',
      'e2e-1',
      tests(1),
      'e2e-2 | e2e-admin | cypress-results | playwright-report | E2E | end-to-end | test-results',
    ],
    [
      'e2e_pass',
      'e2e-1',
      tests(1),
      'e2e_junit | e2e-coverage | Playwright Results | nightwatch | reports | ci-results | mochawesome2',
    ],
    [
      'lint_pass',
      'eslint-a',
      lint,
      'eslint-b | lint | lint-results | ruff | golangci-lint | stylelint-report | reports | results',
    ],
    [
      'type_check',
      'tsc-a',
      types,
      'tsc-b | typecheck | type-check-results | mypy | pyright-3.12 | check-types | reports',
    ],
    ['coverage_min', 'coverage-a', coverage(file('a', 9, 10)), 'coverage-b | lcov | cov1 | reports'],
  ])('of %s beside %s is held: %4$s', (key, good, measured, names) => {
    for (const name of names.split(' | ')) {
      const verdict = verdictOf(criterion(key), { reports: [artifact(good, [measured]), artifact(name, [], refused)] });
      expect([name, verdict?.state, verdict?.fail_codes]).toEqual([name, 'error', ['ARTIFACT_UNREADABLE']]);
      expect(verdict?.reason).toContain(`artifact ${name} can't be read: it is larger than 64 MB`);
    }
  });

  test.each<[Criterion['key'], string, Measured, string]>([
    [
      'e2e_pass',
      'e2e-1',
      tests(1),
      'coverage | dist | build | e2e-videos | cypress-screenshots | playwright-traces | eslint | lighthouse',
    ],
    [
      'e2e_pass',
      'e2e-1',
      tests(1),
      'unit-tests | junit | android-apk | e2e-build | bundle-report | trivy-results | test-logs | storybook',
    ],
    [
      'lint_pass',
      'eslint-a',
      lint,
      'coverage | dist | e2e | typecheck | markdown-lint | test-results | lint-cache | commitlint | client',
    ],
    ['type_check', 'tsc-a', types, 'typescript-sdk | eslint | types-bundle | e2e | archetypes | api-docs'],
    ['coverage_min', 'coverage-a', coverage(file('a', 9, 10)), 'e2e | dist | discovery | eslint'],
  ])('of %s beside %s is none of its: %4$s', (key, good, measured, names) => {
    for (const name of names.split(' | ')) {
      const verdict = verdictOf(criterion(key), { reports: [artifact(good, [measured]), artifact(name, [], refused)] });
      expect([name, verdict?.state]).toEqual([name, 'pass']);
    }
  });
});

it('says of an artifact that may hold anything how to leave it out', () => {
  const { reason } = verdictOf(criterion('lint_pass'), { reports: [artifact('reports', [], refused)] }) ?? {};
  expect(reason).toBe(
    "artifact reports can't be read: it is larger than 64 MB; it may be what lint_pass asks for: if it is not, name what is, evidence: { lint_pass: … }",
  );
  const source = { artifact: 'eslint' };
  const reports = [artifact('eslint', [lint]), artifact('reports', [], refused)];
  expect(verdictOf(criterion('lint_pass', { source }), { reports })?.state).toBe('pass');
});

it('tells each criterion of the report that is its own, and lets the readable ones count', () => {
  const broken = [
    { reason: 'lcov.info:3: cut off', kinds: ['coverage'] as const },
    { reason: 'eslint.json:1: cut off', kinds: ['lint'] as const },
  ];
  const reports = [artifact('out', [tests(3), lint], { unreadable: 'lcov.info:3: cut off', broken })];
  expect(verdictOf(criterion('e2e_pass'), { reports })?.state).toBe('pass');
  expect(verdictOf(criterion('lint_pass'), { reports })?.reason).toContain('eslint.json:1: cut off');
  expect(verdictOf(criterion('coverage_min'), { reports })?.reason).toContain('lcov.info:3: cut off');
  // Named, the artifact has to be whole.
  expect(verdictOf(criterion('e2e_pass', { source: { artifact: 'out' } }), { reports })?.state).toBe('error');
});

it('holds what failed before it could upload, although the job is not named for it', () => {
  const reports = [artifact('e2e-web', [tests(3)]), artifact('e2e-admin', [], { unreadable: 'junit.xml:4: cut off' })];
  expect(verdictOf(criterion('e2e_pass'), { reports, signals: [job('admin', FAILED)] })?.state).toBe('error');
});

it('leaves an output of tsc that says nothing to the job that tells', () => {
  const broken = [{ reason: 'tsc.log: tsc says neither an error', kinds: ['types'] as const, is_silent: true }];
  const silent = artifact('tsc', [], { unreadable: 'tsc.log: tsc says neither an error', broken });
  expect(verdictOf(criterion('type_check'), { reports: [silent], signals: [job('typecheck')] })?.state).toBe('pass');
  expect(verdictOf(criterion('type_check'), { reports: [silent], signals: [job('typecheck', FAILED)] })?.state).toBe(
    'fail',
  );
  expect(verdictOf(criterion('type_check'), { reports: [silent, artifact('tsc-web', [types])] })?.state).toBe('error');
});

it('takes what a scanner finds for lint only where the policy names it', () => {
  const found: Measured = { kind: 'findings', about: 'other', tool: 'Trivy', errors: 3 };
  const reports = [artifact('trivy-results', [found]), artifact('eslint', [lint])];
  expect(verdictOf(criterion('lint_pass'), { reports })?.state).toBe('pass');
  expect(verdictOf(criterion('lint_pass'), { reports: reports.slice(0, 1) })?.state).toBe('pending');
  const named = criterion('lint_pass', { source: { artifact: 'trivy-results' } });
  expect(verdictOf(named, { reports })?.state).toBe('fail');
});
