// What GitHub gave for each person: kept sealed, refreshed by one process at a time, ended when GitHub takes it no longer.
//
//   1. A pair of tokens has a version. Who replaces or ends a pair names its version; nothing happens when another took its place.
//   2. A refresh token is good for one use: only who holds the lease of a version uses it.
//   3. A refusal (`bad_refresh_token`) that comes late finds another version, or the pair that follows is kept after all.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { type GithubTokens, type OauthClient, refreshTokens } from '../github/people/oauth.ts';
import { Rejected, Transient } from '../model/errors.ts';
import type { Sealer } from './sealing.ts';

export interface GrantDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly client: OauthClient;
  readonly sealer: Sealer;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** How often another process that holds the lease is looked after. */
  readonly pollMs?: number;
}

/** A person's token of GitHub that is good now, and which pair it is of. */
export interface HeldToken {
  readonly token: string;
  readonly version: string;
  /** GitHub's id of the person. */
  readonly githubId: number;
}

export interface Grants {
  /** Keeps what GitHub gave at a sign-in, in place of what there was. */
  readonly keep: (userId: string, tokens: GithubTokens) => Promise<void>;
  /** Null: the person has to sign in again. Throws `Transient` while GitHub does not answer, and `Misconfigured`. */
  readonly tokenOf: (userId: string) => Promise<HeldToken | null>;
  /** GitHub takes the token no longer. Resolves to whether it was still the person's. */
  readonly end: (userId: string, version: string) => Promise<boolean>;
}

/** A token that ends within this time is refreshed before it is used: a reading takes up to two minutes. */
const SPARE_MS = 5 * 60_000;
/** Longer than a request to GitHub may take. */
const LEASE_SECONDS = 20;
const WAIT_MS = 25_000;

const row = z.object({
  github_id: z.int(),
  version: z.uuid(),
  sealed_access_token: z.string().nullable(),
  access_token_expires_at: z.string().nullable(),
  sealed_refresh_token: z.string().nullable(),
  refresh_token_expires_at: z.string().nullable(),
  end_reason: z.string().nullable(),
});
type Row = z.output<typeof row>;

export function makeGrants(deps: GrantDeps): Grants {
  return {
    async keep(userId, tokens) {
      await deps.brain.call('keep_grant', rowOf(deps.sealer, userId, tokens));
    },
    tokenOf: (userId) => tokenOf(deps, userId),
    end: (userId, version) => deps.brain.call('end_grant', { user_id: userId, version, reason: 'revoked' }),
  };
}

async function tokenOf(deps: GrantDeps, userId: string): Promise<HeldToken | null> {
  const deadline = performance.now() + WAIT_MS;
  do {
    const grant = row.nullable().parse(await deps.brain.call('read_grant', { user_id: userId }));
    if (grant === null || grant.end_reason !== null) return null;
    const opened = await openRow(deps, userId, grant);
    if (opened === null) return null;
    if (!endsSoon(grant.access_token_expires_at)) {
      return { token: opened.access, version: grant.version, githubId: grant.github_id };
    }
    if (opened.refresh === null) return null;
    const lease = { user_id: userId, version: grant.version, seconds: LEASE_SECONDS };
    if (await deps.brain.call('lease_grant', lease)) await refresh(deps, userId, { ...grant, refresh: opened.refresh });
    else await wait(deps.pollMs ?? 250);
  } while (performance.now() < deadline);
  throw new Transient('Another process asks GitHub for the tokens of this person, and is not done');
}

function endsSoon(expiresAt: string | null): boolean {
  return expiresAt !== null && Date.parse(expiresAt) < Date.now() + SPARE_MS;
}

/** Asks GitHub for the next pair. Afterwards there is it, or one that came meanwhile, or none that is good. */
async function refresh(
  { brain, client, sealer, log }: GrantDeps,
  userId: string,
  { version, refresh: token }: Pick<Row, 'version'> & { refresh: string },
): Promise<void> {
  let tokens: GithubTokens;
  try {
    tokens = await refreshTokens(client, token);
  } catch (thrown) {
    // Whatever else GitHub may say of it, this token will not do.
    if (!(thrown instanceof Rejected)) throw thrown;
    const ended = await brain.call('end_grant', { user_id: userId, version, reason: 'refused' });
    if (ended)
      log.info({ person: userId, said: thrown.code }, 'GitHub refuses to refresh: the person has to sign in again');
    return;
  }
  await brain.call('keep_grant', { ...rowOf(sealer, userId, tokens), former: version });
}

function rowOf(sealer: Sealer, userId: string, tokens: GithubTokens) {
  const { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt } = tokens;
  return {
    user_id: userId,
    sealed_access_token: sealer.seal(accessToken, `access ${userId}`),
    ...(accessTokenExpiresAt === null ? {} : { access_token_expires_at: accessTokenExpiresAt }),
    ...(refreshToken === null ? {} : { sealed_refresh_token: sealer.seal(refreshToken, `refresh ${userId}`) }),
    ...(refreshTokenExpiresAt === null ? {} : { refresh_token_expires_at: refreshTokenExpiresAt }),
  };
}

/** Null when no key here opens it, which is left as it is: the key may come back. What an old key sealed is sealed with the new one. */
async function openRow(
  { brain, sealer, log }: GrantDeps,
  userId: string,
  { version, sealed_access_token, sealed_refresh_token }: Row,
): Promise<{ access: string; refresh: string | null } | null> {
  const access = sealer.open(sealed_access_token ?? '', `access ${userId}`);
  const refresh = sealed_refresh_token === null ? null : sealer.open(sealed_refresh_token, `refresh ${userId}`);
  if (access === null || (sealed_refresh_token !== null && refresh === null)) {
    log.warn(
      { person: userId },
      'what GitHub gave for a person is sealed with a key that is neither CODERED_SECRET_KEY nor the previous one',
    );
    return null;
  }
  if (access.isOldKey || refresh?.isOldKey) {
    await brain.call('reseal_grant', {
      user_id: userId,
      version,
      sealed_access_token: sealer.seal(access.text, `access ${userId}`),
      ...(refresh === null ? {} : { sealed_refresh_token: sealer.seal(refresh.text, `refresh ${userId}`) }),
    });
  }
  return { access: access.text, refresh: refresh?.text ?? null };
}
