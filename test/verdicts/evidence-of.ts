// Evidence to change in tests: a job that failed on a pull request whose base passed, and nothing else.
import {
  type BaseResult,
  type FailingTest,
  type VerdictEvidence,
  verdictEvidence,
} from '../../src/verdicts/evidence.ts';

export const HEAD = 'a'.repeat(40);
export const BASE = 'b'.repeat(40);
/** A Wednesday. */
export const AT = '2026-03-04T12:00:00+00:00';

/** A commit of the base branch: `2` lies two before the base, `-2` two after it. */
export function around(place: number, result: Partial<BaseResult> = {}): BaseResult {
  return {
    sha: `${place < 0 ? 'e' : 'd'}${Math.abs(place)}`.padEnd(40, '0'),
    at: AT,
    before_base: place > 0,
    conclusion: 'failure',
    same: true,
    mixed: false,
    ...result,
  };
}

export function test(over: Partial<FailingTest> = {}): FailingTest {
  return {
    test_id: 1,
    suite: 'cart',
    name: 'adds an item',
    file: 'test/cart.test.ts',
    state: 'healthy',
    failed: 0,
    runs: 120,
    base_mixed: false,
    ...over,
  };
}

type Over = Partial<Omit<VerdictEvidence, 'failure'>> & { failure?: Partial<VerdictEvidence['failure']> };

/** The evidence with what is another there. */
export function evidence({ failure = {}, ...over }: Over = {}): VerdictEvidence {
  return verdictEvidence.parse({
    version: 1,
    failure: {
      id: '0198f0e4-6a4c-7c11-9d3a-5b1f0c2d4e6f',
      fingerprint: 'f'.repeat(64),
      job: { workflow_path: '.github/workflows/ci.yml', event: 'pull_request', name: 'test (22)' },
      attempt: 1,
      at: AT,
      head_sha: HEAD,
      sources: { kind: 'merge', sha: 'c'.repeat(40) },
      conclusion: 'failure',
      from_fork: false,
      author: 'octocat',
      pull_request: 7,
      pattern: null,
      log: 'fetched',
      step: { name: 'Run npm test', is_service: false, ended: true },
      own_code_ran: true,
      runner_lost: null,
      files: [],
      tests: [],
      tests_omitted: 0,
      ...failure,
    },
    follows: null,
    own_attempts: [],
    specific: { is_specific: true, job_keys: 1, words: 8 },
    base: { kind: 'merge_parent', sha: BASE, result: baseResult('success') },
    around: [],
    base_flakes: 0,
    elsewhere: [],
    earlier_pass: null,
    base_branch: 'main',
    changed: { files: 3, touched: [] },
    missing: [],
    ...over,
  });
}

/** How the base itself ended. */
function baseResult(conclusion: BaseResult['conclusion'], over: Partial<BaseResult> = {}): BaseResult {
  return { sha: BASE, at: AT, before_base: true, conclusion, same: null, mixed: false, ...over };
}

/** The base with a result. */
export function base(conclusion: BaseResult['conclusion'], over: Partial<BaseResult> = {}): VerdictEvidence['base'] {
  return { kind: 'merge_parent', sha: BASE, result: baseResult(conclusion, over) };
}

/** The same failure on another's pull request. */
export function seen(pull_request: number, over: Partial<VerdictEvidence['elsewhere'][number]> = {}) {
  return { pull_request, author: `author-${pull_request}`, at: AT, run_url: null, trusted: true, ...over };
}
