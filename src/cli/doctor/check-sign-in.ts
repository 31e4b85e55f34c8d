// Whether people can sign in, as far as the settings say. Pure.
import type { Config } from '../../config/settings.ts';
import { type Finding, ok, warning } from './finding.ts';

const WHERE: Readonly<Record<string, string>> = {
  CODERED_URL: 'CODERED_URL is where browsers reach this server',
  GITHUB_CLIENT_ID: "GITHUB_CLIENT_ID stands on the App's settings page",
  GITHUB_CLIENT_SECRET: "GITHUB_CLIENT_SECRET is made on the App's settings page",
  CODERED_SECRET_KEY: '`openssl rand -base64 32` makes CODERED_SECRET_KEY',
};

/** None of it is needed for anything else: nothing here fails. */
export function checkSignIn({ signIn }: Pick<Config, 'signIn'>): Finding {
  if (signIn.state === 'on') {
    const { url, keys } = signIn.settings;
    const callback = `${url}/sign-in/callback`;
    const found = `people sign in at ${url}/sign-in, and let apps in by OAuth; the App has to name ${callback} as its callback URL`;
    if (keys.length === 1) return ok('sign-in', found);
    return warning(
      'sign-in',
      `${found}; CODERED_SECRET_KEY_PREVIOUS is set`,
      'Unset it once everybody was here since the change: an hour, or a week for those who come seldom.',
    );
  }
  const { missing } = signIn;
  if (missing.length === Object.keys(WHERE).length || missing.includes('GITHUB_CLIENT_ID')) {
    return ok(
      'sign-in',
      'is not set up, nor is OAuth: scripts and agents come in with tokens of `codered token create`',
    );
  }
  const fix = `${missing.map((name) => WHERE[name] ?? name).join('; ')}.`;
  return warning('sign-in', `nobody can sign in: ${missing.join(', ')} missing`, fix);
}
