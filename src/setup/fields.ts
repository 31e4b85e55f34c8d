// What was filled into the form of the set-up.
import { plainUrl } from '../config/receiver-settings.ts';
import { WEBHOOK_PATH } from '../inbox/receive.ts';
import { isChannel } from './manifest.ts';
import type { Fields } from './pages.ts';
import { isPublicHost } from './reachable.ts';

const LOGIN = /^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i;
const LONGEST_URL = 500;
/** GitHub takes none of these for a webhook. */
const HERE = /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/;

/** Of the fields that were sent; `problem` is null when the fields can be used, else a sentence. `gheHost`: null for github.com. */
export function readFields(
  sent: ReadonlyMap<string, string>,
  { gheHost }: { gheHost: string | null },
): { fields: Fields; problem: string | null } {
  const url = (sent.get('url') ?? '').trim().slice(0, LONGEST_URL);
  const written = (sent.get('organisation') ?? '').trim().slice(0, LONGEST_URL);
  const organisation = loginIn(written, gheHost ?? 'github.com');
  const isLogin = organisation === '' || LOGIN.test(organisation);
  const problem = urlProblem(url, gheHost !== null) ?? (isLogin ? null : NO_LOGIN);
  return {
    fields: { url: problem === null ? baseUrl(url) : url, organisation: isLogin ? organisation : written },
    problem,
  };
}

const NO_LOGIN = 'The organisation has to be its login on GitHub: letters, digits and hyphens.';

/** Where CodeRed is, also of the whole address of its webhooks. */
function baseUrl(text: string): string {
  const url = plainUrl(text);
  return !isChannel(url) && url.endsWith(WEBHOOK_PATH) ? plainUrl(url.slice(0, -WEBHOOK_PATH.length)) : url;
}

/** Pages of an organisation's own: https://github.com/orgs/acme/people, https://github.com/organizations/acme/settings. */
const BEFORE_LOGIN = ['orgs', 'organizations'];
/** Pages of GitHub's that are nobody's. */
const NO_OWNER = ['settings', 'apps', 'enterprises', 'account'];

/** The login in `acme`, `@acme`, `github.com/acme` and the address of its page; what is no such thing as it is. */
function loginIn(text: string, github: string): string {
  if (text.startsWith('@')) return text.slice(1);
  if (!text.includes('/')) return text;
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  const isGithub = url !== null && [github.toLowerCase(), `www.${github.toLowerCase()}`].includes(url.host);
  if (!isGithub) return text;
  const [first = '', second = ''] = url.pathname.split('/').slice(1);
  if (NO_OWNER.includes(first)) return text;
  return (BEFORE_LOGIN.includes(first) ? second : first) || text;
}

function urlProblem(text: string, isEnterprise: boolean): string | null {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return 'The address has to be one like https://codered.example.com.';
  }
  if (/[?#\s\\"'<>]/.test(text) || url.username !== '' || url.password !== '') {
    return 'The address has to be without a name, a password, a query and a fragment.';
  }
  if (url.protocol === 'http:' && !isEnterprise) return 'The address has to begin with https://.';
  if (HERE.test(url.hostname)) return `GitHub can’t reach this machine by that address. ${CHANNEL}`;
  if (!isEnterprise && !isPublicHost(url.hostname)) {
    return `github.com can’t reach ${url.hostname}: that is an address of a private network. Put in the one that it is reached by from outside. ${CHANNEL}`;
  }
  return isChannel(text) && url.pathname.length < 2 ? 'This is smee.io itself; start a channel there.' : null;
}

const CHANNEL = 'To try CodeRed out, start a channel at smee.io and put in its address.';
