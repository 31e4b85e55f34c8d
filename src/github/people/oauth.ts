// Signing in at GitHub: the address that the browser is sent to, and the tokens that its answer is exchanged for.
// docs/github.md#signing-in
import { exchangeWebFlowCode, getWebFlowAuthorizationUrl, refreshToken } from '@octokit/oauth-methods';
import { z } from 'zod';
import { Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { personOctokit } from './person-octokit.ts';

/** The App as GitHub's sign-in knows it. */
export interface OauthClient {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What GitHub gives for a person. Times are ISO 8601; null: the App's tokens do not expire, and there is nothing to refresh. */
export interface GithubTokens {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string | null;
  readonly refreshToken: string | null;
  readonly refreshTokenExpiresAt: string | null;
}

const clientType = 'github-app';

/** Where the browser is sent. `challenge`: SHA-256 of the verifier in base64url (PKCE, S256), which the library does not know of. */
export function authorizeUrl(
  { apiUrl, clientId }: Omit<OauthClient, 'clientSecret'>,
  { state, challenge, redirectUrl }: { state: string; challenge: string; redirectUrl: string },
): string {
  const { request } = personOctokit(apiUrl, null);
  const { url } = getWebFlowAuthorizationUrl({ clientType, clientId, redirectUrl, state, request });
  const address = new URL(url);
  address.searchParams.set('code_challenge', challenge);
  address.searchParams.set('code_challenge_method', 'S256');
  return address.href;
}

/**
 * Exchanges the code that the browser brought. Throws `Rejected` with GitHub's own word as `code` (`bad_verification_code` …),
 * `Misconfigured` for settings of the App that are wrong, `Transient` when GitHub does not answer as it should.
 */
export async function exchangeCode(
  { apiUrl, clientId, clientSecret }: OauthClient,
  { code, verifier, redirectUrl }: { code: string; verifier: string; redirectUrl: string },
): Promise<GithubTokens> {
  const request = personOctokit(apiUrl, null).request.defaults({ code_verifier: verifier });
  const options = { clientType, clientId, clientSecret, code, redirectUrl, request } as const;
  return tokensOf(() => exchangeWebFlowCode(options));
}

/** Exchanges a refresh token for the next pair; it is good for that once. Throws as `exchangeCode`; `bad_refresh_token` for one that was used. */
export async function refreshTokens(
  { apiUrl, clientId, clientSecret }: OauthClient,
  token: string,
): Promise<GithubTokens> {
  const { request } = personOctokit(apiUrl, null);
  return tokensOf(() => refreshToken({ clientType, clientId, clientSecret, refreshToken: token, request }));
}

const answered = z.object({
  token: z.string().min(1).max(1000),
  expiresAt: z.iso.datetime().optional(),
  refreshToken: z.string().min(1).max(1000).optional(),
  refreshTokenExpiresAt: z.iso.datetime().optional(),
});

/** What the library throws holds the secrets of the request: none of it is handed on. */
async function tokensOf(ask: () => Promise<{ readonly authentication: unknown }>): Promise<GithubTokens> {
  const authentication = await ask().then(
    (answer) => answer.authentication,
    (thrown: unknown) => {
      throw refusalOf(thrown);
    },
  );
  const tokens = answered.safeParse(authentication);
  if (!tokens.success) throw new Transient('GitHub answered the sign-in with something that holds no token');
  const { token, expiresAt = null, refreshToken: refresh = null, refreshTokenExpiresAt = null } = tokens.data;
  return { accessToken: token, accessTokenExpiresAt: expiresAt, refreshToken: refresh, refreshTokenExpiresAt };
}

const refused = z.object({
  status: z.int(),
  response: z.object({ data: z.object({ error: z.string().max(100) }) }).optional(),
});
/** GitHub's words for what the person who runs CodeRed has to set right. */
const SETTINGS_ARE_WRONG: Readonly<Record<string, string>> = {
  incorrect_client_credentials:
    'GitHub does not take GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET: see that they are those of the App, and that the secret was not deleted there.',
  redirect_uri_mismatch:
    "The App does not name our address as its callback URL: add CODERED_URL with /sign-in/callback behind it in the App's settings.",
  application_suspended: 'GitHub has suspended the App: its owner is told why at GitHub.',
};

function refusalOf(thrown: unknown): Error {
  const read = refused.safeParse(thrown);
  const word = read.data?.response?.data.error;
  if (word === undefined)
    return new Transient(`GitHub does not answer the sign-in (${read.data?.status ?? 'no answer'})`);
  const advice = Object.hasOwn(SETTINGS_ARE_WRONG, word) ? SETTINGS_ARE_WRONG[word] : undefined;
  if (advice !== undefined) return new Misconfigured(advice);
  return new Rejected(`GitHub refused the sign-in: ${word}`, { code: word });
}
