import { describe, expect, it, test } from 'vitest';
import { type GateSubject, gateSubject } from '../../src/gate/collect/collect.ts';
import type { CriterionVerdict } from '../../src/gate/model/verdict.ts';
import { byItself, isSameTree, mayTrust, trustPullRequest } from '../../src/gate/trust-pull-request.ts';
import { recordOf } from '../../src/gate/verdict-record.ts';
import { policySchema } from '../../src/policy/schema/policy.ts';
import { criterion } from './evidence-cases.ts';

const HEAD = 'a'.repeat(40);

function subject(fields: Partial<GateSubject>): GateSubject {
  const found = {
    repository: { id: 9, owner: 'o', name: 'r', installation_id: 7, default_branch: 'main' },
    pull_request: { number: 1, base_ref: 'main', head_ref: 'x', head_sha: HEAD, author: null, is_fork: false },
    version: 'of both',
    merge_group: true,
    since: '2026-11-20T12:00:00+00:00',
    sprint: null,
    signals: [],
    runs: [],
    reports: [],
    overrides: [],
  };
  return { ...gateSubject.parse(found), ...fields };
}

const group = subject({});
const head = subject({
  version: 'of the head',
  merge_group: false,
  since: '2026-11-20T10:00:00.000Z',
  overrides: [{ criterion: 'all', by: 'octocat', reason: 'because', expires_at: null }],
});

test.each([
  [true, 'trust_pr', true],
  [true, 'full', false],
  [false, 'trust_pr', false],
] as const)('the commit of a merge queue: %s, policy %s: may be trusted: %s', (merge_group, merge_queue, expected) => {
  expect(mayTrust(subject({ merge_group }), policySchema.parse({ dod: {}, merge_queue }))).toBe(expected);
});

test.each([
  ['1', '1', true],
  ['1', '2', false],
  [null, '1', null],
  ['1', null, null],
  // That GitHub knows neither does not make them the same.
  [null, null, null],
])('trees %s and %s: the same files: %s', (one, other, expected) => {
  expect(isSameTree(one, other)).toBe(expected);
});

describe('trustPullRequest', () => {
  it('judges by all that is known of the head, and holds it against the version of both', () => {
    expect(trustPullRequest(group, true, head)).toEqual({
      ...head,
      version: 'of both',
      trusted_sha: HEAD,
      trust: 'trusting the pull request: same files',
      ask_again_ms: null,
    });
  });

  it('waits for a head that was never judged since the commit is looked at, so that the wait ends', () => {
    const unseen = { ...head, since: '2026-11-20T12:30:00.000Z' };
    expect(trustPullRequest(group, true, unseen).since).toBe(group.since);
  });

  it.each([
    ['other files', false, head, 'by its own runs: other files than the pull request', null],
    ['files that are not told', null, head, 'by its own runs: GitHub does not tell its files', 60_000],
    ['the same files, and a pull request that is gone', true, null, 'by its own runs: the pull request is gone', null],
  ])('judges by the commit itself with %s', (_, same, heads, trust, ask_again_ms) => {
    expect(trustPullRequest(group, same, heads)).toEqual({ ...group, trusted_sha: null, trust, ask_again_ms });
  });
});

describe('recordOf', () => {
  const verdict: CriterionVerdict = {
    criterion: criterion('lint_pass'),
    state: 'pass',
    measured: null,
    sources: [{ kind: 'job', name: 'lint', url: null, attempt: 1 }],
    reason: 'job lint passed',
    fail_codes: [],
    waits: null,
  };
  const resultsOf = (verdictOf: Parameters<typeof recordOf>[1]) => {
    const record = recordOf({ state: 'pass', criteria: [verdict] }, verdictOf, 'c');
    const { commit_sha, criteria } = record as { commit_sha: string; criteria: { validation_results: object[] }[] };
    expect(commit_sha).toBe('c');
    return criteria[0]?.validation_results[0];
  };

  it('names the commit that was measured where it is another one', () => {
    expect(resultsOf(trustPullRequest(group, true, head))).toMatchObject({
      sources: verdict.sources,
      commit_sha: HEAD,
    });
    expect(resultsOf(byItself(group))).not.toHaveProperty('commit_sha');
  });
});
