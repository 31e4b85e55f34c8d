// From a policy to the criteria that one change has to meet.
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { criteriaOf, zonesTouched } from '../../src/policy/schema/criteria.ts';

function policyOf(text: string) {
  const parsed = parsePolicy(text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}
const summary = (text: string, files: string[] = []) => {
  const policy = policyOf(text);
  return criteriaOf(policy, zonesTouched(policy, files)).map(({ id, threshold }) => `${id} ${threshold ?? 'pass'}`);
};

describe('the criteria of a change', () => {
  it('are those of the policy that are on, in the order in which they are shown', () => {
    expect(
      summary('dod: { lighthouse_min: 85, e2e_pass: false, coverage_min: 0.8, lint_pass: true, type_check: true }'),
    ).toEqual(['lint_pass pass', 'type_check pass', 'coverage_min 0.8', 'lighthouse_min 85']);
  });

  it('are one a flag, a path and a category', () => {
    const text =
      'dod: { coverage_min: { total: 0.8, flags: { unit: 0.9 }, paths: { "src/**": 0.7 } }, lighthouse_min: { seo: 90, performance: 80 } }';
    expect(summary(text)).toEqual([
      'coverage_min 0.8',
      'coverage_min.flags.unit 0.9',
      'coverage_min.paths.src/** 0.7',
      'lighthouse_min 80',
      'lighthouse_min.seo 90',
    ]);
  });

  const zoned =
    'dod: { coverage_min: 0.8 }\nzones: { red: ["src/billing/**"] }\nwhen: { zones: [red], dod: { coverage_min: COVERAGE, lint_pass: true } }\n';
  it('are more where a change touches a zone that asks for more', () => {
    expect(summary(zoned.replace('COVERAGE', '0.95'), ['src/billing/a.ts'])).toEqual([
      'lint_pass pass',
      'coverage_min 0.95',
    ]);
    expect(summary(zoned.replace('COVERAGE', '0.95'), ['src/a.ts'])).toEqual(['coverage_min 0.8']);
  });

  it('are never less for it', () => {
    // No file says so, for that is a problem; what a file builds on may.
    const policy = policyOf(zoned.replace('COVERAGE', '0.95'));
    const less = { ...policy, when: { zones: ['red' as const], dod: { coverage_min: 0.1, lint_pass: false } } };
    expect(criteriaOf(less, ['red']).map(({ id, threshold }) => [id, threshold])).toEqual([['coverage_min', 0.8]]);
  });
});
