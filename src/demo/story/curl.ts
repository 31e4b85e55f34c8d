// Requests as somebody types them at a terminal with curl, and what came back in a few words.

/** One line of the play: what was typed, and what came back. */
export interface Line {
  /** Why it is sent, in a few words. */
  readonly says: string;
  /** As a person would type it; secrets and ids stand there by name. */
  readonly typed: string;
  readonly status: number;
  /** The essential of the answer. */
  readonly answer: string;
}

/** What a request holds besides its address. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly form?: readonly (readonly [string, string])[];
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request; redirects are not followed. */
export type Curl = (url: string, sent?: Sent) => Promise<Received>;

/** One terminal with a jar of cookies for each host, as `curl -b jar -c jar` keeps it. */
export function makeCurl(): Curl {
  const jars = new Map<string, Map<string, string>>();
  return async (url, { method, headers = {}, json, form } = {}) => {
    const { origin } = new URL(url);
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = json === undefined ? form && new URLSearchParams(form.map(([...pair]) => pair)) : JSON.stringify(json);
    const response = await fetch(url, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** Longer ways lead in a circle. */
const MOST_HOPS = 5;

/** Sends a request and goes where it is sent, as `curl -L` does: with GET, and without what it held. Gives the last answer, then each redirect. */
export async function follow(curl: Curl, url: string, sent: Sent = {}): Promise<readonly [Received, ...Hop[]]> {
  const hops: Hop[] = [];
  let [at, received] = [url, await curl(url, sent)];
  while (hops.length < MOST_HOPS) {
    const location = received.headers.get('location');
    if (received.status < 300 || location === null) break;
    const to = new URL(location, at);
    hops.push({ status: received.status, to });
    [at, received] = [to.href, await curl(to.href)];
  }
  return [received, ...hops];
}

/** A redirect. */
export interface Hop {
  readonly status: number;
  readonly to: URL;
}

/** What stands between two pieces of a page; empty where it does not. */
export function between(text: string, before: string, after: string): string {
  const at = text.indexOf(before);
  const end = text.indexOf(after, at + before.length);
  return at === -1 || end === -1 ? '' : text.slice(at + before.length, end);
}

/** So much of a secret that it is known again, and no more. */
export function glimpse(secret: string): string {
  return `${secret.slice(0, 8)}…`;
}
