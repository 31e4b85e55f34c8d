// What a browser shows of itself and is given to keep: two cookies, and the mark that a form was made for its session.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { CookieOptions, CookiePrefixOptions } from 'hono/utils/cookie';
import type { SignInSettings } from '../config/sign-in-settings.ts';
import type { RequestContext } from '../http/routing.ts';
import { deriveKey } from '../sign-in/sealing.ts';

/** `session`: who is signed in. `way`: that this browser began the sign-in which is under way. */
export type CookieName = 'session' | 'way';

const NAMES: Readonly<Record<CookieName, string>> = { session: 'codered', way: 'codered_way' };
const DAY_SECONDS = 86_400;
const MAX_AGE: Readonly<Record<CookieName, number>> = { session: 30 * DAY_SECONDS, way: 600 };
/** What we give is 43 characters of base64url. */
const LONGEST = 100;

/** The cookies and forms of one deployment. */
export interface Browsers {
  /** Null: there is none, or it is none that we gave. */
  readonly read: (context: RequestContext, name: CookieName) => Promise<string | null>;
  readonly give: (context: RequestContext, name: CookieName, value: string) => Promise<void>;
  readonly take: (context: RequestContext, name: CookieName) => void;
  /** What a form of this session holds. */
  readonly formMark: (session: string) => string;
  /** Whether a form was sent from a page of ours, and made for this session. */
  readonly isOwnForm: (request: IncomingMessage, mark: string, session: string) => boolean;
}

/**
 * Cookies are signed, `HttpOnly`, `SameSite=Lax`, and where we are reached by https `Secure` with the prefix `__Host-`, so that no other
 * host of the domain can set them. https://www.rfc-editor.org/rfc/rfc6265#section-4.1
 */
export function makeBrowsers({ url, keys }: Pick<SignInSettings, 'url' | 'keys'>): Browsers {
  const isSecure = url.startsWith('https:');
  const { origin } = new URL(url);
  const prefix: CookiePrefixOptions | undefined = isSecure ? 'host' : undefined;
  const cookieKeys = keys.map((key) => new Uint8Array(deriveKey(key, 'cookies')));
  const formKeys = keys.map((key) => deriveKey(key, 'forms'));
  const options: CookieOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure,
    ...(isSecure ? { prefix: 'host' } : {}),
  };
  const markBy = (key: Buffer, session: string) => createHmac('sha256', key).update(session).digest();
  return {
    async read(context, name) {
      for (const key of cookieKeys) {
        const value = await getSignedCookie(context, key, NAMES[name], prefix);
        if (typeof value === 'string' && value !== '' && value.length <= LONGEST) return value;
      }
      return null;
    },
    async give(context, name, value) {
      const [key] = cookieKeys;
      if (key === undefined) throw new RangeError('there is no key to sign with');
      await setSignedCookie(context, NAMES[name], value, key, { ...options, maxAge: MAX_AGE[name] });
    },
    take(context, name) {
      deleteCookie(context, NAMES[name], options);
    },
    formMark: (session) => markBy(formKeys[0] ?? Buffer.alloc(0), session).toString('base64url'),
    isOwnForm({ headers }, mark, session) {
      if (headers.origin !== origin) return false;
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin') return false;
      const sent = Buffer.from(mark, 'base64url');
      return formKeys.some((key) => {
        const wanted = markBy(key, session);
        return sent.length === wanted.length && timingSafeEqual(sent, wanted);
      });
    },
  };
}
