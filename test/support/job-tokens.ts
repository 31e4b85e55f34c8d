// An issuer of OIDC tokens as GitHub Actions has one: a JWKS on a port of this machine, and tokens signed with its keys.

import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';

/** The deployment that the tokens are meant for: its CODERED_URL. */
export const AUDIENCE = 'https://codered.example.com';

const pairs = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));

export interface TokenIssuer {
  readonly url: string;
  /** Requests for the JWKS so far. */
  readonly asked: () => number;
  /** What the JWKS answers from now on instead of its keys; null for the keys. */
  answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } | null;
  /** A token that is right, but for the claims and the header that are given (undefined leaves one out). */
  readonly token: (claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: KeyObject) => string;
  /** A token whose MAC was made with the public key as the secret. */
  readonly hmacToken: () => string;
  readonly close: () => Promise<void>;
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key that no JWKS has. */
export const strangersKey = pairs[1]?.privateKey;

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const pair = pairs[0];
  if (pair === undefined) throw new RangeError('no key was made');
  const kid = 'key-1';
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const keys = [{ ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }];
    const known = request.url === '/.well-known/jwks';
    const { status, body, headers } = issuer.answer ?? {
      status: known ? 200 : 404,
      body: JSON.stringify({ keys }),
      headers: {},
    };
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const issuer: TokenIssuer = {
    url,
    answer: null,
    asked: () => asked,
    token: (claims = {}, header = {}, key = pair.privateKey) => {
      const now = Math.floor(Date.now() / 1_000);
      const said = {
        jti: randomUUID(),
        iss: url,
        aud: AUDIENCE,
        iat: now - 5,
        nbf: now - 5,
        exp: now + 300,
        sha: 'e'.repeat(40),
        event_name: 'pull_request',
        head_ref: 'closed',
        workflow_ref: 'octo/shop/.github/workflows/ci.yml@refs/pull/1/merge',
        run_attempt: '1',
        ...claims,
      };
      const signed = `${part({ typ: 'JWT', alg: 'RS256', kid, ...header })}.${part(said)}`;
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
    },
    hmacToken: () => {
      const [, body] = issuer.token({ repository_id: '1', run_id: '1' }).split('.');
      const signed = `${part({ typ: 'JWT', alg: 'HS256', kid })}.${body}`;
      const secret = pair.publicKey.export({ type: 'spki', format: 'pem' });
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return issuer;
}
