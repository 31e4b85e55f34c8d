// Who may override a criterion. Pure.

import { type Overriders, type Role, reaches } from '../../model/overriders.ts';
import type { Policy } from './policy.ts';

/** Those whom the policy names; without one, or where it names no roles, maintainers and admins. */
export function overridersOf(policy: Pick<Policy, 'override'> | null): Overriders {
  return { roles: policy?.override?.roles ?? ['maintain', 'admin'], teams: policy?.override?.teams ?? [] };
}

const OVERRIDE_ROLES = ['write', 'maintain', 'admin'] as const;

/** The roles that both lists let override. */
export function rolesOfBoth(one: readonly Role[], other: readonly Role[]): (typeof OVERRIDE_ROLES)[number][] {
  return OVERRIDE_ROLES.filter((role) => reaches(role, one) && reaches(role, other));
}
