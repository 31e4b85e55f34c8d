// Puts together what signing in with GitHub needs.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import type { SignInSettings } from '../config/sign-in-settings.ts';
import { makeGrants } from './grants.ts';
import { makeRefreshAccess } from './refresh-access.ts';
import { makeSealer } from './sealing.ts';
import type { SignInDeps } from './sign-in-flow.ts';

/** Where GitHub sends the browser back. */
export const CALLBACK_PATH = '/sign-in/callback';

/** `apiUrl`: of GitHub, without a slash at the end. */
export function openSignIn(
  { url, clientId, clientSecret, keys }: SignInSettings,
  {
    brain,
    apiUrl,
    log,
  }: { brain: Pick<Brain, 'call' | 'makeUser'>; apiUrl: string; log: Pick<Logger, 'warn' | 'info'> },
): SignInDeps {
  const client = { apiUrl, clientId, clientSecret };
  const grants = makeGrants({ brain, client, sealer: makeSealer(keys, 'grant of GitHub'), log });
  const refreshAccess = makeRefreshAccess({ brain, grants, apiUrl, log });
  const sealer = makeSealer(keys, 'sign-in under way');
  return { brain, client, grants, sealer, refreshAccess, redirectUrl: `${url}${CALLBACK_PATH}`, log };
}
