// Which JSON web tokens of an App GitHub takes.

import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { appTokenProblem, createGrantedTokens } from '../../src/demo/github/routes/app-token.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const app = { id: 7, publicKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() };

function jwt(claims: object, header: object = { alg: 'RS256', typ: 'JWT' }): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${parts}.${sign('RSA-SHA256', Buffer.from(parts), keys.privateKey).toString('base64url')}`;
}

const now = Math.floor(Date.now() / 1000);
const good = { iss: 7, iat: now - 30, exp: now + 570 };
const forged = jwt(good).replace(
  /^([^.]+)\.[^.]+/,
  `$1.${Buffer.from(JSON.stringify({ ...good, iat: 0 })).toString('base64url')}`,
);

describe('appTokenProblem', () => {
  test.each([
    ['a fresh token of the App', jwt(good), null],
    ['the App named by a string', jwt({ ...good, iss: '7' }), null],
    ['another App', jwt({ ...good, iss: 8 }), 'Integration not found'],
    ['a token that has expired', jwt({ ...good, exp: now - 1 }), "'Expiration time' claim ('exp') must be"],
    ['a token that holds for an hour', jwt({ ...good, exp: now + 3600 }), "'Expiration time' claim ('exp') is too far"],
    ['a token from the future', jwt({ ...good, iat: now + 300 }), "'Issued at' claim ('iat') must be"],
    ['a token that names no algorithm', jwt(good, { alg: 'none' }), 'A JSON web token could not be decoded'],
    ['claims changed after signing', forged, 'A JSON web token could not be decoded'],
    ['something else', 'ghs_abc', 'A JSON web token could not be decoded'],
  ])('%s', (_, token, problem) => {
    const found = appTokenProblem(token, app);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
  });
});

describe('createGrantedTokens', () => {
  test('a granted token is found and holds for an hour, any other is not found', () => {
    const tokens = createGrantedTokens();
    const from = Date.now();
    const { token, expiresAtMs } = tokens.grant({ installationId: 3, repositoryIds: null, permissions: {} });
    expect(tokens.find(token)).toMatchObject({ installationId: 3, expiresAtMs });
    expect(expiresAtMs).toBeGreaterThanOrEqual(from + 3_600_000);
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(tokens.find('ghs_abc')).toBeNull();
  });
});
