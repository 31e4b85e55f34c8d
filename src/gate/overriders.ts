// Who may override a criterion. Pure; command.ts uses it.

import type { Policy } from './policy.ts';

/** GitHub's roles, each with all that those before it may. */
const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Overriders {
  readonly roles: readonly Role[];
  /** Slugs of teams of the organisation. */
  readonly teams: readonly string[];
}

/** Those whom the policy names; without one, or where it names no roles, maintainers and admins. */
export function overridersOf(policy: Pick<Policy, 'override'> | null): Overriders {
  return { roles: policy?.override?.roles ?? ['maintain', 'admin'], teams: policy?.override?.teams ?? [] };
}

/** Whether a role is one of `roles` or more than the least of them; a role that GitHub never told of reaches nothing. */
export function reaches(role: Role, roles: readonly Role[]): boolean {
  const least = Math.min(...roles.map((one) => ROLES.indexOf(one)));
  return ROLES.includes(role) && ROLES.indexOf(role) >= least;
}

const OVERRIDE_ROLES = ['write', 'maintain', 'admin'] as const;

/** The roles that both lists let override. */
export function rolesOfBoth(one: readonly Role[], other: readonly Role[]): (typeof OVERRIDE_ROLES)[number][] {
  return OVERRIDE_ROLES.filter((role) => reaches(role, one) && reaches(role, other));
}
