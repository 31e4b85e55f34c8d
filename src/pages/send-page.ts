// Sends a page, or the way to another.
import type { RequestContext } from '../http/routing.ts';
import { pageHeaders } from './page.ts';

/** Sends HTML with the headers of our pages, and the cookies that were given meanwhile. `formsTo`: where else its forms may lead, as a policy names it. */
export function sendPage(
  context: RequestContext,
  { status, text, formsTo = '' }: { status: number; text: string; formsTo?: string },
): Response {
  return respond(context, { status, text, headers: pageHeaders(`'self' ${formsTo}`.trim()) });
}

/** Sends the browser to another address; kept by nobody. */
export function goTo(context: RequestContext, location: string, status: 302 | 303): Response {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return respond(context, { status, text: null, headers });
}

interface Sent {
  readonly status: number;
  readonly text: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

function respond(context: RequestContext, { status, text, headers }: Sent): Response {
  const all = new Headers(context.newResponse(null).headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  // A body that was not read to its end is not waited for.
  if (!context.env.incoming.complete) all.set('connection', 'close');
  return new Response(text, { status, headers: all });
}
