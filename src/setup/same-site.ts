// Whether a request to the set-up page comes from that page, and is meant for this machine.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether the name that a browser used is one of ours: a stranger's page whose name is made to lead here (DNS rebinding) keeps
 * its own name. An address is nobody's name.
 */
export function isForUs({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  const url = /^[\w.:[\]-]{1,255}$/.test(host) ? URL.parse(`http://${host}`) : null;
  if (url === null) return false;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(name) !== 0 || name === 'localhost';
}

/** The origin that a form of ours was sent from, such as `http://localhost:3000`; null for anybody else's. */
export function ownOrigin({ headers }: IncomingMessage): string | null {
  const { origin, host, 'sec-fetch-site': site } = headers;
  const url = URL.parse(origin ?? '');
  if (url === null || origin !== url.origin || !['http:', 'https:'].includes(url.protocol)) return null;
  // A host may name the port that its scheme has anyway.
  if (URL.parse(`${url.protocol}//${host}`)?.host !== url.host) return null;
  return site === undefined || site === 'same-origin' ? origin : null;
}
