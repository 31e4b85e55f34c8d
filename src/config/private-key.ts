// Reads the App's private key in every form in which it travels through an environment, or lies in a file.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asError } from '../model/errors.ts';

const PRIVATE_KEY_SHOULD_BE =
  'the RSA private key (.pem) generated on the settings page of the GitHub App, as it is or in base64';

/** Reads the key from PRIVATE_KEY or from the file that PRIVATE_KEY_PATH names. Returns the key or at most one problem, which never holds a part of the key. */
export function readPrivateKey(given: Readonly<Record<string, string | undefined>>): {
  value: string;
  problems: string[];
} {
  const { PRIVATE_KEY: text, PRIVATE_KEY_PATH: path } = given;
  const name = text === undefined && path !== undefined ? `PRIVATE_KEY_PATH ("${path}")` : 'PRIVATE_KEY';
  try {
    if (text !== undefined) return { value: parsePrivateKey(text), problems: [] };
    if (path !== undefined) return { value: parsePrivateKey(readFileSync(path, 'utf8')), problems: [] };
    return {
      value: '',
      problems: [`${name} is missing (PRIVATE_KEY_PATH too); it should be ${PRIVATE_KEY_SHOULD_BE}`],
    };
  } catch (error) {
    const found =
      error instanceof Error && 'code' in error ? `cannot be read (${String(error.code)})` : asError(error).message;
    return { value: '', problems: [`${name} ${found}; it should be ${PRIVATE_KEY_SHOULD_BE}`] };
  }
}

/**
 * The key as PKCS#8 PEM. Takes what Probot takes: PEM (PKCS#1 as GitHub hands it out, or PKCS#8), PEM whose line breaks
 * became `\n` or spaces, and base64 of any of these. Throws an Error whose message says what is wrong and holds nothing
 * of the key.
 */
function parsePrivateKey(text: string): string {
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
