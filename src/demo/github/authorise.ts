// Who may ask the stand-in for what: the App's JWT, installation tokens, suspension, repositories and permissions.

import { appTokenProblem, type Grant, type GrantedTokens } from './routes/app-token.ts';
import { type Answer, type AppIdentity, notFound, refuse } from './routes/route.ts';
import type { GithubState, RepositoryState } from './state/github-state.ts';
import type { Installation } from './state/records.ts';

/** The token after `Bearer` or `token` in an Authorization header; null without one. */
export function bearerToken(header: string | undefined): string | null {
  return /^(?:bearer|token) (\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** Returns null when the token is a JWT of the App that GitHub would accept, else GitHub's refusal (401). */
export function refuseUnlessApp(token: string | null, app: AppIdentity): Answer | null {
  const problem = token === null ? 'A JSON web token could not be decoded' : appTokenProblem(token, app);
  return problem === null ? null : refuse(401, problem);
}

/** The installation whose token was used, and what the token stands for. */
export interface Admitted {
  installation: Installation;
  grant: Grant;
}

/** Returns whose installation token it is, or GitHub's refusal: for no token (401), an unknown or expired one (401), a suspended installation (403). */
export function admitInstallation(
  token: string | null,
  tokens: GrantedTokens,
  state: GithubState,
): Admitted | { refusal: Answer } {
  if (token === null) return { refusal: refuse(401, 'Requires authentication') };
  const grant = tokens.find(token);
  const installation = grant && state.installations.get(grant.installationId);
  if (!grant || !installation) return { refusal: refuse(401, 'Bad credentials') };
  if (installation.suspendedAt !== null) return { refusal: refuse(403, 'This installation has been suspended') };
  return { installation, grant };
}

/**
 * Returns null when the token is good for the repository and has at least one of the permissions (`name:level`; an empty list needs
 * none), else GitHub's refusal: 404 for a repository that the token does not reach, 403 for a permission that is lacking.
 */
export function refuseUnlessPermitted(
  { grant, installation }: Admitted,
  inside: RepositoryState,
  needs: readonly string[],
): Answer | null {
  const { repository, installationId } = inside;
  const reached = installationId === installation.id && (grant.repositoryIds?.includes(repository.id) ?? true);
  if (!reached) return notFound();
  const permitted = needs.some((need) => {
    const [name = '', level] = need.split(':');
    const held = installation.permissions[name] && grant.permissions[name];
    return held === 'write' || (held === 'read' && level === 'read');
  });
  return permitted || needs.length === 0 ? null : refuse(403, 'Resource not accessible by integration');
}
