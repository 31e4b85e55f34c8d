// Names that a policy means: wildcards over the names of jobs, checks, statuses, artifacts and flags.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel } from '../../src/gate/model/evidence-model.ts';
import { nameMatcher } from '../../src/policy/globs/name-matcher.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, NOW, tests } from '../gate/evidence-cases.ts';

/** What a pattern means, one sign after the other. */
function means(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) return means(rest, name) || (name !== '' && means(pattern, name.slice(1)));
  if (name === '') return false;
  if (pattern.startsWith('?')) return means(rest, name.slice(1));
  if (/^\\[*?\\]/.test(pattern)) return pattern[1] === name[0] && means(pattern.slice(2), name.slice(1));
  return pattern[0] === name[0] && means(rest, name.slice(1));
}

const text = (...signs: string[]) => fc.array(fc.constantFrom(...signs), { maxLength: 8 }).map((all) => all.join(''));

describe('a name', () => {
  it('means what its signs mean', () => {
    fc.assert(
      fc.property(
        text('*', '?', '\\', 'a', 'b', '(', '/'),
        text('*', '?', '\\', 'a', 'b', '(', '/'),
        (pattern, name) => {
          expect(nameMatcher(pattern)(name)).toBe(means(pattern, name));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('is compared at its worst in steps that are no more than both lengths make', () => {
    const fits = nameMatcher(`${'*a'.repeat(127)}b`);
    for (let index = 0; index < 100; index++) expect(fits('a'.repeat(10_000))).toBe(false);
  });
});

function verdictFor(one: Criterion, model: Partial<EvidenceModel>) {
  return evaluate(commit(model), { criteria: [one], deadline_minutes: 60, now: NOW }).criteria[0]?.state;
}
const check = (name: string, fields: object = {}) => job(name, { kind: 'check', origin: 'circleci', ...fields });
const status = (name: string, fields: object = {}) => job(name, { kind: 'status', origin: '', ...fields });

describe('evidence with wildcards', () => {
  it.each<[string, Criterion, Partial<EvidenceModel>, string]>([
    [
      'the worst of all jobs that fit',
      criterion('e2e_pass', { source: { job: 'test-*' } }),
      { signals: [job('test-a'), job('test-b', FAILED)] },
      'fail',
    ],
    [
      'all jobs that fit passed',
      criterion('e2e_pass', { source: { job: 'test-*' } }),
      { signals: [job('test-a'), job('test-b'), job('unit', FAILED)] },
      'pass',
    ],
    [
      'brackets are signs of the name',
      criterion('e2e_pass', { source: { job: 'e2e (*)' } }),
      { signals: [job('e2e (node 20)'), job('e2e', FAILED)] },
      'pass',
    ],
    [
      'a part of a matrix and of a called workflow, as without a wildcard',
      criterion('e2e_pass', { source: { job: 'test-*' } }),
      { signals: [job('call / test-a (20)', FAILED)] },
      'fail',
    ],
    [
      'a class is none',
      criterion('e2e_pass', { source: { job: 'test [ab]' } }),
      { signals: [job('test a')] },
      'pending',
    ],
    [
      'checks',
      criterion('lint_pass', { source: { check: 'ci/*: lint' } }),
      { signals: [check('ci/web: lint'), check('ci/api: lint', FAILED)] },
      'fail',
    ],
    [
      'statuses',
      criterion('lint_pass', { source: { status: 'lint/?' } }),
      { signals: [status('lint/a'), status('lint/ab', FAILED)] },
      'pass',
    ],
    [
      'artifacts',
      criterion('e2e_pass', { source: { artifact: 'playwright-*' } }),
      { reports: [artifact('playwright-a', [tests(1, 0)]), artifact('playwright-b', [tests(1, 2)])] },
      'fail',
    ],
    [
      'flags',
      criterion('coverage_min', { scope: { kind: 'flag', flag: 'unit-?b' } }),
      {
        reports: [
          artifact('coverage-unit-ab', [coverage(file('a.ts', 9, 10))]),
          artifact('coverage-unit-ac', [coverage(file('b.ts', 0, 10))]),
        ],
      },
      'pass',
    ],
  ])('%s', (_, one, model, state) => {
    expect(verdictFor(one, model)).toBe(state);
  });
});
