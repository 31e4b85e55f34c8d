// The keys that sign id tokens: kept sealed in the brain, and followed by another one after 90 days.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import type { Sealer } from '../sign-in/sealing.ts';

export interface KeyDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly sealer: Sealer;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** The algorithm of all of them. */
export const SIGNED_WITH = 'ES256';
const kept = z.array(z.object({ kid: z.string(), sealed_key: z.string(), is_due: z.boolean() }));
const jwk = z.looseObject({ kty: z.literal('EC'), crv: z.string(), x: z.string(), y: z.string(), d: z.string() });
/** Two processes may both find that a key is due; then one of them finds the other's. */
const MOST_TRIES = 3;

/** The private keys, the one that signs first. One that no key here opens is left out, and another is made in its place. Throws what `Brain.call` throws. */
export async function readSigningKeys({ brain, sealer, log }: KeyDeps): Promise<readonly JWK[]> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const all = kept.parse(await brain.call('read_oauth_keys', {}));
    const [newest] = all;
    const opened = all.flatMap(({ kid, sealed_key }) => {
      const text = sealer.open(sealed_key, kid)?.text;
      return text === undefined ? [] : [{ ...jwk.parse(JSON.parse(text)), kid }];
    });
    if (newest !== undefined && !newest.is_due && opened[0]?.kid === newest.kid) {
      return opened.map((key) => ({ ...key, alg: SIGNED_WITH, use: 'sig' }));
    }
    const made = await makeKey();
    const sealed_key = sealer.seal(JSON.stringify(made.key), made.kid);
    const former = newest === undefined ? {} : { former: newest.kid };
    if (await brain.call('keep_oauth_key', { kid: made.kid, sealed_key, ...former })) {
      log.info({ kid: made.kid }, 'a new key signs id tokens');
    }
  }
  log.warn({}, 'no signing key is to be had that CODERED_SECRET_KEY opens');
  return [];
}

async function makeKey(): Promise<{ readonly kid: string; readonly key: JWK }> {
  const { privateKey } = await generateKeyPair(SIGNED_WITH, { extractable: true });
  const key = await exportJWK(privateKey);
  return { key, kid: await calculateJwkThumbprint(key) };
}
