// What the schema of a policy takes and can never count: each is told with line and column, and none goes by in silence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { PolicyProblem } from '../../src/model/gate.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { criteriaOf } from '../../src/policy/schema/criteria.ts';
import { CRITERION_KEYS, ZONES } from '../../src/policy/schema/policy.ts';

const line = ({ line, column, path, message }: PolicyProblem) => `${line}:${column} ${path}: ${message}`;
function said(text: string): { problems: string[]; warnings: string[] } {
  const parsed = parsePolicy(text);
  if ('problems' in parsed) return { problems: parsed.problems.map(line), warnings: [] };
  return { problems: [], warnings: (parsed.warnings ?? []).map(line) };
}

describe('a policy', () => {
  it.each([
    [
      'dod: { lint_pass: true }\nevidence:\n  type_check: { job: types }\n',
      '3:3 evidence.type_check: is asked for nowhere: neither under dod nor under when',
    ],
    [
      'dod: { lint_pass: true, type_check: false }\nevidence: { type_check: { job: types } }\n',
      '2:13 evidence.type_check: is asked for nowhere',
    ],
    [
      'dod: { coverage_min: 0.8 }\nzones: { red: [a] }\nwhen: { zones: [red], dod: { coverage_min: 0.7 } }\n',
      '3:44 when.dod.coverage_min: asks for less than dod, which has 0.8; the stricter of both counts',
    ],
    [
      'dod: { coverage_min: { flags: { unit: 0.8 } } }\nzones: { red: [a] }\nwhen:\n  - { zones: [red], dod: { coverage_min: { flags: { unit: 0.5 } } } }\n',
      '4:59 when.0.dod.coverage_min.flags.unit: asks for less than dod',
    ],
    [
      'dod: { coverage_min: 0.8 }\nzones: { red: [a] }\nwhen: { zones: [red], dod: { coverage_min: { total: 0.1 } } }\n',
      '3:53 when.dod.coverage_min.total: asks for less than dod',
    ],
    [
      'dod: { lighthouse_min: { performance: 90 } }\nzones: { red: [a] }\nwhen: { zones: [red], dod: { lighthouse_min: 50 } }\n',
      '3:46 when.dod.lighthouse_min: asks for less than dod',
    ],
    [
      'dod: { lint_pass: true }\nzones: { red: [a] }\nwhen: { zones: [red], dod: { lint_pass: false } }\n',
      '3:41 when.dod.lint_pass: asks for less than dod',
    ],
    ['dod: {}\nzones: { red: [a] }\nwhen: { zones: [red], dod: {} }\n', '3:28 when.dod: asks for nothing'],
    [
      'dod: {}\nzones: { red: [a] }\nwhen: { zones: [red], dod: { e2e_pass: false } }\n',
      '3:28 when.dod: asks for nothing',
    ],
    [
      'dod: {}\nwhen: { zones: [red], dod: { lint_pass: true } }\n',
      '2:17 when.zones.0: zones has no red, so this is asked of no change',
    ],
    [
      'dod: {}\nzones: { red: [] }\nwhen: { zones: [red], dod: { lint_pass: true } }\n',
      '2:15 zones.red: has no globs, so no change touches it',
    ],
    ["dod: {}\nzones: { red: ['!a', b] }\n", '2:16 zones.red.0: has nothing before it to take out of'],
    ["dod: {}\nzones: { red: ['!a'] }\n", '2:16 zones.red.0: has nothing before it to take out of'],
    ["dod: {}\nzones: { red: ['src/', '!src/**'] }\n", '2:15 zones.red: takes out all that it names'],
    ["dod: {}\nzones: { red: [a, b, '!**'] }\n", '2:15 zones.red: takes out all that it names'],
    [
      `dod: {}\nzones: { red: [${Array.from({ length: 60 }, (_, one) => `'{${'a,'.repeat(99)}b}/${one}'`).join(', ')}] }\n`,
      '2:1 zones: stands for more globs than can be held against each commit',
    ],
    ["dod: {}\nzones: { red: ['../a'] }\n", '2:16 zones.red.0: has the name .., so no path'],
    [
      "dod:\n  coverage_min: { paths: { '!a': 0.8 } }\n",
      '2:28 dod.coverage_min.paths.!a: has a ! where nothing can be taken out',
    ],
    ['dod: { coverage_min: {} }\n', '1:22 dod.coverage_min: is empty, so it asks for nothing'],
    ['dod: { coverage_min: { total: 0.5, flags: {} } }\n', '1:43 dod.coverage_min.flags: is empty'],
    ['dod: { coverage_min: { paths: {} } }\n', '1:31 dod.coverage_min.paths: is empty'],
    ['dod: { lighthouse_min: {} }\n', '1:24 dod.lighthouse_min: is empty'],
    ["dod: { coverage_min: { flags: { '--': 0.5 } } }\n", '1:33 dod.coverage_min.flags.--: has neither a letter'],
    [
      'dod: { coverage_min: { flags: { unit: 0.5 } } }\nevidence: { coverage_min: { job: test } }\n',
      '2:13 evidence.coverage_min: a job says nothing of coverage_min.flags.unit; name an { artifact }',
    ],
    [
      'dod: { lighthouse_min: { seo: 90 } }\nevidence: { lighthouse_min: { status: lhci } }\n',
      '2:13 evidence.lighthouse_min: a status says nothing of lighthouse_min.seo',
    ],
    [
      'dod: { lint_pass: true }\nevidence: { lint_pass: { job: lint, workflow: CI } }\n',
      '2:47 evidence.lint_pass.workflow: should be the file name of a workflow in .github/workflows, like ci.yml',
    ],
    [
      'dod: { lint_pass: true }\nevidence: { lint_pass: { artifact: lint, workflow: a/ci.yml } }\n',
      '2:52 evidence.lint_pass.workflow: should be the file name',
    ],
    ["dod: {}\noverride: { teams: ['@octo/release'] }\n", '2:21 override.teams.0: is no slug of a team'],
    ['dod: {}\noverride: { roles: [owner] }\n', '2:21 override.roles.0: '],
  ])('%j is broken: %s', (text, expected) => {
    expect(said(text).problems).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['dod: {}\nzones: { red: [a] }\n', '2:10 zones.red: is used by no when: nothing is asked of changes in it'],
    [
      'dod: { lint_pass: true }\nzones: { red: [src/, /src/**] }\nwhen: { zones: [red, red], dod: { e2e_pass: true } }\n',
      '2:22 zones.red.1: stands here twice\n3:22 when.zones.1: stands here twice',
    ],
    [
      'dod: {}\noverride: { roles: [], agents: true }\n',
      '2:32 override.agents: lets nobody override: roles and teams name nobody for whom an agent could',
    ],
    ['dod: {}\nenvironments: [production, production]\n', '2:28 environments.1: stands here twice'],
    [
      'dod: { coverage_min: 0.8 }\nevidence: { coverage_min: { status: codecov/project } }\n',
      '2:13 evidence.coverage_min: a status passes or fails as a whole: the figure under dod is not held against anything',
    ],
  ])('%j counts, with a warning: %s', (text, expected) => {
    expect(said(text)).toEqual({ problems: [], warnings: expected.split('\n') });
  });

  it.each([
    "dod: { lint_pass: true }\nzones: { red: ['src/**', '!src/docs/**', 'src/docs/**'] }\nwhen: { zones: [red], dod: { lint_pass: true, e2e_pass: true } }\n",
    'dod: {}\nzones: { red: [a] }\nwhen: { zones: [red], dod: { lint_pass: true } }\nevidence: { lint_pass: { job: lint, workflow: .github/workflows/ci.yaml } }\n',
    'dod: { lint_pass: true }\nevidence: { lint_pass: { check: lint, accept: [] } }\noverride: { roles: [], teams: [release-crew], agents: true }\n',
    'dod: { lint_pass: true }\nevidence: { lint_pass: { job: Analyze, workflow: dynamic/github-code-scanning/codeql } }\n',
  ])('%j says nothing', (text) => {
    expect(said(text)).toEqual({ problems: [], warnings: [] });
  });

  it('has each criterion that it names judged for some change, or told as a problem', () => {
    const share = fc.constantFrom(0, 0.3, 0.8, 1);
    const dod = fc.record(
      {
        lint_pass: fc.boolean(),
        type_check: fc.boolean(),
        e2e_pass: fc.boolean(),
        coverage_min: fc.oneof(
          share,
          fc.record(
            { total: share, flags: fc.dictionary(fc.constantFrom('unit', 'api'), share) },
            { requiredKeys: [] },
          ),
        ),
        coverage_diff_min: share,
        lighthouse_min: fc.oneof(
          fc.constantFrom(0, 50, 90),
          fc.dictionary(fc.constantFrom('seo', 'performance'), fc.constant(80)),
        ),
      },
      { requiredKeys: [] },
    );
    const source = fc.constantFrom({ artifact: 'b' }, { artifact: 'b' }, { job: 'a' }, { status: 'd' });
    const evidence = fc.dictionary(fc.constantFrom(...CRITERION_KEYS), source, { maxKeys: 1 });
    const list = fc.constantFrom(['a'], ['a'], ['a'], ['a'], ['a', 'b'], [], ['!a'], ['a', '!a']);
    const zones = fc.record({ red: list, yellow: list, green: list }, { requiredKeys: ['red', 'yellow'] });
    const more = fc.record(
      {
        lint_pass: fc.constant(true),
        e2e_pass: fc.constantFrom(true, true, false),
        coverage_min: fc.constantFrom(0.8, 1),
      },
      { requiredKeys: [] },
    );
    const rule = fc.record({ zones: fc.subarray([...ZONES], { minLength: 1, maxLength: 2 }), dod: more });
    const when = fc.array(rule, { maxLength: 2 });
    let taken = 0;
    fc.assert(
      fc.property(fc.record({ dod, evidence, zones, when }), (file) => {
        const parsed = parsePolicy(stringify(file));
        if ('problems' in parsed) return;
        taken += 1;
        const evaluated = criteriaOf(parsed.policy, ZONES);
        const keys = new Set(evaluated.map(({ key }) => key));
        const always = new Map(criteriaOf(parsed.policy, []).map(({ id, threshold }) => [id, threshold ?? 0]));
        for (const key of Object.keys(file.evidence)) expect(keys).toContain(key);
        for (const asked of [file.dod, ...file.when.map((rule) => rule.dod)]) {
          for (const [key, value] of Object.entries(asked)) if (value !== false) expect(keys).toContain(key);
        }
        for (const rule of file.when) {
          for (const zone of rule.zones) expect(file.zones[zone] ?? []).not.toEqual([]);
          const own = criteriaOf({ ...parsed.policy, dod: rule.dod, when: undefined }, []);
          expect(own).not.toEqual([]);
          for (const { id, threshold } of own) {
            expect(threshold ?? 0).toBeGreaterThanOrEqual(always.get(id) ?? 0);
            expect(evaluated.find((one) => one.id === id)?.threshold ?? 0).toBeGreaterThanOrEqual(threshold ?? 0);
          }
        }
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
