// What the stand-in knows of people who sign in: who there is, the App's client, and the tokens that were given for them.

import { randomBytes } from 'node:crypto';
import type { Account } from './records.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** docs/github.md#signing-in */
const CODE_MS = 10 * MINUTE_MS;
const ACCESS_MS = 8 * HOUR_MS;
const REFRESH_MS = 184 * DAY_MS;

/** The App as the sign-in knows it; change it to have GitHub refuse. */
export interface OauthClient {
  id: string;
  secret: string;
  callbackUrls: string[];
  isSuspended: boolean;
  /** Whether tokens expire and can be refreshed. */
  tokensExpire: boolean;
}

/** What a code stands for until it is exchanged. */
export interface GrantedCode {
  userId: number;
  redirectUri: string;
  /** SHA-256 of the verifier in base64url; null when the client sent none. */
  challenge: string | null;
  untilMs: number;
}

/** What was given for a person: one pair at a time stands for each exchange. */
export interface UserTokens {
  access: string;
  refresh: string | null;
}

/** Everything about signing in, freely editable. */
export interface SignInState {
  client: OauthClient;
  /** Who can sign in, by GitHub's id: give another person the login of somebody here to have it change hands. */
  people: Map<number, Account>;
  /** By `org/login`; whoever is not in it is no member. */
  memberships: Map<string, { role: 'admin' | 'member' | 'billing_manager'; state: 'active' | 'pending' }>;
  /** Ids of organisations whose single sign-on keeps tokens of people out: left out of lists, or refused. */
  singleSignOn: Map<number, 'partial' | 'required'>;
  /** What a token may, by the token; one that is not in it does not say. */
  scopes: Map<string, readonly string[]>;
  giveCode(code: Omit<GrantedCode, 'untilMs'>): string;
  /** Once; null for a code that was used, is too old or never was. */
  takeCode(code: string): GrantedCode | null;
  giveTokens(userId: number): UserTokens;
  /** The next pair for a refresh token, after which the former is good for nothing; null when it is none that is good. */
  refresh(token: string): { userId: number; tokens: UserTokens } | null;
  userOf(accessToken: string): Account | null;
  /** As the person does in their settings: nothing that was given for them is good any more. */
  revoke(userId: number): void;
  /** Makes the access tokens of a person as old as they get; what refreshes them stays. */
  expire(userId: number): void;
}

/** Seconds that GitHub tells beside a new pair. */
export const LIFE_SECONDS = { access: ACCESS_MS / 1000, refresh: REFRESH_MS / 1000 };

const FOR_EVER = Number.POSITIVE_INFINITY;
const secret = (prefix: string) => `${prefix}_${randomBytes(18).toString('hex')}`;

/** Nobody is there, and nobody has signed in. */
export function createSignInState(): SignInState {
  const codes = new Map<string, GrantedCode>();
  const given = new Map<string, { userId: number; refresh: string | null; untilMs: number }>();
  const people = new Map<number, Account>();
  const state: SignInState = {
    client: { id: 'Iv23licodered', secret: secret('client'), callbackUrls: [], isSuspended: false, tokensExpire: true },
    people,
    memberships: new Map(),
    singleSignOn: new Map(),
    scopes: new Map(),
    giveCode(code) {
      const made = randomBytes(10).toString('hex');
      codes.set(made, { ...code, untilMs: Date.now() + CODE_MS });
      return made;
    },
    takeCode(code) {
      const found = codes.get(code);
      codes.delete(code);
      return found !== undefined && found.untilMs > Date.now() ? found : null;
    },
    giveTokens(userId) {
      const access = secret('ghu');
      const refresh = state.client.tokensExpire ? secret('ghr') : null;
      given.set(access, { userId, refresh, untilMs: refresh === null ? FOR_EVER : Date.now() + ACCESS_MS });
      return { access, refresh };
    },
    refresh(token) {
      const found = [...given].find(([, { refresh }]) => refresh === token);
      if (found === undefined) return null;
      const [access, { userId }] = found;
      given.delete(access);
      return { userId, tokens: state.giveTokens(userId) };
    },
    userOf(accessToken) {
      const found = given.get(accessToken);
      return found !== undefined && found.untilMs > Date.now() ? (people.get(found.userId) ?? null) : null;
    },
    revoke(userId) {
      for (const [access, grant] of given) if (grant.userId === userId) given.delete(access);
    },
    expire(userId) {
      for (const grant of given.values()) if (grant.userId === userId) grant.untilMs = 0;
    },
  };
  return state;
}
