// A policy on top of another one: it can ask for more, and for less only where the one below lets it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePolicies } from '../../src/policy/merge-policies.ts';
import { parseLayer } from '../../src/policy/policy-layers.ts';
import { criteriaOf, zonesTouched } from '../../src/policy/schema/criteria.ts';
import { overridersOf } from '../../src/policy/schema/overriders.ts';
import type { Policy } from '../../src/policy/schema/policy.ts';

function layer(text: string) {
  const parsed = parseLayer(text, { isOnTop: true });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

/** The policies as one, those below first. */
function merged(...texts: readonly string[]): Policy {
  const policy = mergePolicies(texts.map(layer))?.policy;
  if (policy === undefined) throw new Error('there is none');
  return policy;
}

const FREE = 'repositories_may: ask_for_less\n';

describe('a policy on top of another one', () => {
  it.each([
    ['lint_pass: true', 'lint_pass: false', { lint_pass: true }],
    ['lint_pass: false', 'lint_pass: true', { lint_pass: true }],
    ['coverage_min: 0.8', 'coverage_min: 0.5', { coverage_min: 0.8 }],
    ['coverage_min: 0.8', 'coverage_min: 0.9', { coverage_min: 0.9 }],
    [
      'coverage_min: 0.8',
      'coverage_min: { flags: { unit: 0.9 }, total: 0.1 }',
      { coverage_min: { total: 0.8, flags: { unit: 0.9 } } },
    ],
    [
      "coverage_min: { paths: { 'a/**': 0.5, 'b/**': 0.9 } }",
      "coverage_min: { paths: { 'a/**': 0.7, 'b/**': 0.1 } }",
      { coverage_min: { paths: { 'a/**': 0.7, 'b/**': 0.9 } } },
    ],
    ['lighthouse_min: 85', 'lighthouse_min: { seo: 90 }', { lighthouse_min: { performance: 85, seo: 90 } }],
    ['lighthouse_min: { seo: 90 }', 'lighthouse_min: { seo: 10 }', { lighthouse_min: { seo: 90 } }],
    ['coverage_diff_min: 0.9', 'e2e_pass: true', { coverage_diff_min: 0.9, e2e_pass: true }],
  ])('asks for the stricter of each criterion: %s, and %s', (below, above, dod) => {
    expect(merged(`dod: { ${below} }\n`, `dod: { ${above} }\n`).dod).toEqual(dod);
  });

  it('adds its zones, rules and environments', () => {
    const policy = merged(
      `dod: {}\nzones: { red: ['pay/**', '!pay/docs/**'] }\nwhen: { zones: [red], dod: { lint_pass: true } }\nenvironments: [production]\n`,
      `dod: {}\nzones: { red: ['src/**', '!pay/**'], green: ['docs/**'] }\nwhen: { zones: [green], dod: { e2e_pass: true } }\nenvironments: [staging]\n`,
    );
    expect(zonesTouched(policy, ['pay/a.ts'])).toEqual(['red']);
    expect(zonesTouched(policy, ['src/a.ts'])).toEqual(['red']);
    expect(criteriaOf(policy, ['red', 'green']).map(({ id }) => id)).toEqual(['lint_pass', 'e2e_pass']);
    expect(policy.environments).toEqual(['production', 'staging']);
  });

  it('says where a criterion is measured where the one below does not, without accepting more', () => {
    const policy = merged(
      'dod: { lint_pass: true, type_check: true, coverage_min: 0.8, lighthouse_min: 80 }\nevidence: { type_check: { job: types } }\n',
      `dod: { e2e_pass: true }
evidence:
  lint_pass: { job: l, accept: [skipped] }
  type_check: { job: nothing }
  e2e_pass: { job: e, accept: [skipped] }
  coverage_min: { job: green }
  lighthouse_min: { artifact: lhci }
`,
    );
    expect(policy.evidence).toEqual({
      lint_pass: { job: 'l' },
      type_check: { job: 'types' },
      e2e_pass: { job: 'e', accept: ['skipped'] },
      lighthouse_min: { artifact: 'lhci' },
    });
  });

  it.each([
    ['', 'override: { roles: [write], teams: [all] }\n', { roles: ['maintain', 'admin'], teams: [] }],
    ['override: { roles: [write] }\n', '', { roles: ['write'], teams: [] }],
    ['override: { roles: [write] }\n', 'override: { roles: [admin] }\n', { roles: ['admin'], teams: [] }],
    [
      'override: { roles: [admin], teams: [a, b] }\n',
      'override: { roles: [write], teams: [b, c] }\n',
      { roles: ['admin'], teams: ['b'] },
    ],
    ['override: { roles: [admin] }\n', 'override: { roles: [] }\n', { roles: [], teams: [] }],
    ['override: { roles: [], teams: [a] }\n', 'override: { roles: [admin] }\n', { roles: [], teams: [] }],
    ['', 'override: { agents: true }\n', { roles: ['maintain', 'admin'], teams: [] }],
    ['override: { roles: [admin] }\n', 'override: { agents: true }\n', { roles: ['admin'], teams: [] }],
    ['override: { agents: true }\n', 'override: { agents: false }\n', { roles: ['maintain', 'admin'], teams: [] }],
    ['override: { agents: true }\n', '', { roles: ['maintain', 'admin'], teams: [], agents: true }],
    [
      'override: { agents: true }\n',
      'override: { agents: true, roles: [admin] }\n',
      { roles: ['admin'], teams: [], agents: true },
    ],
    [FREE, 'override: { agents: true }\n', { roles: ['maintain', 'admin'], teams: [], agents: true }],
  ])('lets those override whom both let: %j, and %j', (below, above, who) => {
    expect(overridersOf(merged(`dod: {}\n${below}`, `dod: {}\n${above}`))).toEqual({ agents: false, ...who });
  });

  it.each([
    ['', 'mode: observe\n', {}],
    ['mode: observe\n', '', { mode: 'observe' }],
    ['mode: observe\n', 'mode: enforce\n', { mode: 'enforce' }],
    ['observe_days_after_installation: 7\n', '', { observe_days_after_installation: 7 }],
    ['observe_days_after_installation: 7\n', 'mode: enforce\n', { mode: 'enforce' }],
    [
      'observe_days_after_installation: 7\n',
      'observe_days_after_installation: 90\n',
      { observe_days_after_installation: 7 },
    ],
    ['', 'observe_days_after_installation: 90\n', {}],
    [FREE, 'mode: observe\n', { mode: 'observe' }],
    [`${FREE}observe_days_after_installation: 7\n`, 'mode: enforce\n', { mode: 'enforce' }],
    [`${FREE}mode: enforce\n`, 'observe_days_after_installation: 7\n', { observe_days_after_installation: 7 }],
    ['mode: enforce\n', 'observe_days_after_installation: 7\n', { mode: 'enforce' }],
  ])('observes only where the one below does: %j, and %j', (below, above, mode) => {
    const { mode: is, observe_days_after_installation: days } = merged(`dod: {}\n${below}`, `dod: {}\n${above}`);
    expect({
      ...(is === undefined ? {} : { mode: is }),
      ...(days === undefined ? {} : { observe_days_after_installation: days }),
    }).toEqual(mode);
  });

  it.each([
    ['', '', [60, 'full']],
    ['deadline_minutes: 30\n', '', [30, 'full']],
    ['', 'deadline_minutes: 90\nmerge_queue: trust_pr\n', [90, 'trust_pr']],
    ['deadline_minutes: 120\nmerge_queue: full\n', 'deadline_minutes: 90\nmerge_queue: trust_pr\n', [90, 'full']],
    ['deadline_minutes: 30\nmerge_queue: trust_pr\n', 'deadline_minutes: 90\nmerge_queue: full\n', [30, 'full']],
  ])('may say what is neither more nor less: %j, and %j', (below, above, said) => {
    const { deadline_minutes, merge_queue } = merged(`dod: {}\n${below}`, `dod: {}\n${above}`);
    expect([deadline_minutes, merge_queue]).toEqual(said);
  });

  it.each([
    ['comment: never\n', '', 'never'],
    ['comment: never\n', 'comment: always\n', 'always'],
    ['comment: { drafts: never }\n', 'comment: { default: always }\n', { drafts: 'never', default: 'always' }],
    ['comment: always\n', 'comment: { bots: never }\n', { default: 'always', bots: 'never' }],
  ])('says how much is said: %j, and %j', (below, above, comment) => {
    expect(merged(`dod: {}\n${below}`, `dod: {}\n${above}`).comment).toEqual(comment);
  });

  it('may ask for less where the one below lets it, of what it says itself', () => {
    const below = `${FREE}dod: { lint_pass: true, coverage_min: 0.8 }\noverride: { roles: [admin] }\n`;
    const policy = merged(below, 'dod: { coverage_min: 0.5 }\noverride: { roles: [write] }\n');
    expect(policy.dod).toEqual({ lint_pass: true, coverage_min: 0.5 });
    expect(policy.override).toEqual({ roles: ['write'] });
  });

  it('can not let itself ask for less, nor can one in between', () => {
    const strict = 'dod: { lint_pass: true }\n';
    expect(merged(strict, `${FREE}dod: {}\n`, 'dod: { lint_pass: false }\n').dod).toEqual({ lint_pass: true });
    expect(merged(`${FREE}${strict}`, 'dod: { e2e_pass: true }\n', 'dod: { e2e_pass: false }\n').dod).toEqual({
      lint_pass: true,
      e2e_pass: true,
    });
  });

  it('is met by nothing that does not meet both (any two, at random)', () => {
    const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
    const flag = fc.option(fc.boolean(), { nil: undefined });
    const dod = fc.record({ lint_pass: flag, e2e_pass: flag, coverage_diff_min: share, coverage_min: share });
    const text = (asked: object) => `dod: ${JSON.stringify(asked)}\n`;
    fc.assert(
      fc.property(dod, dod, (one, other) => {
        const both = new Map(
          criteriaOf(merged(text(one), text(other)), []).map((each) => [each.id, each.threshold ?? 0]),
        );
        for (const asked of [one, other].flatMap((each) => criteriaOf(merged(text(each)), [])))
          expect(both.get(asked.id)).toBeGreaterThanOrEqual(asked.threshold ?? 0);
      }),
    );
  });
});
