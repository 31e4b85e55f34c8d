// Reading a policy file: what is taken, and what is said with line and column about what is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';

const problems = (text: string) => {
  const parsed = parsePolicy(text);
  return 'problems' in parsed
    ? parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
    : [];
};

const escaped = (text: string) => text.replace(/[.?]/g, '\\$&');

describe('a policy', () => {
  it('is read with its defaults', () => {
    expect(parsePolicy('dod:\n  coverage_min: 0.8\n  lint_pass: true\n')).toEqual({
      policy: { dod: { coverage_min: 0.8, lint_pass: true }, deadline_minutes: 60, merge_queue: 'full' },
    });
  });

  it('takes everything that README shows', () => {
    const text = `dod:
  coverage_min: { total: 0.80, flags: { unit: 0.9 }, paths: { 'src/billing/**': 0.95 } }
  coverage_diff_min: 0.9
  e2e_pass: true
  lighthouse_min: { performance: 85, accessibility: 95 }
  lint_pass: true
  type_check: true
evidence:
  lint_pass: { job: lint, accept: [skipped] }
  coverage_min: { artifact: coverage-report }
  type_check: { check: types, app: circleci }
  e2e_pass: { status: ci/e2e }
deadline_minutes: 30
zones: { red: ['src/billing/**'], yellow: ['src/**'] }
when: { zones: [red], dod: { coverage_min: 0.95 } }
environments: [production]
override: { roles: [maintain, admin], teams: [release] }
merge_queue: trust_pr
`;
    expect(parsePolicy(text)).toHaveProperty('policy');
  });

  it.each([
    ['dod:\n  coverage_min: 80\n', ['2:17 dod.coverage_min: should be a share from 0 to 1, so 80 % is 0.80']],
    ['dod:\n  coverage_min: .nan\n', [expect.stringContaining('2:17 dod.coverage_min')]],
    [
      'dod:\n  e2e_pass: yes\n',
      ['2:13 dod.e2e_pass: should be true or false: write true (YAML 1.2 knows no yes, no, on, off)'],
    ],
    [
      'dod:\n  lint: true\n',
      [
        '2:3 dod.lint: there is no such key; did you mean lint_pass? Allowed here: coverage_min, coverage_diff_min, e2e_pass, lighthouse_min, lint_pass, type_check',
      ],
    ],
    ['dod: {}\ndeadline_minutes: 0\n', ['2:19 deadline_minutes: should be at least 1']],
    [
      'dod: {}\nevidence:\n  lint_pass: { jobs: lint }\n',
      [expect.stringContaining('3:'), expect.stringContaining('evidence.lint_pass.jobs')],
    ],
    ['dod: {}\nwhen: { zones: [purple], dod: {} }\n', [expect.stringContaining('2:17 when.zones.0')]],
    [
      'dod:\n  coverage_min: { paths: { "src/**": 90 } }\n',
      ['2:38 dod.coverage_min.paths.src/**: should be a share from 0 to 1, so 80 % is 0.80'],
    ],
    ['dod: [\n', [expect.stringContaining('2:1 ')]],
    ['', ['1:1 dod: is missing; where nothing is asked for, say dod: {}']],
    ['dod: &a {}\nwhen: { zones: [red], dod: *a }\n', [expect.stringContaining('aliases')]],
    ['dod: {}\n__proto__: {}\n', [expect.stringContaining('__proto__')]],
    [`dod: {} # ${'x'.repeat(70_000)}`, [expect.stringContaining('larger than 32768 bytes')]],
  ])('%j is refused', (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it.each([
    ['dod: {}\ndeadline: 5\n', 'deadline', 'did you mean deadline_minutes?'],
    ['dod: { typeCheck: true }\n', 'dod.typeCheck', 'did you mean type_check?'],
    ['dod: { coverage: 0.8 }\n', 'dod.coverage', 'did you mean coverage_min?'],
    ['dod: { coverage_min: { path: 1 } }\n', 'dod.coverage_min.path', 'did you mean paths?'],
    ['dod: { lighthouse_min: { perf: 3 } }\n', 'dod.lighthouse_min.perf', 'did you mean performance?'],
    ['dod: {}\nzones: { blue: [] }\n', 'zones.blue', 'there is no such key. Allowed here: red, yellow, green'],
    [
      'dod: {}\nwhen: [{ zones: [red], dod: {}, doc: {} }]\n',
      'when.0.doc',
      'did you mean dod? Allowed here: zones, dod',
    ],
    // What may stand there depends on what stands there already.
    [
      'dod: {}\nevidence: { lint_pass: { job: a, app: b } }\n',
      'evidence.lint_pass.app',
      'no such key. Allowed here: job, workflow, accept',
    ],
    [
      'dod: {}\nevidence: { lint_pass: { jobs: a } }\n',
      'evidence.lint_pass.jobs',
      'did you mean job? Allowed here: job, workflow, accept, check, app, status, artifact',
    ],
    ['dod: {}\nconstructor: 1\n', 'constructor', 'there is no such key. Allowed here: dod, evidence'],
  ])('%j: of the key %s it says "%s"', (text, path, said) => {
    expect(problems(text)).toContainEqual(expect.stringMatching(`^\\d+:\\d+ ${escaped(path)}: .*${escaped(said)}`));
  });

  it('tells all problems at once, in the order of lines', () => {
    expect(problems('dod:\n  coverage_min: 2\n  e2e_pass: 1\ndeadline_minutes: x\n')).toHaveLength(3);
  });

  it.each([
    ['keys that there are not', Array.from({ length: 3_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['no YAML', ']'.repeat(30_000)],
    ['wrong values', `when: [${'{ zones: [red], dod: { coverage_min: 80 } }, '.repeat(600)}]\ndod: {}\n`],
  ])('tells the first 100 of many problems: %s', (_, text) => {
    const parsed = parsePolicy(text);
    expect('problems' in parsed ? parsed.problems : []).toHaveLength(100);
  });

  it.each(['[', '{', '[{', '{a: ', '- ', '? '])(
    'says that %s is nested too deep, and never in the words of the engine',
    (open) => {
      const parsed = parsePolicy(open.repeat(Math.floor(32_000 / open.length)));
      const said = 'problems' in parsed ? parsed.problems.map(({ message }) => message) : [];
      expect(said).toContain('is nested too deep to be read');
      expect(said.filter((message) => message.includes('stack'))).toEqual([]);
    },
  );

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        parsePolicy(text);
        parsePolicy(`dod:\n  ${text}`);
      }),
    );
  });
});
