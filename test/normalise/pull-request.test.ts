import { describe, expect, it } from 'vitest';
import { examplePayload, examplesOf } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

const SHA = 'c'.repeat(40);

function pullRequest(changes: Record<string, unknown> = {}) {
  return factsOf('pull_request', examplePayload('pull_request', 0, changes)).pull_requests[0];
}

describe('a pull request', () => {
  it('becomes one row', () => {
    expect(pullRequest()).toEqual({
      repository_id: 186853002,
      number: 2,
      title: 'Update the README with new information.',
      html_url: 'https://github.com/Codertocat/Hello-World/pull/2',
      head_sha: 'ec26c3e57ca3a959ca5aad62de7213c562f8c821',
      head_ref: 'changes',
      head_repository_id: 186853002,
      base_ref: 'master',
      base_sha: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      state: 'open',
      draft: false,
      author: 'Codertocat',
      opened_at: '2019-05-15T15:20:33.000Z',
      merged_at: null,
      merge_commit_sha: null,
      merged_by: null,
      source_updated_at: '2019-05-15T15:20:33.000Z',
      head_arrival: 'opened',
    });
  });

  it('tells when its head came, and which it was before, in the events that bring one alone', () => {
    expect(pullRequest({ action: 'synchronize', before: SHA, after: 'd'.repeat(40) })).toMatchObject({
      head_arrival: 'pushed',
      former_head_sha: SHA,
    });
    for (const action of ['edited', 'labeled', 'closed', 'ready_for_review'])
      expect(pullRequest({ action })).not.toHaveProperty('head_arrival');
  });

  it('tells that its head may have come when it was reopened, for what was pushed while it was closed is told by nothing else', () => {
    const reopened = pullRequest({ action: 'reopened' });
    expect(reopened).toMatchObject({ head_arrival: 'pushed' });
    expect(reopened).not.toHaveProperty('former_head_sha');
  });

  it('tells when its base became another branch, in the event of that alone', () => {
    const changes = { base: { ref: { from: 'old' }, sha: { from: SHA } } };
    expect(pullRequest({ action: 'edited', changes })).toMatchObject({ based_at: '2019-05-15T15:20:33.000Z' });
    for (const other of [{ title: { from: 'A title' } }, { base: { sha: { from: SHA } } }, {}, null, undefined])
      expect(pullRequest({ action: 'edited', changes: other })).not.toHaveProperty('based_at');
    expect(pullRequest({ action: 'synchronize', changes })).not.toHaveProperty('based_at');
  });

  it('tells its row whatever happens to it', () => {
    const actions = new Set<unknown>();
    for (const { payload } of examplesOf('pull_request')) {
      actions.add(payload.action);
      expect(factsOf('pull_request', payload).pull_requests).toHaveLength(1);
    }
    expect(actions.size).toBeGreaterThan(10);
  });

  it('is merged, with the commit that it became, once it has a time of merging', () => {
    const merged = {
      'pull_request.state': 'closed',
      'pull_request.merged_at': '2019-05-15T15:30:00Z',
      'pull_request.merge_commit_sha': SHA,
    };
    expect(pullRequest(merged)).toMatchObject({
      state: 'merged',
      merged_at: '2019-05-15T15:30:00.000Z',
      merge_commit_sha: SHA,
    });
  });

  it.each([
    ['the person who merged it', { login: 'octocat' }, 'octocat'],
    ['the merge queue’s bot', { login: 'github-merge-queue[bot]' }, 'github-merge-queue[bot]'],
    ['nobody when that account is gone', null, null],
  ])('names %s', (_, merged_by, name) => {
    const merged = { 'pull_request.state': 'closed', 'pull_request.merged_at': '2019-05-15T15:30:00Z' };
    expect(pullRequest({ ...merged, 'pull_request.merged_by': merged_by })?.merged_by).toBe(name);
  });

  it('keeps no test merge while it is open or closed without a merge', () => {
    for (const state of ['open', 'closed']) {
      const changes = { 'pull_request.state': state, 'pull_request.merge_commit_sha': SHA };
      expect(pullRequest(changes)).toMatchObject({ state, merged_at: null, merge_commit_sha: null });
    }
  });

  it('comes from a fork when the head is in another repository, and from nowhere when the fork is gone', () => {
    expect(pullRequest({ 'pull_request.head.repo.id': 99 })).toMatchObject({
      repository_id: 186853002,
      head_repository_id: 99,
    });
    expect(pullRequest({ 'pull_request.head.repo': null })?.head_repository_id).toBeNull();
  });

  it('has no author when that account is gone', () => {
    expect(pullRequest({ 'pull_request.user': null })?.author).toBeNull();
  });
});
