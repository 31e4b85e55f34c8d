// Which settings hold secrets, and the environment without them.

import { SIGN_IN_SECRETS } from './sign-in-settings.ts';

/** The names of those whose values never enter a message. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'WEBHOOK_SECRET',
  'WEBHOOK_SECRET_PREVIOUS',
  'CODERED_API_KEYS',
  'CODERED_MAIL_KEYS',
  'METRICS_TOKEN_SHA256',
  'SUPABASE_SERVICE_ROLE_KEY',
  'DATABASE_URL',
  'DATABASE_URL_PEOPLE',
  'CODERED_S3_SECRET_ACCESS_KEY',
  ...SIGN_IN_SECRETS,
]);

/** What commands beside the server read, all of it secret: they may stand in the same file. */
export const SETTINGS_OF_COMMANDS: readonly string[] = ['CODERED_TOKEN', 'CODERED_MODEL_KEY'];

/** The environment for a program of somebody else: without any of our secrets, which a file `.env` may have brought into it. */
export function withoutOurSecrets(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const ours = new Set([...SECRET_SETTINGS, ...SETTINGS_OF_COMMANDS, 'PRIVATE_KEY']);
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || ours.has(name) ? [] : [[name, value]])),
  );
}
