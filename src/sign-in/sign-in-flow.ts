// Signing in with GitHub: from the address that the browser is sent to, to the person who comes back.
// docs/github.md#signing-in
import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { ensurePerson } from '../brain/people.ts';
import { hashOfToken } from '../brain/tokens.ts';
import { authorizeUrl, exchangeCode, type OauthClient } from '../github/people/oauth.ts';
import { readTokenOwner } from '../github/people/person-access.ts';
import { personOctokit } from '../github/people/person-octokit.ts';
import { asError, Misconfigured, Rejected } from '../model/errors.ts';
import type { Grants } from './grants.ts';
import type { RefreshAccess } from './refresh-access.ts';
import type { Sealer } from './sealing.ts';

/** Why nobody was signed in. `elsewhere`: another browser began it. `unknown`: it was used, or is older than ten minutes. */
export type SignInFailure =
  | 'cancelled'
  | 'elsewhere'
  | 'unknown'
  | 'bad_code'
  | 'unverified'
  | 'settings'
  | 'suspended'
  | 'unreachable'
  | 'refused';

export type SignInOutcome =
  | { readonly kind: 'signed in'; readonly token: string; readonly returnTo: string }
  | { readonly kind: 'failed'; readonly why: SignInFailure };

export interface SignInDeps {
  readonly brain: Pick<Brain, 'call' | 'makeUser'>;
  readonly client: OauthClient;
  readonly grants: Grants;
  readonly sealer: Sealer;
  readonly refreshAccess: RefreshAccess;
  /** Where GitHub sends the browser back: named the same both times, exactly as the App has it. */
  readonly redirectUrl: string;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** What GitHub sent the browser back with. */
export interface Returned {
  readonly state: string;
  readonly code: string;
  /** GitHub's word for why there is no code; empty when there is one. */
  readonly error: string;
}

/** What the browser shows of itself: the cookie of the way to GitHub, and that of an earlier sign-in. */
export interface BrowserMarks {
  readonly mark: string | null;
  readonly formerToken: string | null;
}

/** The person waits no longer than this for GitHub to say what they may see; it goes on without them. */
const FIRST_READING_MS = 8_000;
const random = () => randomBytes(32).toString('base64url');

/** Begins a sign-in in a browser, which is known by `mark`, and gives the address at GitHub. */
export async function beginSignIn(
  { brain, client, sealer, redirectUrl }: SignInDeps,
  { mark, returnTo }: { mark: string; returnTo: string },
): Promise<string> {
  const [state, verifier] = [random(), random()];
  const stateHash = hashOfToken(state);
  await brain.call('begin_sign_in', {
    state_hash: stateHash,
    browser_hash: hashOfToken(mark),
    sealed_verifier: sealer.seal(verifier, stateHash),
    return_to: returnTo,
  });
  // https://www.rfc-editor.org/rfc/rfc7636#section-4.2
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return authorizeUrl(client, { state, challenge, redirectUrl });
}

const taken = z.union([
  z.object({ outcome: z.literal('taken'), sealed_verifier: z.string(), return_to: z.string() }),
  z.object({ outcome: z.enum(['elsewhere', 'unknown']) }),
]);

/** GitHub's words in the address for why it gives no code. */
const ERRORS: Readonly<Record<string, SignInFailure>> = {
  access_denied: 'cancelled',
  redirect_uri_mismatch: 'settings',
  application_suspended: 'suspended',
};

/** Ends a sign-in that GitHub sent back. A state is good once, whatever comes of it. Throws what `Brain.call` throws. */
export async function endSignIn(deps: SignInDeps, returned: Returned, marks: BrowserMarks): Promise<SignInOutcome> {
  const { brain, sealer } = deps;
  const state_hash = hashOfToken(returned.state);
  const waited = taken.parse(
    await brain.call('take_sign_in', { state_hash, browser_hash: hashOfToken(marks.mark ?? '') }),
  );
  if (returned.error !== '') {
    return failed(Object.hasOwn(ERRORS, returned.error) ? (ERRORS[returned.error] ?? 'refused') : 'refused');
  }
  if (waited.outcome !== 'taken') return failed(waited.outcome);
  const verifier = sealer.open(waited.sealed_verifier, state_hash);
  if (verifier === null) return failed('unknown');
  try {
    const token = await letIn(deps, { code: returned.code, verifier: verifier.text, formerToken: marks.formerToken });
    return { kind: 'signed in', token, returnTo: waited.return_to };
  } catch (thrown) {
    const why = whyOf(thrown);
    if (why !== 'bad_code') deps.log.warn({ err: asError(thrown) }, 'somebody could not be signed in');
    return failed(why);
  }
}

interface Let {
  readonly code: string;
  readonly verifier: string;
  readonly formerToken: string | null;
}

/** Returns the token of the new session: never one that was there before. */
async function letIn(deps: SignInDeps, { code, verifier, formerToken }: Let): Promise<string> {
  const { brain, client, grants, redirectUrl, refreshAccess } = deps;
  const tokens = await exchangeCode(client, { code, verifier, redirectUrl });
  const user = await readTokenOwner(personOctokit(client.apiUrl, tokens.accessToken));
  const userId = await ensurePerson(brain, user);
  await grants.keep(userId, tokens);
  const token = random();
  const former = formerToken === null ? {} : { former_hash: hashOfToken(formerToken) };
  await brain.call('start_sign_in', { user_id: userId, token_hash: hashOfToken(token), ...former });
  deps.log.info({ person: userId, login: user.login }, 'somebody signed in');
  await Promise.race([refreshAccess(userId), afterMs(FIRST_READING_MS)]);
  return token;
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function whyOf(thrown: unknown): SignInFailure {
  if (thrown instanceof Misconfigured) return 'settings';
  if (!(thrown instanceof Rejected)) return 'unreachable';
  if (thrown.code === 'bad_verification_code' || thrown.code === 'incorrect_code_verifier') return 'bad_code';
  return thrown.code === 'unverified_user_email' ? 'unverified' : 'refused';
}

function failed(why: SignInFailure): SignInOutcome {
  return { kind: 'failed', why };
}
