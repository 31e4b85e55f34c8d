// Who may override a criterion. Pure.

import { type Overriders, type Role, reaches } from '../../model/overriders.ts';
import type { Policy } from './policy.ts';

/** The roles and teams that may override: those of the policy; maintainers and admins when there is no policy or it names no roles. Agents may only where it says so. */
export function overridersOf(policy: Pick<Policy, 'override'> | null): Overriders {
  const { roles = ['maintain', 'admin'], teams = [], agents = false } = policy?.override ?? {};
  return { roles, teams, agents };
}

const OVERRIDE_ROLES = ['write', 'maintain', 'admin'] as const;

/** The roles that both lists let override. */
export function rolesOfBoth(one: readonly Role[], other: readonly Role[]): (typeof OVERRIDE_ROLES)[number][] {
  return OVERRIDE_ROLES.filter((role) => reaches(role, one) && reaches(role, other));
}
