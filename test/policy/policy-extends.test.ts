// Where a policy may say that it stands on another one, and how much it may have said.
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { commentChoice } from '../../src/policy/schema/policy-comment.ts';
import { parsePlace, placeKey, placeRefusal } from '../../src/policy/schema/policy-extends.ts';

describe('extends', () => {
  it.each([
    ['acme/.github:codered.yml', { owner: 'acme', repo: '.github', ref: null, path: 'codered.yml' }],
    ['acme/policies@v1.2:web/codered.yml', { owner: 'acme', repo: 'policies', ref: 'v1.2', path: 'web/codered.yml' }],
    ['acme/policies@refs/heads/main:a.yml', { owner: 'acme', repo: 'policies', ref: 'refs/heads/main', path: 'a.yml' }],
  ])('%s is a place', (text, place) => {
    expect(parsePlace(text)).toEqual(place);
    expect(placeRefusal(text)).toBe(null);
  });

  it.each([
    'acme/policies',
    'policies:codered.yml',
    'https://github.com/acme/policies/blob/main/codered.yml',
    'acme/policies/more:codered.yml',
    'acme/..:codered.yml',
    'acme/policies:',
    'acme/policies:/codered.yml',
    'acme/policies:../codered.yml',
    'acme/policies:a//b.yml',
    'acme/policies:a.yml?ref=evil',
    'acme/policies@:codered.yml',
    'acme/policies@a..b:codered.yml',
    'acme/policies@a b:codered.yml',
    'ac\u202eme/policies:codered.yml',
    '',
  ])('%j is none', (text) => {
    expect(parsePlace(text)).toBe(null);
    expect(placeRefusal(text)).toContain('should be owner/repo:path');
  });

  it('is the same file by any case of owner and repository, and any ref', () => {
    const [one, other] = ['Acme/Policies:a.yml', 'acme/policies@v1:a.yml'].map(parsePlace);
    expect(one && placeKey(one)).toBe(other && placeKey(other));
  });

  it('lets a file ask for nothing itself, which any other has to say', () => {
    expect(parsePolicy('extends: acme/policies:codered.yml\n')).toMatchObject({ policy: { dod: {} } });
    expect(parsePolicy('comment: never\n')).toMatchObject({
      problems: [{ path: 'dod', message: expect.stringContaining('is missing') }],
    });
  });

  it('is told with line and column where it is no place', () => {
    expect(parsePolicy('dod: {}\nextends: acme/policies\n')).toMatchObject({
      problems: [{ line: 2, column: 10, path: 'extends', message: expect.stringContaining('owner/repo:path') }],
    });
  });
});

describe('comment', () => {
  const person = { draft: false, author: 'octocat' };
  const bot = { draft: false, author: 'dependabot[bot]' };
  it.each([
    [undefined, person, 'on_failure'],
    ['never', person, 'never'],
    [{ drafts: 'never' }, person, 'on_failure'],
    [{ drafts: 'never' }, { ...person, draft: true }, 'never'],
    [{ default: 'always', bots: 'never' }, bot, 'never'],
    [{ default: 'always', bots: 'never' }, { draft: false, author: 'robot' }, 'always'],
    [{ drafts: 'always', bots: 'never' }, { ...bot, draft: true }, 'never'],
    [{ default: 'never', drafts: 'always' }, { draft: true, author: null }, 'always'],
  ] as const)('%j of %j is %s', (said, opened, choice) => {
    expect(commentChoice(said, opened)).toBe(choice);
  });
});
