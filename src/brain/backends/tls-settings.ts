// What DATABASE_URL says about TLS, checked before anything connects, and put into the words that pg understands.

import { readFileSync } from 'node:fs';
import { asError, Misconfigured } from '../../model/errors.ts';

/**
 * What sslmode may be, and what pg is told instead. pg warns of the first three at every start and will verify nothing with them in its next
 * version; here a server that has to show a certificate always has it checked, but with `no-verify`:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
const MODES: Readonly<Record<string, string>> = {
  allow: 'verify-full',
  prefer: 'verify-full',
  require: 'verify-full',
  'verify-full': 'verify-full',
  'verify-ca': 'verify-ca',
  'no-verify': 'no-verify',
  disable: 'disable',
};

const SSL = ['true', '1', 'no-verify', 'false', '0'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * The URL for pg. Throws Misconfigured, which names the parameter and never the password, where one of them is mistyped or names a file
 * that can't be used. `url` is a URL.
 */
export function withCheckedTls(url: string): string {
  const checked = new URL(url);
  const given = checked.searchParams;
  const names = [...given.keys()];
  if (!names.some((name) => name.startsWith('ssl') || name === 'uselibpqcompat')) return url;
  if (given.get('sslrootcert') === 'system') trustPublicCas(given);
  for (const name of FILES) refuseUnusable(name, given.get(name));
  checkMode(given);
  const ssl = given.get('ssl');
  if (ssl !== null && !SSL.includes(ssl)) throw refusal('ssl', ssl, `one of ${SSL.join(', ')}`);
  if (ssl === 'false') given.set('ssl', '0');
  const negotiation = given.get('sslnegotiation');
  if (negotiation !== null && negotiation !== 'postgres' && negotiation !== 'direct')
    throw refusal('sslnegotiation', negotiation, 'postgres or direct');
  return checked.href;
}

/** Node has a list of them of its own, and reads the system's with NODE_USE_SYSTEM_CA=1. As with libpq nothing less than verify-full will do. */
function trustPublicCas(given: URLSearchParams): void {
  given.delete('sslrootcert');
  given.delete('uselibpqcompat');
  given.set('sslmode', 'verify-full');
}

function checkMode(given: URLSearchParams): void {
  const mode = given.get('sslmode');
  if (mode === null) return;
  const meant = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (meant === undefined) throw refusal('sslmode', mode, 'disable, require, verify-ca, verify-full or no-verify');
  if (meant === 'verify-ca') {
    if (!given.has('sslrootcert'))
      throw new Misconfigured(
        'DATABASE_URL has sslmode=verify-ca without sslrootcert: anybody can have a certificate of a public CA. ' +
          'Add sslrootcert=<file of your CA>, or write sslmode=verify-full.',
      );
    // Without this pg takes it for verify-full.
    given.set('uselibpqcompat', 'true');
  } else if (given.get('uselibpqcompat') !== 'true') given.set('sslmode', meant);
}

function refuseUnusable(name: (typeof FILES)[number], file: string | null): void {
  if (file === null) return;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new Misconfigured(
      `DATABASE_URL names ${file} as ${name}, which can't be read: ${asError(thrown).message}. Correct the path.`,
    );
  }
  const what = name === 'sslkey' ? 'PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----';
  if (text.includes(what)) return;
  throw new Misconfigured(
    `DATABASE_URL names ${file} as ${name}, which holds none in PEM ("${what}"). Correct the path or convert the file.`,
  );
}

function refusal(name: string, value: string, allowed: string): Misconfigured {
  return new Misconfigured(`DATABASE_URL has ${name}=${value.slice(0, 40)}; it should be ${allowed}.`);
}
