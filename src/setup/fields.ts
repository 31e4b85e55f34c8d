// What was filled into the form of the set-up. Only setup.ts uses it.
import { plainUrl } from '../door-settings.ts';
import { isChannel } from './manifest.ts';
import type { Fields } from './pages.ts';

const LOGIN = /^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i;
const LONGEST_URL = 500;
/** GitHub takes none of these for a webhook. */
const HERE = /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/;

/** Of a body that is urlencoded; `problem` is null when the fields can be used, else a sentence. */
export function readFields(
  body: Uint8Array,
  { isEnterprise }: { isEnterprise: boolean },
): { fields: Fields; problem: string | null } {
  const sent = new URLSearchParams(new TextDecoder().decode(body));
  const url = (sent.get('url') ?? '').trim().slice(0, LONGEST_URL);
  const organisation = (sent.get('organisation') ?? '').trim().slice(0, LONGEST_URL);
  const problem = urlProblem(url, isEnterprise) ?? (organisation === '' || LOGIN.test(organisation) ? null : NO_LOGIN);
  return { fields: { url: problem === null ? plainUrl(url) : url, organisation }, problem };
}

const NO_LOGIN = 'The organisation has to be its login on GitHub: letters, digits and hyphens.';

function urlProblem(text: string, isEnterprise: boolean): string | null {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return 'The address has to be one like https://codered.example.com.';
  }
  if (/[?#\s\\"'<>]/.test(text) || url.username !== '' || url.password !== '') {
    return 'The address has to be without a name, a password, a query and a fragment.';
  }
  if (url.protocol === 'http:' && !isEnterprise) return 'The address has to begin with https://.';
  if (HERE.test(url.hostname)) {
    return 'GitHub can’t reach this machine by that address. To try CodeRed out, start a channel at smee.io and put in its address.';
  }
  return isChannel(text) && url.pathname.length < 2 ? 'This is smee.io itself; start a channel there.' : null;
}
