import { describe, expect, it } from 'vitest';
import { examplePayload, examplesOf } from '../support/example-payload.ts';
import { factsOf } from './normalised-facts.ts';

const ROW = {
  id: 186853002,
  installation_id: 77,
  owner: 'Codertocat',
  name: 'Hello-World',
  private: false,
  default_branch: 'master',
  archived: false,
  tells_presence: false,
  deleted_at: null,
  source_updated_at: '2019-05-15T15:21:03.000Z',
};

function repository(changes: Record<string, unknown>) {
  const payload = examplePayload('repository', 0, { installation: { id: 77 }, ...changes });
  return factsOf('repository', payload).repositories;
}

describe('a repository', () => {
  it.each([
    ['publicized', {}, {}],
    ['privatized', { 'repository.private': true }, { private: true }],
    ['archived', { 'repository.archived': true }, { archived: true }],
    ['renamed', { 'repository.name': 'hello' }, { name: 'hello' }],
    ['transferred', { 'repository.owner.login': 'octo-org' }, { owner: 'octo-org', tells_presence: true }],
    ['edited', { 'repository.default_branch': 'main' }, { default_branch: 'main' }],
    ['deleted', {}, { tells_presence: true, deleted_at: '2019-05-15T15:21:03.000Z' }],
    ['an action of next year', {}, {}],
  ])('is the same row when it is %s', (action, changes, expected) => {
    expect(repository({ action, ...changes })).toEqual([{ ...ROW, ...expected }]);
  });

  it('is as new as the newest time of GitHub in the payload', () => {
    const pushed = { 'repository.pushed_at': 1_600_000_000, 'repository.updated_at': '2019-05-15T15:21:03Z' };
    expect(repository(pushed)).toMatchObject([{ source_updated_at: '2020-09-13T12:26:40.000Z' }]);
    expect(repository({ 'repository.pushed_at': null, 'repository.updated_at': null })).toMatchObject([
      { source_updated_at: null },
    ]);
  });

  it("can't be deleted without a time", () => {
    const timeless = { action: 'deleted', 'repository.pushed_at': null, 'repository.updated_at': null };
    expect(() => repository(timeless)).toThrow(
      'repository.deleted: repository.updated_at: expected a timestamp, found nothing',
    );
  });

  it('is told by every event that has one, with the installation it came by', () => {
    const events = ['workflow_run', 'workflow_job', 'push', 'deployment', 'pull_request', 'status', 'merge_group'];
    for (const event of events) {
      for (const { payload } of examplesOf(event)) {
        if (payload.deleted === true) continue;
        const facts = factsOf(event, { ...payload, installation: { id: 77 } });
        expect(facts.repositories).toEqual([expect.objectContaining({ installation_id: 77, deleted_at: null })]);
        expect(facts.installations).toEqual([expect.objectContaining({ id: 77, source_updated_at: null })]);
        expect(facts.installations[0]?.account_login).toBe(facts.repositories[0]?.owner);
        const bare = factsOf(event, { ...payload, installation: undefined });
        expect([bare.repositories[0]?.installation_id, bare.installations]).toEqual([null, []]);
      }
    }
  });
});
