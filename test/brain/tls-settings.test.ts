// What DATABASE_URL says about TLS: what it comes to in pg's own reading, and what is refused before anything connects.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { withCheckedTls } from '../../src/brain/backends/tls-settings.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'codered-tls-'));
const ca = join(folder, 'ca.pem');
writeFileSync(ca, '-----BEGIN CERTIFICATE-----\nnone that anybody has\n-----END CERTIFICATE-----\n');
const noCertificate = join(folder, 'notes.txt');
writeFileSync(noCertificate, 'ask the provider for the certificate\n');
afterAll(() => rmSync(folder, { recursive: true }));

const url = (query: string) => `postgresql://codered:hunter2@db.example:5432/brain${query}`;

/** How pg would connect: false without TLS, else what is checked of the certificate. */
function checks(query: string): unknown {
  const { connectionParameters } = new pg.Client({ connectionString: withCheckedTls(url(query)) }) as unknown as {
    connectionParameters: {
      ssl: false | true | { rejectUnauthorized?: boolean; ca?: string; checkServerIdentity?: unknown };
    };
  };
  const { ssl } = connectionParameters;
  if (ssl === false) return false;
  if (ssl === true) return { chain: true, name: true, ca: false };
  return {
    chain: ssl.rejectUnauthorized !== false,
    name: ssl.rejectUnauthorized !== false && ssl.checkServerIdentity === undefined,
    ca: ssl.ca !== undefined,
  };
}

const all = { chain: true, name: true, ca: false };
const nothing = { chain: false, name: false, ca: false };

describe('TLS of DATABASE_URL', () => {
  it.each([
    ['', false],
    ['?application_name=codered&pgbouncer=true', false],
    ['?sslmode=disable', false],
    ['?ssl=false', false],
    ['?ssl=0', false],
    ['?ssl=true', all],
    ['?sslmode=prefer', all],
    ['?sslmode=require', all],
    ['?sslmode=require&channel_binding=require', all],
    ['?sslmode=verify-full', all],
    ['?sslmode=verify-full&sslrootcert=system', all],
    ['?sslrootcert=system', all],
    ['?uselibpqcompat=true&sslmode=require&sslrootcert=system', all],
    [`?sslmode=require&sslrootcert=${ca}`, { ...all, ca: true }],
    [`?sslrootcert=${ca}`, { ...all, ca: true }],
    [`?sslmode=verify-ca&sslrootcert=${ca}`, { chain: true, name: false, ca: true }],
    ['?sslmode=no-verify', nothing],
    ['?ssl=no-verify', nothing],
    ['?uselibpqcompat=true&sslmode=require', nothing],
  ])('with %j comes to %j, without a warning of the driver', (query, expected) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect(checks(query)).toEqual(expected);
    expect(warned).not.toHaveBeenCalled();
  });

  it.each([
    ['?sslmode=verify_full', /sslmode=verify_full; it should be disable, require, verify-ca, verify-full or no-verify/],
    ['?ssl=yes', /ssl=yes; it should be one of true, /],
    ['?sslnegotiation=fast', /sslnegotiation=fast; it should be postgres or direct/],
    ['?sslmode=verify-ca', /sslmode=verify-ca without sslrootcert: .*Add sslrootcert=<file of your CA>/],
    ['?sslmode=verify-ca&uselibpqcompat=true', /sslmode=verify-ca without sslrootcert/],
    [
      '?sslmode=require&sslrootcert=/nowhere/ca.pem',
      /names \/nowhere\/ca.pem as sslrootcert, which can't be read: ENOENT/,
    ],
    [`?sslrootcert=${noCertificate}`, /notes.txt as sslrootcert, which holds none in PEM/],
    [`?sslcert=${ca}&sslkey=${noCertificate}`, /notes.txt as sslkey, which holds none in PEM/],
  ])('%j is refused, and says what to write', (query, expected) => {
    const refused = asError(catching(() => withCheckedTls(url(query))));
    expect(refused).toBeInstanceOf(Misconfigured);
    expect(refused.message).toMatch(expected);
    expect(refused.message).not.toContain('hunter2');
  });
});

function catching(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}
