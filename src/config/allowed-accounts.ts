// The setting CODERED_ALLOWED_ACCOUNTS: whose installations are let in. Pure.
import { z } from 'zod';

/** As GitHub takes them: letters, digits and hyphens; `_shortcode` at the end of a managed user, dots of an enterprise. */
const LOGIN = /^[a-z0-9](?:[a-z0-9._-]{0,98})$/;
const MOST_LOGINS = 1_000;

const logins = (text: string) => text.split(',').map((login) => login.trim());

/** Schema of the setting: logins with commas between them; gives them in lower case. */
export const allowedAccounts = z
  .string()
  .toLowerCase()
  .refine((text) => logins(text).length <= MOST_LOGINS && logins(text).every((login) => LOGIN.test(login)))
  .transform((text): readonly string[] | null => [...new Set(logins(text))])
  .default(null)
  .describe('logins of users and organisations, with commas between, or unset to let everybody in');
