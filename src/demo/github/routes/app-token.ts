// Checks the App's JSON web tokens as GitHub does and keeps the installation tokens it hands out for them.

import { randomBytes, verify } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../contract/json-value.ts';

const HOUR_MS = 3_600_000;
const LONGEST_JWT_SECONDS = 600;
const CLOCK_SKEW_SECONDS = 60;

/**
 * Returns null when the token is a JWT of this App that GitHub would accept now, else the message of GitHub's refusal.
 * docs/github.md#apps-and-installations
 */
export function appTokenProblem(token: string, app: { id: number; publicKeyPem: string }): string | null {
  const [head = '', claims = '', signature = '', ...rest] = token.split('.');
  const header = decode(head);
  const payload = decode(claims);
  if (rest.length > 0 || header?.alg !== 'RS256' || payload === null) return 'A JSON web token could not be decoded';
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    app.publicKeyPem,
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) return 'A JSON web token could not be decoded';
  if (String(payload.iss) !== String(app.id)) return 'Integration not found';
  return timeProblem(payload, Date.now() / 1000);
}

function timeProblem({ iat, exp }: JsonObject, now: number): string | null {
  if (typeof iat !== 'number' || iat > now + CLOCK_SKEW_SECONDS) {
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  }
  if (typeof exp !== 'number' || exp <= now) {
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  }
  return exp > now + LONGEST_JWT_SECONDS + CLOCK_SKEW_SECONDS
    ? "'Expiration time' claim ('exp') is too far in the future"
    : null;
}

function decode(part: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an installation token stands for. `repositoryIds` is null when it is good for all of the installation's. */
export interface Grant {
  installationId: number;
  repositoryIds: number[] | null;
  permissions: Record<string, string>;
  expiresAtMs: number;
}

/** The installation tokens handed out so far. */
export interface GrantedTokens {
  /** A new token that holds for an hour. */
  grant(grant: Omit<Grant, 'expiresAtMs'>): { token: string; expiresAtMs: number };
  /** What the token stands for; null for one that was never granted or has expired. */
  find(token: string): Grant | null;
}

/** The installation tokens of one stand-in. */
export function createGrantedTokens(): GrantedTokens {
  const grants = new Map<string, Grant>();
  return {
    grant(grant) {
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const expiresAtMs = Date.now() + HOUR_MS;
      grants.set(token, { ...grant, expiresAtMs });
      return { token, expiresAtMs };
    },
    find(token) {
      const grant = grants.get(token);
      return grant && grant.expiresAtMs > Date.now() ? grant : null;
    },
  };
}
