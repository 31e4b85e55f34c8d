// What the authorization server remembers, kept in the brain: by the hash of its id, and without what would let somebody in.
//
//   1. Nothing is kept that can be redeemed: an id (a code, a token, what a cookie holds) is kept as its SHA-256.
//   2. A code and a refresh token are used once: of several calls at the same moment one succeeds.
//   3. Who comes a moment later with the same is no thief but a client that asked twice: it is refused, and its family stays. After
//      that moment the whole family ends.
//   4. Nobody gets a token of a family that is over, also when it ends at that moment.
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { hashOfToken } from '../brain/tokens.ts';
import { wordsOf } from '../http/api-error.ts';
import type { AddressOf } from '../http/client-address.ts';
import { Rejected } from '../model/errors.ts';
import { asJson } from '../model/json.ts';

export interface AdapterDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly addressOf: AddressOf;
  /** A keyed hash of an address, hexadecimal. */
  readonly hashOfAddress: (address: string) => string;
}

/** How long a repeat is taken for one of the same client. */
const GRACE_SECONDS = 10;
/** What the brain keeps; all else the server forgets at once, such as its own sessions: who is signed in we know ourselves. */
const KEPT = ['Interaction', 'AuthorizationCode', 'Grant', 'AccessToken', 'RefreshToken'];
const LONGEST_ID = 100;

const found = z
  .object({
    payload: z.record(z.string(), z.json()),
    consumed_at: z.int().nullable(),
    consumed_seconds: z.number().nullable(),
  })
  .nullable();
const metadata = z.record(z.string(), z.json()).nullable();

/** The adapter of one kind of thing (`name`), as oidc-provider asks for them. */
export function makeAdapter(deps: AdapterDeps): (name: string) => Adapter {
  return (name) => {
    if (name === 'Client') return clients(deps);
    return KEPT.includes(name) ? records(deps, name) : FORGETFUL;
  };
}

const nothing = async () => undefined;
const FORGETFUL: Adapter = {
  upsert: nothing,
  find: nothing,
  findByUserCode: nothing,
  findByUid: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
};

/** Clients that registered themselves. */
function clients({ brain, addressOf, hashOfAddress }: AdapterDeps): Adapter {
  return {
    ...FORGETFUL,
    async upsert(client_id, payload) {
      const request = Provider.ctx?.req;
      const address = request === undefined ? null : addressOf(request);
      const from = address === null ? {} : { address_hash: hashOfAddress(address) };
      await refusing(() =>
        brain.call('register_oauth_client', { client_id, metadata: asJson(withoutSecret(payload)), ...from }),
      );
    },
    async find(client_id) {
      if (client_id.length > LONGEST_ID || client_id.includes(':')) return undefined;
      return metadata.parse(await brain.call('read_oauth_client', { client_id })) ?? undefined;
    },
  };
}

/** There is none; should there be, it is not kept. */
function withoutSecret({
  client_secret: _,
  client_secret_expires_at: __,
  ...metadata
}: AdapterPayload): Record<string, unknown> {
  return metadata;
}

function records({ brain }: AdapterDeps, kind: string): Adapter {
  const revoke = async (grantId: string) => {
    await brain.call('revoke_oauth_grant', { grant_hash: hashOfToken(grantId) });
  };
  return {
    ...FORGETFUL,
    async upsert(id, payload, expiresIn = 0) {
      const row = rowOf(kind, id, payload);
      const expires_at = new Date(Date.now() + expiresIn * 1_000).toISOString();
      await refusing(() => brain.call('save_oauth_record', { ...row, expires_at }));
    },
    async find(id) {
      if (id.length > LONGEST_ID) return undefined;
      const row = found.parse(await brain.call('read_oauth_record', { kind, id_hash: hashOfToken(id) }));
      if (row === null) return undefined;
      const { payload, consumed_at, consumed_seconds } = row;
      const isRepeat = consumed_seconds !== null && consumed_seconds < GRACE_SECONDS;
      if (isRepeat && Provider.ctx?.oidc.route === 'token') throw new errors.InvalidGrant('used a moment ago');
      return {
        ...withoutStripped(payload, id),
        ...(consumed_at === null ? {} : { consumed: consumed_at }),
      };
    },
    async consume(id) {
      const isFirst = await brain.call('use_oauth_record', { kind, id_hash: hashOfToken(id) });
      if (!isFirst) throw new errors.InvalidGrant('used at the same moment');
    },
    async destroy(id) {
      await brain.call('drop_oauth_record', { kind, id_hash: hashOfToken(id) });
    },
    revokeByGrantId: revoke,
  };
}

function rowOf(kind: string, id: string, payload: AdapterPayload) {
  const { grantId, accountId, clientId, scope, aud } = payload;
  const hasFamily = kind !== 'Interaction' && kind !== 'Grant' && grantId !== undefined;
  return {
    kind,
    id_hash: hashOfToken(id),
    payload: asJson(stripped(payload, id)),
    ...(hasFamily ? { grant_hash: hashOfToken(grantId) } : {}),
    ...(accountId === undefined ? {} : { user_id: accountId }),
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(scope === undefined ? {} : { scope }),
    ...(typeof aud === 'string' ? { audience: aud } : {}),
  };
}

/** Without the id, which also ends the address that a request goes on at, and without what the server's own cookie holds. */
function stripped({ jti: _, session: __, returnTo, ...rest }: AdapterPayload, id: string): Record<string, unknown> {
  const isOwn = returnTo?.endsWith(`/${id}`) === true;
  return { ...rest, ...(isOwn ? { returnTo: returnTo.slice(0, -id.length) } : {}) };
}

function withoutStripped({ returnTo, ...rest }: Record<string, unknown>, id: string): AdapterPayload {
  return { ...rest, jti: id, ...(typeof returnTo === 'string' ? { returnTo: `${returnTo}${id}` } : {}) };
}

/** What the brain refuses, in the words of OAuth. */
async function refusing(work: () => PromiseLike<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof Rejected)) throw thrown;
    if (thrown.code === 'CR003') throw new errors.InvalidRequest(wordsOf(thrown), 429);
    if (thrown.code === 'CR004' || thrown.code === '23503') throw new errors.InvalidGrant('the grant is over');
    if (thrown.code === 'CR002' || thrown.code === '22P05') {
      throw new errors.InvalidRequest('the request is too large, or holds what can not be kept');
    }
    throw thrown;
  }
}
