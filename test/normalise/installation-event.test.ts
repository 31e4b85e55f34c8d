import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf, ignoredBecause } from './normalised-facts.ts';

const CREATED = 1;
const SUSPENDED = 5;
const UPDATED = '2019-05-15T15:19:51.000Z';

describe('an installation', () => {
  it('is told whole, with the repositories it may see', () => {
    const facts = factsOf(
      'installation',
      examplePayload('installation', CREATED, { 'installation.permissions': { checks: 'write' } }),
    );
    expect(facts.installations).toEqual([
      {
        id: 957387,
        account_login: 'Codertocat',
        account_id: 21031067,
        account_type: 'User',
        repository_selection: 'selected',
        permissions: { checks: 'write' },
        suspended_at: null,
        deleted_at: null,
        installed_at: '2019-05-15T15:19:51.000Z',
        source_updated_at: UPDATED,
      },
    ]);
    expect(facts.repositories).toEqual([
      {
        id: 186853002,
        installation_id: 957387,
        owner: 'Codertocat',
        name: 'Hello-World',
        private: false,
        default_branch: null,
        archived: null,
        tells_presence: true,
        deleted_at: null,
        source_updated_at: UPDATED,
      },
    ]);
  });

  it('is as new as its suspension when that came last', () => {
    const changes = { 'installation.suspended_at': '2021-04-30T00:00:00Z' };
    expect(factsOf('installation', examplePayload('installation', SUSPENDED, changes)).installations[0]).toMatchObject({
      suspended_at: '2021-04-30T00:00:00.000Z',
      source_updated_at: '2021-04-30T00:00:00.000Z',
    });
  });

  it('takes its repositories with it when it is deleted', () => {
    const facts = factsOf('installation', examplePayload('installation', CREATED, { action: 'deleted' }));
    expect(facts.installations[0]?.deleted_at).toBe(UPDATED);
    expect(facts.repositories).toEqual([expect.objectContaining({ installation_id: null, deleted_at: UPDATED })]);
  });

  it('of an enterprise goes by its slug', () => {
    const account = { slug: 'octo-enterprise', id: 5 };
    const payload = examplePayload('installation', CREATED, {
      'installation.account': account,
      'installation.target_type': 'Enterprise',
    });
    expect(factsOf('installation', payload).installations[0]).toMatchObject({
      account_login: 'octo-enterprise',
      account_id: 5,
      account_type: 'Enterprise',
    });
  });
});

describe('the repositories of an installation', () => {
  it('come and go', () => {
    const row = (id: number) => ({ id, name: `r${id}`, full_name: `octo-org/r${id}`, private: true });
    const payload = examplePayload('installation_repositories', 0, {
      repositories_added: [row(1)],
      repositories_removed: [row(2)],
    });
    const facts = factsOf('installation_repositories', payload);
    expect(facts.installations).toEqual([
      expect.objectContaining({ id: 957387, deleted_at: null, source_updated_at: UPDATED }),
    ]);
    expect(facts.repositories).toEqual([
      expect.objectContaining({ id: 1, owner: 'octo-org', name: 'r1', installation_id: 957387, deleted_at: null }),
      expect.objectContaining({ id: 2, owner: 'octo-org', name: 'r2', installation_id: null, deleted_at: UPDATED }),
    ]);
  });
});

describe('the account of an installation', () => {
  const renamed = {
    action: 'renamed',
    account: { id: 5, login: 'new-name', updated_at: '2024-01-02T03:04:05Z' },
    changes: { login: { from: 'old-name' } },
    installation: { id: 77 },
    target_type: 'Organization',
  };

  it('has its new name from the time of the renaming', () => {
    expect(factsOf('installation_target', renamed)).toMatchObject({
      installations: [
        {
          id: 77,
          account_login: 'new-name',
          account_id: 5,
          account_type: 'Organization',
          source_updated_at: '2024-01-02T03:04:05.000Z',
        },
      ],
      repositories: [],
    });
  });

  it('is a stub when GitHub leaves the time out', () => {
    const payload = { ...renamed, account: { id: 5, login: 'new-name' } };
    expect(factsOf('installation_target', payload).installations[0]?.source_updated_at).toBeNull();
  });

  it('is ignored when something else happens to it', () => {
    expect(ignoredBecause('installation_target', { action: 'deleted' })).toBe(
      'installation_target.deleted: only a new name is kept',
    );
  });
});
