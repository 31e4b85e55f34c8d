import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf, ignoredBecause } from './normalised-facts.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

function commit(id: string, more: Record<string, unknown> = {}) {
  return {
    id,
    message: `work ${id[0]}`,
    timestamp: '2019-05-15T10:00:00-05:00',
    author: { name: 'A', username: 'a' },
    ...more,
  };
}

function commits(changes: Record<string, unknown>) {
  return factsOf('push', examplePayload('push', 0, changes)).commits;
}

describe('a push', () => {
  it('brings its commits, once each, with the paths they touch', () => {
    const first = commit(A, { added: ['new.ts'], modified: ['a.ts', 'new.ts'], removed: ['old.ts'] });
    expect(
      commits({ ref: 'refs/heads/main', created: false, commits: [first, commit(B)], head_commit: commit(B) }),
    ).toEqual([
      {
        repository_id: 186853002,
        sha: A,
        ref: 'refs/heads/main',
        message: 'work a',
        author: 'a',
        authored_at: '2019-05-15T15:00:00.000Z',
        pushed_at: '2019-05-15T15:20:57.000Z',
        files: ['new.ts', 'a.ts', 'old.ts'],
        merge_group_ref: null,
        is_ref_reset: false,
      },
      expect.objectContaining({ sha: B, files: [] }),
    ]);
  });

  it('of a tag brings the commit that the tag names', () => {
    expect(commits({})).toEqual([
      expect.objectContaining({ ref: 'refs/tags/simple-tag', sha: '6113728f27ae82c7b1a177c8d03f9e96e0adf246' }),
    ]);
  });

  it('takes its time from GitHub, never from the clock of whoever committed', () => {
    const facts = factsOf(
      'push',
      examplePayload('push', 0, { head_commit: commit(A, { timestamp: '2099-01-01T00:00:00Z' }) }),
    );
    expect(facts.commits[0]).toMatchObject({
      authored_at: '2099-01-01T00:00:00.000Z',
      pushed_at: '2019-05-15T15:20:57.000Z',
    });
    expect(facts.repositories[0]?.source_updated_at).toBe('2019-05-15T15:20:57.000Z');
  });

  it('tells no author and no time of a commit that has none to tell', () => {
    const bare = commit(A, { author: null, timestamp: 'yesterday' });
    expect(commits({ commits: [], head_commit: bare })).toEqual([
      expect.objectContaining({ author: null, authored_at: null, files: [] }),
    ]);
  });

  it('keeps five thousand paths and four thousand characters of message at most', () => {
    const files = Array.from({ length: 6_000 }, (_, index) => `${index}`);
    const [one] = commits({ commits: [], head_commit: commit(A, { modified: files, message: 'm'.repeat(5_000) }) });
    expect([one?.files.length, one?.message.length]).toEqual([5_000, 4_000]);
  });

  it('to a branch that is named like a merge queue’s is none that a queue asked about', () => {
    const ref = 'refs/heads/gh-readonly-queue/main/pr-1-abc';
    expect(commits({ ref })).toEqual([expect.objectContaining({ ref, merge_group_ref: null })]);
  });

  it.each([
    ['ahead of what the branch had', { created: false, forced: false }, false],
    ['by force, back to a commit that it had before', { created: false, forced: true }, true],
    ['to a branch that is new, or again', { created: true, forced: false }, true],
    ['that does not say', { created: null, forced: null }, false],
  ])('%s tells whether the branch was put elsewhere', (_, given, is_ref_reset) => {
    const push = { ref: 'refs/heads/main', commits: [], head_commit: commit(A), ...given };
    expect(commits(push)).toEqual([expect.objectContaining({ sha: A, is_ref_reset })]);
  });

  it('that deletes a branch is ignored', () => {
    const payload = examplePayload('push', 0, { deleted: true, head_commit: null, commits: [] });
    expect(ignoredBecause('push', payload)).toBe('push: a branch or tag was deleted, which brings no commit');
  });
});

describe('a merge group', () => {
  it('brings its head, which nobody pushed', () => {
    expect(factsOf('merge_group', examplePayload('merge_group', 0)).commits).toEqual([
      {
        repository_id: 17273051,
        sha: '2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d',
        ref: 'refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64',
        message: 'Merge pull request #2048 from octo-repo/update-readme\n\nUpdate README.md',
        author: 'Codertocat',
        authored_at: '2019-05-15T15:20:30.000Z',
        pushed_at: null,
        files: [],
        merge_group_ref: 'refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64',
        is_ref_reset: false,
      },
    ]);
  });

  it.each([
    ['dequeued', 'dequeued'],
    ['invalidated', 'invalidated'],
    ['merged', 'merged'],
    [undefined, 'destroyed'],
  ])('tells why its group was taken away, and asks for no check (%s)', (reason, merge_group_end) => {
    const payload = examplePayload('merge_group', 0, { action: 'destroyed', reason });
    const { commits: given, rechecks } = factsOf('merge_group', payload);
    expect(given).toEqual([
      { ...factsOf('merge_group', examplePayload('merge_group', 0)).commits[0], merge_group_end },
    ]);
    expect(rechecks).toEqual([]);
  });

  it('tells nothing of an action that is new to us', () => {
    expect(ignoredBecause('merge_group', examplePayload('merge_group', 0, { action: 'paused' }))).toBe(
      'merge_group.paused: nothing of this action is kept',
    );
  });
});
