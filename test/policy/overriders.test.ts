import { describe, expect, test } from 'vitest';
import { type Role, reaches } from '../../src/model/overriders.ts';
import { overridersOf } from '../../src/policy/schema/overriders.ts';

describe('who may override', () => {
  test('is maintainers and admins without a policy, and where it names teams alone', () => {
    expect(overridersOf(null)).toEqual({ roles: ['maintain', 'admin'], teams: [], agents: false });
    expect(overridersOf({ override: { teams: ['release'] } })).toEqual({
      roles: ['maintain', 'admin'],
      teams: ['release'],
      agents: false,
    });
  });

  test('is an agent of theirs where the policy says so, and nowhere else', () => {
    expect(overridersOf({ override: { agents: true } }).agents).toBe(true);
    expect(overridersOf({ override: { agents: false } }).agents).toBe(false);
    expect(overridersOf({ override: { roles: ['write'] } }).agents).toBe(false);
  });

  test.each<[string, Role[], boolean]>([
    ['maintain', ['maintain', 'admin'], true],
    ['admin', ['write'], true],
    ['write', ['maintain', 'admin'], false],
    ['maintain', ['admin'], false],
    ['read', ['write'], false],
    ['none', ['triage'], false],
    ['admin', [], false],
    ['security-manager', ['write'], false],
  ])('somebody with the role %s, where %j may: %s', (role, roles, expected) => {
    expect(reaches(role as Role, roles)).toBe(expected);
  });
});
