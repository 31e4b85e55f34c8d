// Which Definition of Done counts where a file and a sprint ask for one.
import { describe, expect, it } from 'vitest';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import { policyOf } from '../../src/policy/find-policy.ts';
import { criteriaOf } from '../../src/policy/schema/criteria.ts';

function found(text: string | null, dod_json: unknown) {
  const subject = gateSubject.parse({
    repository: { id: 1, owner: 'octo-org', name: 'web-shop', installation_id: 1, default_branch: 'main' },
    pull_request: {
      number: 1,
      base_ref: 'main',
      head_ref: 'x',
      head_sha: 'a'.repeat(40),
      author: 'mona',
      is_fork: false,
    },
    version: '1',
    merge_group: false,
    since: '2026-11-20T12:00:00Z',
    sprint: dod_json === undefined ? null : { id: '1', label: 'S1', dod_json },
    signals: [],
    runs: [],
    reports: [],
    overrides: [],
  });
  return policyOf(text === null ? null : { text, sha: 'f'.repeat(40) }, subject);
}

function asked(text: string | null, dod_json?: unknown) {
  const policy = found(text, dod_json);
  if (policy === null) return null;
  if ('problems' in policy) return { from: policy.from, problems: policy.problems.map(({ message }) => message) };
  const criteria = criteriaOf(policy.policy, []).map(({ id, threshold }) => `${id} ${threshold ?? 'pass'}`);
  return { from: policy.from, criteria };
}

describe('file and sprint', () => {
  it.each([
    ['neither', null, undefined, null],
    [
      'a file',
      'dod: { lint_pass: true }',
      undefined,
      { from: '.github/codered.yml on main', criteria: ['lint_pass pass'] },
    ],
    ['a sprint', null, { coverage_min: 0.8 }, { from: 'sprint S1', criteria: ['coverage_min 0.8'] }],
    [
      'both, each with its own',
      'dod: { lint_pass: true }',
      { type_check: true },
      { from: '.github/codered.yml on main and sprint S1', criteria: ['lint_pass pass', 'type_check pass'] },
    ],
    [
      'both, where the sprint asks for more of one and for less of another',
      'dod: { coverage_min: { total: 0.9, flags: { unit: 0.5 } }, lighthouse_min: 50, lint_pass: true }',
      { coverage_min: 0.8, lighthouse_min: { performance: 80, seo: 90 }, lint_pass: false },
      {
        from: '.github/codered.yml on main and sprint S1',
        criteria: [
          'lint_pass pass',
          'coverage_min 0.9',
          'coverage_min.flags.unit 0.5',
          'lighthouse_min 80',
          'lighthouse_min.seo 90',
        ],
      },
    ],
    [
      'a file that asks for nothing lifts no sprint',
      'dod: { lint_pass: false }',
      { lint_pass: true },
      { from: '.github/codered.yml on main and sprint S1', criteria: ['lint_pass pass'] },
    ],
    [
      'a broken file stays broken',
      'dod: { lint_pass: 1 }',
      { lint_pass: true },
      { from: '.github/codered.yml on main', problems: [expect.stringContaining('should be true or false')] },
    ],
    [
      'a sprint that can not be read breaks what is asked for',
      'dod: { lint_pass: true }',
      { speed: 3 },
      { from: 'sprint S1', problems: [expect.stringMatching(/^what sprint S1 asks for can't be read \(dod: .*speed/)] },
    ],
    [
      'a sprint alone that can not be read is not nothing',
      null,
      null,
      { from: 'sprint S1', problems: [expect.stringContaining('mend its spec')] },
    ],
  ])('%s', (_, text, dod_json, expected) => {
    expect(asked(text, dod_json)).toEqual(expected);
  });

  it('keep the rules of the file, which ask for more on top of both', () => {
    const both = found("dod: {}\nzones: { red: ['a'] }\nwhen: { zones: [red], dod: { coverage_min: 0.9 } }", {
      coverage_min: 0.8,
    });
    const policy = both !== null && 'policy' in both ? both.policy : null;
    expect(policy && criteriaOf(policy, ['red']).map(({ threshold }) => threshold)).toEqual([0.9]);
    expect(policy && criteriaOf(policy, []).map(({ threshold }) => threshold)).toEqual([0.8]);
  });
});
