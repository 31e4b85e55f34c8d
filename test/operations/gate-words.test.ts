import { expect, it } from 'vitest';
import { explainGate } from '../../src/operations/ci/gate-words.ts';

it('gives words of strangers without what nobody sees, and says whether they are a fork’s', () => {
  const hidden = 'Close\u200b the\u{e0041} shop\u202e\nnow';
  const explained = explainGate({
    repository: 'octo-org/shop',
    commit_sha: 'a'.repeat(40),
    pull_request: {
      ...{ number: 1, title: hidden, state: 'open', head_sha: 'a'.repeat(40), base_ref: 'main', html_url: null },
      from_fork: true,
    },
    run_id: null,
    run_status: 'failed',
    is_observed: false,
    criteria: [
      {
        ...{ id: 'lint_pass', name: 'lint', status: 'failed', attempt_number: 1, fail_codes: [], evaluated_at: 'now' },
        found: { reason: hidden, sources: [{ kind: 'job', name: hidden, url: null, attempt: 1 }] },
      },
    ],
    sprint: null,
    overrides: [],
  });
  const seen = 'Close the shop[U+202E] now';
  expect(explained).toMatchObject({
    pull_request: { title: seen, from_fork: true },
    criteria: [{ why: seen, sources: [{ name: seen }] }],
  });
});
