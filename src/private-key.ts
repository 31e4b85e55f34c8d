// Reads the App's private key in every form in which it travels through an environment. Pure; only config.ts imports it.
import { createPrivateKey } from 'node:crypto';

/**
 * The key as PKCS#8 PEM. Takes what Probot takes: PEM (PKCS#1 as GitHub hands it out, or PKCS#8), PEM whose line breaks
 * became `\n` or spaces, and base64 of any of these. Throws an Error whose message says what is wrong and holds nothing
 * of the key.
 */
export function parsePrivateKey(text: string): string {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  const found = /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/.exec(pem.replaceAll('\\n', '\n'));
  if (found === null) throw new Error('holds no complete PEM block');
  const [, label = '', body = ''] = found;
  if (label !== 'RSA PRIVATE KEY' && label !== 'PRIVATE KEY') throw new Error(`holds a "${label}"`);
  const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return rsaKey([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n'));
}

function rsaKey(pem: string): string {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The parser's own message may quote what it could not read.
    throw new Error('holds a PEM block that is damaged or cut short');
  }
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`holds a key of type ${key.asymmetricKeyType ?? 'unknown'}`);
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
