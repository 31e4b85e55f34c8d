// The public keys that an issuer of tokens signs with: fetched from its JWKS, kept, and looked for again when one is new.
// Only oidc-token.ts uses it.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { asError, Transient } from '../model/errors.ts';

/** Resolves to the key of that id; null when the issuer has none. Throws Transient when the issuer can't be asked. */
export type KeyOf = (kid: string) => Promise<KeyObject | null>;

const FETCH_MS = 5_000;
const MOST_BYTES = 256 * 1024;
/** A key that was taken back is believed no longer than this. */
const KEEP_MS = 600_000;
/** Anybody can send tokens with ids of keys that do not exist; the issuer is asked no oftener than this, nor when it is down. */
const ASK_AGAIN_MS = 10_000;
const LEAST_BITS = 2_048;

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100) });
const rsaKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  e: z.string(),
  use: z.literal('sig').optional(),
  alg: z.literal('RS256').optional(),
});

/** Fetches from `<issuer>/.well-known/jwks` at the first question; questions at the same time share one request. */
export function openIssuerKeys(issuer: string, now: () => number = () => performance.now()): KeyOf {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  const ask = async () => {
    askedAt = now();
    keys = await fetchKeys(`${issuer}/.well-known/jwks`);
    fetchedAt = now();
  };
  return async (kid) => {
    const isFresh = now() - fetchedAt < KEEP_MS;
    const known = isFresh ? keys.get(kid) : undefined;
    if (known !== undefined) return known;
    if (asking === null && now() - askedAt < ASK_AGAIN_MS) {
      if (isFresh) return null;
      throw new Transient(`The keys of ${issuer} could not be had a moment ago`);
    }
    asking ??= ask().finally(() => {
      asking = null;
    });
    await asking;
    return keys.get(kid) ?? null;
  };
}

async function fetchKeys(url: string): Promise<ReadonlyMap<string, KeyObject>> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Transient(`it answered ${response.status}`);
    }
    // What we do not take (other kinds, other uses) is passed over.
    const { keys } = jwks.parse(JSON.parse(await boundedText(response)));
    const usable = keys.flatMap((key) => rsaKey.safeParse(key).data ?? []);
    return new Map(usable.flatMap((key) => keyEntry(key)));
  } catch (thrown) {
    throw new Transient(`The keys of ${url} can't be had: ${asError(thrown).message}`, { cause: thrown });
  }
}

function keyEntry({ kid, kty, n, e }: z.output<typeof rsaKey>): [string, KeyObject][] {
  const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS ? [] : [[kid, key]];
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Transient(`it sends more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
