// The public keys that an issuer of tokens signs with: fetched from its JWKS and kept by `jose`, which asks again when a key is
// new. Around it stand the bounds on what a slow, broken or hostile issuer can cost.
import { type CryptoKey, createRemoteJWKSet, customFetch, errors, type FetchImplementation } from 'jose';
import { z } from 'zod';
import { asError, Transient } from '../model/errors.ts';

/** Resolves to the key of that id; null when the issuer has none. Throws Transient when the issuer can't be asked. */
export type KeyOf = (kid: string) => Promise<CryptoKey | null>;

/** For the head of the answer and all of its body. */
const FETCH_MS = 5_000;
const MOST_BYTES = 256 * 1024;
/** A key that was taken back is believed no longer than this. */
const KEEP_MS = 600_000;
/** Anybody can send tokens with ids of keys that do not exist; the issuer is asked no oftener than this, nor when it is down. */
const ASK_AGAIN_MS = 10_000;
/** Shorter keys can be broken; longer ones, or a large exponent, would make each check of a stranger's token slow. */
const LEAST_BITS = 2_048;
const MOST_BITS = 8_192;

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100) });
const LONGEST_MODULUS = Math.ceil(MOST_BITS / 6) + 2;
const rsaKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z
    .string()
    .max(LONGEST_MODULUS)
    .refine((n) => isOfFittingLength(n)),
  e: z.string().max(8),
  use: z.literal('sig').optional(),
  alg: z.literal('RS256').optional(),
});

function isOfFittingLength(modulus: string): boolean {
  const bytes = Buffer.from(modulus, 'base64url');
  if (bytes.toString('base64url') !== modulus) return false;
  // Zeros before it make a number no longer; no issuer writes them.
  const bits = bytes[0] === 0 ? 0 : 8 * bytes.length - (Math.clz32(bytes[0] ?? 0) - 24);
  return bits >= LEAST_BITS && bits <= MOST_BITS;
}

/** Fetches from `<issuer>/.well-known/jwks` at the first question; questions at the same time share one request. */
export function openIssuerKeys(issuer: string): KeyOf {
  const url = new URL(`${issuer}/.well-known/jwks`);
  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: KEEP_MS,
    cooldownDuration: ASK_AGAIN_MS,
    timeoutDuration: FETCH_MS,
    [customFetch]: notTooOften(fetchUsableKeys),
  });
  return async (kid) => {
    try {
      return await keys({ alg: 'RS256', kid });
    } catch (thrown) {
      if (thrown instanceof errors.JWKSNoMatchingKey) return null;
      throw new Transient(`The keys of ${url} can't be had: ${asError(thrown).message}`, { cause: thrown });
    }
  };
}

/** After a failure nobody is asked for a while: `jose` waits after a success alone. */
function notTooOften(ask: FetchImplementation): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    const sinceMs = Date.now() - failedAt;
    if (sinceMs >= 0 && sinceMs < ASK_AGAIN_MS) throw new Transient('they could not be had a moment ago');
    try {
      return await ask(url, options);
    } catch (thrown) {
      failedAt = Date.now();
      throw thrown;
    }
  };
}

/** The list without what we do not take: other kinds, other uses, keys that are too short or too long, all but the last of one id. */
const fetchUsableKeys: FetchImplementation = async (url, options) => {
  // `options` follow no redirect, and their signal ends the body too.
  const response = await fetch(url, options);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Transient(`it answered ${response.status}`);
  }
  const { keys } = jwks.parse(JSON.parse(await boundedText(response)));
  const usable = keys.flatMap((key) => rsaKey.safeParse(key).data ?? []);
  return Response.json({ keys: [...new Map(usable.map((key) => [key.kid, key])).values()] });
};

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
