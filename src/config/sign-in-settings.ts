// The settings of signing in with GitHub on the web. Without them everything else works, and the page of the sign-in says what is missing.
import { z } from 'zod';

/** What signing in needs. */
export interface SignInSettings {
  /** Where CodeRed is reached by browsers: CODERED_URL, without a slash at the end. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** 32 bytes each; the first seals, all of them open. */
  readonly keys: readonly Buffer[];
}

const KEY_BYTES = 32;
const CLIENT_ID = /^[\w.-]{1,100}$/;
const CLIENT_SECRET = /^[\x21-\x7e]{16,200}$/;

/** 32 bytes as `openssl rand -hex 32` or `-base64 32` write them; null for anything else. */
function keyIn(text: string): Buffer | null {
  if (text.length === 2 * KEY_BYTES && /^[0-9a-f]+$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}

const secretKey = z
  .string()
  .refine((text) => keyIn(text) !== null, { error: 'is not 32 bytes in base64 or hexadecimal' })
  .transform((text) => keyIn(text) ?? Buffer.alloc(0))
  .optional();

/** The schema of each setting. */
export const signInFields = {
  GITHUB_CLIENT_ID: z
    .string()
    .regex(CLIENT_ID)
    .optional()
    .describe('the client ID on the settings page of the GitHub App, or unset'),
  GITHUB_CLIENT_SECRET: z
    .string()
    .regex(CLIENT_SECRET)
    .optional()
    .describe('a client secret made on the settings page of the GitHub App, or unset'),
  CODERED_SECRET_KEY: secretKey.describe('32 random bytes (`openssl rand -base64 32` makes them), or unset'),
  CODERED_SECRET_KEY_PREVIOUS: secretKey.describe(
    'the key before the last change, until everything is sealed with the new one, or unset',
  ),
} as const;

/** The names of the settings that hold secrets. */
export const SIGN_IN_SECRETS = ['GITHUB_CLIENT_SECRET', 'CODERED_SECRET_KEY', 'CODERED_SECRET_KEY_PREVIOUS'] as const;

/** The settings, or the names of those that are missing. */
export type SignIn =
  | { readonly state: 'on'; readonly settings: SignInSettings }
  | { readonly state: 'off'; readonly missing: readonly string[] };

/** Gives the parsed settings their names in the code. `url` is CODERED_URL. */
export function signInSettings(found: z.output<z.ZodObject<typeof signInFields>>, url: string | undefined): SignIn {
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret, CODERED_SECRET_KEY: key } = found;
  if (url !== undefined && clientId !== undefined && clientSecret !== undefined && key !== undefined) {
    const keys = [key, found.CODERED_SECRET_KEY_PREVIOUS ?? []].flat();
    return { state: 'on', settings: { url, clientId, clientSecret, keys } };
  }
  const needed = {
    CODERED_URL: url,
    GITHUB_CLIENT_ID: clientId,
    GITHUB_CLIENT_SECRET: clientSecret,
    CODERED_SECRET_KEY: key,
  };
  return {
    state: 'off',
    missing: Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : [])),
  };
}
