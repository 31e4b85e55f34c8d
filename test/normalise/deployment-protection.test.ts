// A deployment that GitHub holds back: told with the fields of GitHub's example of a deployment, as there is none of its own.

import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf, ignoredBecause } from './normalised-facts.ts';

const CALLBACK = 'https://api.github.com/repos/Codertocat/Hello-World/actions/runs/1234/deployment_protection_rule';
const asked = (changes: Record<string, unknown> = {}) =>
  examplePayload('deployment', 0, {
    action: 'requested',
    environment: 'production',
    event: 'push',
    deployment_callback_url: CALLBACK,
    pull_requests: [],
    ...changes,
  });

describe('deployment_protection_rule', () => {
  it('tells of the deployment, and of the run that waits for an answer', () => {
    const { deployments } = factsOf('deployment_protection_rule', asked());
    const [deployment] = factsOf('deployment', examplePayload('deployment', 0)).deployments;
    expect(deployments).toEqual([
      { ...deployment, environment_name: 'production', run_id: '1234', run_attempt: null, protection_run_id: '1234' },
    ]);
  });

  it.each([
    ['another action', { action: 'done' }],
    ['no deployment', { deployment: null }],
    [
      'an address that names no run',
      { deployment_callback_url: 'https://example.com/actions/runs/x/deployment_protection_rule' },
    ],
    ['a run that is no number we can keep', { deployment_callback_url: CALLBACK.replace('1234', '9'.repeat(17)) }],
  ])('is ignored with %s', (_, changes) => {
    expect(ignoredBecause('deployment_protection_rule', asked(changes))).toMatch(
      /^deployment_protection_rule: it asks for no answer/,
    );
  });
});
