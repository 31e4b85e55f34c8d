import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

function ciEvent(changes: Record<string, unknown>) {
  return factsOf('status', examplePayload('status', 0, changes)).ci_events[0];
}

describe('a commit status', () => {
  it('becomes a CI event, known by commit and context', () => {
    const changes = {
      context: 'ci/circleci: test',
      state: 'error',
      description: 'Your tests failed',
      target_url: 'https://circleci.example/1',
      updated_at: '2019-05-15T15:22:00+00:00',
    };
    expect(ciEvent(changes)).toEqual({
      provider: 'github-status',
      repository_id: 186853002,
      run_id: '6113728f27ae82c7b1a177c8d03f9e96e0adf246:ci/circleci: test',
      run_attempt: 1,
      workflow_name: 'ci/circleci: test',
      workflow_path: null,
      branch: 'master',
      head_repository_id: null,
      commit_sha: '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
      status: 'failed',
      conclusion: 'error',
      trigger: 'other',
      start_time: '2019-05-15T15:20:55.000Z',
      end_time: '2019-05-15T15:22:00.000Z',
      pull_request_numbers: [],
      html_url: 'https://circleci.example/1',
      actor: 'Codertocat',
      summary: 'Your tests failed',
      source_updated_at: '2019-05-15T15:22:00.000Z',
    });
  });

  it.each([
    ['pending', 'running', null],
    ['success', 'succeeded', 'success'],
    ['failure', 'failed', 'failure'],
    ['error', 'failed', 'error'],
    ['a word of next year', 'failed', 'a word of next year'],
  ])('that is %s is %s', (state, status, conclusion) => {
    const event = ciEvent({ state });
    expect(event).toMatchObject({ status, conclusion });
    expect(event?.end_time === null).toBe(conclusion === null);
  });

  it('has no branch when no branch holds the commit, and no link when it is none of the web', () => {
    expect(ciEvent({ branches: [], target_url: 'javascript:alert(1)' })).toMatchObject({
      branch: null,
      html_url: null,
    });
  });
});
