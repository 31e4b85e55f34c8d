// Verifies the OIDC token of a GitHub Actions job: https://docs.github.com/en/actions/reference/security/oidc. `jose` checks the
// signature; only RS256 is taken, whatever the token says of itself, and what it claims is checked here, by name.
import { type CryptoKey, compactVerify, decodeProtectedHeader, errors } from 'jose';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { KeyOf } from './issuer-keys.ts';

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';
const LONGEST_TOKEN = 8_192;
/** Clocks differ. */
const LEEWAY_SECONDS = 60;

const digits = (most: number) => z.string().regex(new RegExp(`^[1-9]\\d{0,${most - 1}}$`));
const header = z.object({ alg: z.literal('RS256'), kid: z.string().min(1).max(200), crit: z.undefined().optional() });
const claims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number(),
  iat: z.number(),
  repository_id: digits(15).transform(Number),
  repository_owner: z.string().min(1).max(500).optional(),
  repository_owner_id: digits(15).transform(Number).optional(),
  run_id: digits(18),
  run_attempt: digits(9).transform(Number),
  /** Of a pull request the merge commit. */
  sha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  event_name: z.string().min(1).max(100),
  head_ref: z.string().max(1_000).optional(),
  workflow_ref: z.string().min(1).max(2_000),
});

/** Who the job is: a run's attempt in a repository. */
export type JobClaims = Omit<z.output<typeof claims>, 'iss' | 'aud' | 'exp' | 'nbf' | 'iat'>;

/** Where the tokens of a GitHub come from; `githubApiUrl` as in the settings. */
export function issuerOf(githubApiUrl: string): string {
  const { hostname, host } = new URL(githubApiUrl);
  return hostname === 'api.github.com' ? GITHUB_ISSUER : `https://${host}/_services/token`;
}

export interface Verifier {
  readonly issuer: string;
  readonly keyOf: KeyOf;
  /** What a token may be meant for, as the settings have it: a token for another deployment is none for this one. */
  readonly audiences: readonly string[];
  readonly nowSeconds?: () => number;
}

/**
 * The claims of `Authorization: Bearer <token>`. Throws `ApiError` 401 that names what is wrong, never the token, and
 * Transient when the issuer's keys can't be had. No claim is looked at before the signature is right.
 */
export async function verifyJobToken(authorization: string | undefined, verifier: Verifier): Promise<JobClaims> {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw refused('authorization', 'Send "Authorization: Bearer <OIDC token of the job>"');
  const parts = token.length > LONGEST_TOKEN ? [] : token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) {
    throw refused('token', 'The token is no signed JWT');
  }
  const said = header.safeParse(headerOf(token));
  if (!said.success)
    throw refused(fieldOf(said.error), 'The header of the token has to say alg RS256 and a kid, no crit');
  const key = await verifier.keyOf(said.data.kid);
  if (key === null) throw refused('kid', `${verifier.issuer} has no such key`);
  return checkClaims(await signedClaims(token, key), verifier);
}

/** Null when it is none. */
function headerOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

/** What the token says, once its signature is found to be by the key; null when that is no JSON. */
async function signedClaims(token: string, key: CryptoKey): Promise<unknown> {
  const { payload } = await compactVerify(token, key, { algorithms: ['RS256'] }).catch((thrown: unknown) => {
    if (thrown instanceof errors.JWSSignatureVerificationFailed) {
      throw refused('signature', 'The signature of the token is wrong');
    }
    if (thrown instanceof errors.JOSEError) throw refused('token', 'The token is no signed JWT');
    throw thrown;
  });
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return null;
  }
}

function checkClaims(body: unknown, verifier: Verifier): JobClaims {
  const { issuer, audiences, nowSeconds = () => Date.now() / 1_000 } = verifier;
  const parsed = claims.safeParse(body);
  if (!parsed.success) {
    const claim = fieldOf(parsed.error);
    throw refused(claim, `The claim ${claim} is missing or malformed`);
  }
  const { iss, aud, exp, nbf, iat, ...job } = parsed.data;
  const now = nowSeconds();
  if (iss !== issuer) throw refused('iss', `The token has to be issued by ${issuer}`);
  if (![aud].flat().some((one) => audiences.includes(plainAudience(one)))) {
    throw refused('aud', `The token has to be asked for with audience=${audiences[0]}`);
  }
  if (exp + LEEWAY_SECONDS <= now)
    throw refused('exp', 'The token has expired; ask for a new one right before the upload');
  if (nbf - LEEWAY_SECONDS > now) throw refused('nbf', 'The token is not valid yet');
  if (iat - LEEWAY_SECONDS > now) throw refused('iat', 'The token was issued in the future');
  return job;
}

/** A slash more at the end means the same deployment. */
function plainAudience(audience: string): string {
  return audience.endsWith('/') ? audience.slice(0, -1) : audience;
}

function fieldOf({ issues }: z.ZodError): string {
  return String(issues[0]?.path[0] ?? 'token');
}

function refused(claim: string, message: string): ApiError {
  return new ApiError(401, 'bad_token', message, { details: { claim }, headers: { 'www-authenticate': 'Bearer' } });
}
