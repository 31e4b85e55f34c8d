import { describe, expect, it } from 'vitest';
import { examplePayload } from '../support/example-payload.ts';
import { factsOf, ignoredBecause } from './normalised-facts.ts';

const ORGANISATION = 38302899;
const about = (github_user_id: number | null, account_id = ORGANISATION) => ({
  kind: 'doubted',
  github_user_id,
  account_id,
  repository_id: null,
});
const accessIn = (event: string, index: number, changes = {}) =>
  factsOf(event, examplePayload(event, index, changes)).access;

describe('who may see what', () => {
  it.each([
    ['member', 0, { action: 'added' }, about(39652351, 21031067)],
    ['member', 3, { action: 'edited' }, about(583231, 21031067)],
    ['member', 0, { action: 'an action of next year' }, about(39652351, 21031067)],
    ['member', 0, { action: 'removed', member: null }, about(null, 21031067)],
    ['membership', 0, { action: 'removed' }, about(21031067)],
    ['membership', 1, { action: 'added' }, about(21031067)],
    ['membership', 3, { member: null }, about(null)],
    ['organization', 0, { action: 'member_added' }, about(39652351)],
    ['organization', 0, { action: 'member_removed', 'membership.user': null }, about(null)],
    ['team', 0, { action: 'added_to_repository' }, about(null)],
    ['team', 0, { action: 'removed_from_repository' }, about(null)],
    ['team', 3, { action: 'deleted' }, about(null)],
    ['team', 4, { action: 'edited' }, about(null)],
  ])('has to be asked for after %s %i with %o', (event, index, changes, fact) => {
    expect(accessIn(event, index, changes)).toEqual([fact]);
  });

  it('is gone to one repository when its collaborator was removed', () => {
    expect(accessIn('member', 2, { action: 'removed' })).toEqual([
      { kind: 'withdrawn', github_user_id: 39652351, account_id: 21031067, repository_id: 186853002 },
    ]);
    expect(factsOf('member', examplePayload('member', 2)).repositories).toMatchObject([{ id: 186853002 }]);
  });

  it('is gone to a whole organisation when its member was removed', () => {
    expect(accessIn('organization', 1, { action: 'member_removed' })).toEqual([
      { ...about(39652351), kind: 'withdrawn' },
    ]);
  });

  it.each([
    ['organization', 3, 'organization.member_invited'],
    ['organization', 4, 'organization.renamed'],
    ['team', 2, 'team.created'],
  ])('is as it was after %s %i', (event, index, name) => {
    expect(ignoredBecause(event, examplePayload(event, index))).toBe(`${name}: changes nobody's access`);
  });

  it.each([
    ['member', 'repository', 'member.added: repository: expected an object, found nothing'],
    ['membership', 'organization', 'membership.removed: organization: expected an object, found nothing'],
    ['organization', 'membership', 'organization.member_added: membership: expected an object, found nothing'],
  ])('is not read from a %s without %s', (event, field, message) => {
    expect(() => accessIn(event, 0, { [field]: undefined })).toThrow(message);
  });
});
