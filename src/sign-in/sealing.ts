// Seals what only this deployment may read: AES-256-GCM under a key that the database does not have.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
/** What GCM is made for: https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf, 5.2.1.1. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** What was sealed, and whether with a key that is on its way out. */
export interface Opened {
  readonly text: string;
  readonly isOldKey: boolean;
}

/** Seals and opens texts of one purpose. `owner` is whose text it is: sealed for one, it opens for nobody else. */
export interface Sealer {
  readonly seal: (text: string, owner: string) => string;
  /** Null: made with a key that is not here, for somebody else or another purpose, changed, or nothing that was sealed. */
  readonly open: (sealed: string, owner: string) => Opened | null;
}

/** A key for one purpose alone, from the secret of the deployment: https://www.rfc-editor.org/rfc/rfc5869 */
export function deriveKey(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `codered ${purpose}`, KEY_BYTES));
}

/** `secrets`: 32 bytes each, the first of which seals. The sealed text names its key, so that one can take the other's place. */
export function makeSealer(secrets: readonly Buffer[], purpose: string): Sealer {
  const keys = secrets.map((secret) => {
    const key = deriveKey(secret, purpose);
    return { key, id: createHash('sha256').update(key).digest('hex').slice(0, 12) };
  });
  const boundTo = (owner: string) => Buffer.from(`codered ${VERSION} ${purpose} ${owner}`);
  return {
    seal(text, owner) {
      const [current] = keys;
      if (current === undefined) throw new RangeError('there is no key to seal with');
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(owner));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, current.id, sealed.toString('base64url')].join('.');
    },
    open(sealed, owner) {
      const [version, id, body = '', ...rest] = sealed.split('.');
      const at = keys.findIndex((known) => known.id === id);
      const found = keys[at];
      if (version !== VERSION || found === undefined || rest.length > 0) return null;
      const text = decrypt(found.key, Buffer.from(body, 'base64url'), boundTo(owner));
      return text === null ? null : { text, isOldKey: at > 0 };
    },
  };
}

function decrypt(key: Buffer, sealed: Buffer, boundTo: Buffer): string | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
