// What holds of any evidence: losing some of it never excuses anybody, and there is always one harmless sentence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VerdictEvidence, verdictEvidence } from '../../src/verdicts/evidence.ts';
import { EXONERATING, explainFailure, judgeFailure } from '../../src/verdicts/judge-failure.ts';
import { runs } from '../support/runs.ts';
import { AT, BASE, evidence, HEAD } from './evidence-of.ts';

const SECRET = `ghp_${'a1B2'.repeat(9)}`;
const name = fc.constantFrom('adds an item', 'a\nb\u202e<!-- -->', `says ${SECRET}`, 'ü'.repeat(500), '@octocat `x`');
const often = <T>(value: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, fc.constantFrom(...others));
const count = fc.integer({ min: 0, max: 12 });

const conclusion = often<'success' | 'failure' | 'other' | 'none' | null>('failure', 'success', 'other', 'none', null);
const result = fc.record({
  sha: fc.integer({ min: 0, max: 40 }).map((place) => `${place}`.padStart(40, 'd')),
  at: fc.constant(AT),
  before_base: fc.boolean(),
  conclusion,
  same: often<boolean | null>(true, false, null),
  mixed: often(false, true),
});
const failingTest = fc.record({
  test_id: fc.constant(1),
  suite: fc.constantFrom('cart', 'com.acme.Cart'),
  name,
  file: often<string | null>('test/cart.test.ts', null),
  state: fc.constantFrom('broken' as const, 'flaky' as const, 'healthy' as const, 'new' as const, 'unknown' as const),
  failed: count,
  runs: count,
  base_mixed: often<boolean | null>(true, false, null),
});
// A line that a generic pattern knows is not specific: that is one fact, told twice.
const line = fc.constantFrom(
  { pattern: null, specific: { is_specific: true, job_keys: 1, words: 5 } },
  { pattern: null, specific: { is_specific: false, job_keys: 7, words: 5 } },
  {
    pattern: { name: 'dns', category: 'infra', rank: 'cause' as const },
    specific: { is_specific: true, job_keys: 3, words: 3 },
  },
  {
    pattern: { name: 'dns', category: 'infra', rank: 'cause' as const },
    specific: { is_specific: true, job_keys: 1, words: 9 },
  },
  {
    pattern: { name: 'exit', category: 'other', rank: 'generic' as const },
    specific: { is_specific: false, job_keys: 1, words: 5 },
  },
  { pattern: { name: 'x', category: 'test', rank: 'cause' as const }, specific: null },
);
const failure = fc.record({
  attempt: fc.integer({ min: 1, max: 3 }),
  at: often<string | null>(AT, null),
  conclusion: often<string | null>('failure', 'cancelled', 'timed_out', 'startup_failure', null),
  author: often<string | null>('octocat', null),
  pull_request: often<number | null>(7, null),
  log: often<'fetched' | 'missing' | 'expired' | 'none'>('fetched', 'missing', 'expired', 'none'),
  step: fc.record({
    name: fc.option(name),
    is_service: often<boolean | null>(false, true, null),
    ended: often<boolean | null>(true, false, null),
  }),
  own_code_ran: often<boolean | null>(true, false, null),
  runner_lost: often<{ words: string; told_by: 'annotation' | 'pattern' } | null>(
    null,
    { words: `lost ${SECRET}`, told_by: 'annotation' },
    { words: 'lost', told_by: 'pattern' },
  ),
  files: often<string[] | null>([], ['src/a.ts'], null),
  tests: fc.oneof(fc.constant<[]>([]), fc.constant(null), fc.array(failingTest, { maxLength: 3 })),
  tests_omitted: often<number | null>(0, 2, null),
});
const anyEvidence: fc.Arbitrary<VerdictEvidence> = fc
  .record({
    failure,
    line,
    follows: often<VerdictEvidence['follows']>(
      null,
      { kind: 'sibling', job_name: `x ${SECRET}`, run_url: null },
      { kind: 'needs', job_name: null, run_url: null },
      { kind: 'superseded', job_name: null, run_url: null },
    ),
    own_attempts: fc.array(
      fc.record({
        attempt: fc.integer({ min: 1, max: 4 }),
        conclusion: fc.constantFrom('success', 'failure', null),
        same: fc.constantFrom(true, false, null),
      }),
      { maxLength: 3 },
    ),
    base: fc.option(
      fc.record({ kind: fc.constant('merge_parent' as const), sha: fc.constant(BASE), result: fc.option(result) }),
      { freq: 8 },
    ),
    around: fc.array(result, { maxLength: 20 }),
    base_flakes: often<number | null>(2, 0, null),
    elsewhere: fc.array(
      fc.record({
        pull_request: fc.integer({ min: 6, max: 10 }),
        author: fc.constantFrom('a', 'b', 'Octocat', null),
        at: often(AT, 'x', '2026-03-01T12:00:00Z'),
        run_url: fc.constant(null),
        trusted: often(true, false),
      }),
      { maxLength: 5 },
    ),
    earlier_pass: often<VerdictEvidence['earlier_pass']>(
      { sha: HEAD, at: null, where: 'base' },
      { sha: HEAD, at: null, where: 'pull_request' },
      null,
    ),
    base_branch: fc.option(name),
    changed: often<VerdictEvidence['changed']>(
      { files: 2, touched: [] },
      { files: 2, touched: [`src/${SECRET}\n.ts`] },
      { files: null, touched: null },
    ),
    missing: fc.array(fc.record({ what: fc.constantFrom('base' as const, 'around' as const), why: name }), {
      maxLength: 4,
    }),
  })
  .map(({ failure: failed, line: { pattern, specific }, ...rest }) =>
    evidence({ ...rest, specific, failure: { ...failed, pattern } }),
  );

/** Where null may stand, as paths: these can be lost one by one. What ended a job for GitHub is lost with the job. */
const IDENTITY = new Set(['failure.step.name', 'failure.job.workflow_path', 'failure.sources.sha', 'base_branch']);

/** Every evidence in which one piece less is known. */
function poorer(whole: VerdictEvidence): { lost: string; rest: VerdictEvidence }[] {
  const found: { lost: string; rest: VerdictEvidence }[] = [];
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    const lost = path.join('.');
    if (value === null || IDENTITY.has(lost)) return;
    const rest = with_(whole, path, null);
    const read = path.length === 0 ? null : verdictEvidence.safeParse(rest);
    if (read?.success === true) found.push({ lost, rest: read.data });
    if (typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(whole, []);
  for (const list of ['own_attempts', 'elsewhere', 'missing'] as const)
    for (const at of whole[list].keys())
      found.push({ lost: `${list}.${at}`, rest: { ...whole, [list]: whole[list].toSpliced(at, 1) } });
  if (whole.failure.log === 'fetched')
    found.push({ lost: 'log', rest: with_(whole, ['failure', 'log'], 'missing') as VerdictEvidence });
  return found;
}

function with_(value: unknown, [key, ...path]: readonly (string | number)[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  if (Array.isArray(value)) return value.with(Number(key), with_(value[Number(key)], path, leaf));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: with_(object[key], path, leaf) };
}

const shuffled = (whole: VerdictEvidence): VerdictEvidence => ({
  ...whole,
  own_attempts: whole.own_attempts.toReversed(),
  elsewhere: whole.elsewhere.toReversed(),
  missing: whole.missing.toReversed(),
  failure: { ...whole.failure, tests: whole.failure.tests?.toReversed() ?? null },
});

describe('any evidence', () => {
  it('exonerates nobody with one piece less that it did not exonerate before', () => {
    let lostAny = 0;
    const excused = new Set<string>();
    fc.assert(
      fc.property(anyEvidence, (whole) => {
        const { verdict, rule } = judgeFailure(whole);
        if (EXONERATING.has(verdict)) {
          excused.add(rule);
          return;
        }
        for (const { lost, rest } of poorer(whole)) {
          lostAny += 1;
          const without = judgeFailure(rest);
          expect(EXONERATING.has(without.verdict), `${lost} lost: ${rule} became ${without.rule}`).toBe(false);
        }
      }),
      runs(400, 20_000),
    );
    expect(lostAny).toBeGreaterThan(3_000);
    // The evidence that is made up gets everywhere.
    expect([...excused].toSorted()).toEqual([
      ...['base_is_broken', 'flaky_here_and_on_base', 'follows_another', 'seen_elsewhere', 'told_by_github'],
    ]);
  });

  it('gets one sentence on one line, short, without a secret, whatever the order of its lists', () => {
    fc.assert(
      fc.property(anyEvidence, (whole) => {
        const judged = judgeFailure(whole);
        expect(judged.sentence.length).toBeGreaterThan(10);
        expect(judged.sentence.length).toBeLessThan(300);
        expect(judged.sentence).not.toMatch(/[\n\r\u2028\u202e]/);
        expect(JSON.stringify(explainFailure(whole))).not.toContain(SECRET);
        expect(judgeFailure(shuffled(whole))).toEqual(judged);
      }),
      runs(150, 20_000),
    );
  });
});
