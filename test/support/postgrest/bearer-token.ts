// Signs and verifies the HS256 tokens that name a caller's role. Pure.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const headerSchema = z.object({ alg: z.literal('HS256') });
const claimsSchema = z.looseObject({
  role: z.string().optional(),
  sub: z.string().optional(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
});

/** What a token says of its bearer. `exp` and `nbf` are seconds since 1970. */
export type Claims = z.infer<typeof claimsSchema>;

/** Either the claims, or the code and message with which PostgREST refuses the token (status 401). */
export type Verified =
  | { readonly claims: Claims }
  | { readonly refused: { readonly code: string; readonly message: string } };

/** A token that says `claims`; good until the secret is forgotten, unless `exp` says otherwise. */
export function signToken(claims: Claims, secret: string): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, secret)}`;
}

/** Checks signature, algorithm and times. `nowSeconds`: seconds since 1970. */
export function verifyToken(token: string, { secret, nowSeconds }: { secret: string; nowSeconds: number }): Verified {
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
    return refused('PGRST301', `Expected 3 parts in JWT; got ${parts.length}`);
  }
  if (!headerSchema.safeParse(decode(header)).success) {
    return refused('PGRST301', 'Wrong or unsupported encoding algorithm');
  }
  const expected = Buffer.from(signatureOf(`${header}.${claims}`, secret));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    return refused('PGRST301', 'JWT cryptographic operation failed');
  }
  const parsed = claimsSchema.safeParse(decode(claims));
  if (!parsed.success) return refused('PGRST303', 'Parsing claims failed');
  const { exp, nbf } = parsed.data;
  if (exp !== undefined && exp <= nowSeconds) return refused('PGRST303', 'JWT expired');
  if (nbf !== undefined && nbf > nowSeconds) return refused('PGRST303', 'JWT not yet valid');
  return { claims: parsed.data };
}

function refused(code: string, message: string): Verified {
  return { refused: { code, message } };
}

function signatureOf(signed: string, secret: string): string {
  return createHmac('sha256', secret).update(signed).digest('base64url');
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
