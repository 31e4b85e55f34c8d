// GitHub's roles, and who of their holders may override a criterion. Pure.

/** GitHub's roles, each with all that those before it may. */
const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Overriders {
  readonly roles: readonly Role[];
  /** Slugs of teams of the organisation. */
  readonly teams: readonly string[];
  /** Whether an agent may do it for somebody who may. */
  readonly agents: boolean;
}

/** Whether a role is one of `roles` or more than the least of them; a role that GitHub does not have reaches nothing. */
export function reaches(role: Role, roles: readonly Role[]): boolean {
  const least = Math.min(...roles.map((one) => ROLES.indexOf(one)));
  return ROLES.includes(role) && ROLES.indexOf(role) >= least;
}
