// Links to content, each made for one person and one thing and good for minutes. A link only says who asked for what: whoever uses
// it is asked for the right again, as that person.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** How long a link is good for. */
const LINK_SECONDS = 300;
/** Where links lead, behind where CodeRed is reached. */
export const CONTENT_PATH = '/api/v1/content';

/** What a link names. */
const named = z.strictObject({
  kind: z.enum(['artifact', 'spec']),
  id: z.guid(),
  user_id: z.guid(),
  /** In seconds since 1970. */
  until: z.int(),
});
export type LinkedContent = Omit<z.output<typeof named>, 'until'>;

export interface ContentLinks {
  /** Whether there is a place for what does not fit into a row. */
  readonly hasObjects: boolean;
  readonly make: (content: LinkedContent) => { readonly url: string; readonly expires_at: string };
  /** What a link's last part names; null for one that nobody here made, `expired` for one that is over. */
  readonly read: (word: string) => LinkedContent | 'expired' | null;
}

interface LinkSettings {
  /** A secret of this deployment that all its processes have: the links' key is made of it, so that no link tells of it. */
  readonly secret: string;
  /** Where CodeRed is reached; null: links begin with the path. */
  readonly url: string | null;
  readonly hasObjects: boolean;
  /** In milliseconds; left out: the clock. */
  readonly now?: () => number;
}

const MOST_WORD = 1_000;

/** Links of this deployment. */
export function makeContentLinks({ secret, url, hasObjects, now = Date.now }: LinkSettings): ContentLinks {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'codered content links 1', 32));
  const signatureOf = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    hasObjects,
    make: (content) => {
      const until = Math.floor(now() / 1000) + LINK_SECONDS;
      const text = Buffer.from(JSON.stringify({ ...content, until })).toString('base64url');
      const word = `${text}.${signatureOf(text).toString('base64url')}`;
      return { url: `${url ?? ''}${CONTENT_PATH}/${word}`, expires_at: new Date(until * 1000).toISOString() };
    },
    read: (word) => {
      const [text = '', signature = '', ...more] = word.slice(0, MOST_WORD).split('.');
      const given = Buffer.from(signature, 'base64url');
      const wanted = signatureOf(text);
      if (more.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
      const { until, ...content } = named.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
      return until * 1000 <= now() ? 'expired' : content;
    },
  };
}
