// Which address a request comes from, for the share of sockets and memory that one address may take.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { among, type IsAmong } from '../config/address-ranges.ts';

/** Null: nobody knows, or nobody's share. */
export type AddressOf = (request: IncomingMessage) => string | null;

const MOST_HOPS = 20;
/** Nobody's share is known without CODERED_TRUSTED_PROXIES: all requests may come by one proxy. */
export const nobodysAddress: AddressOf = () => null;

/**
 * The rightmost address of X-Forwarded-For that is no trusted proxy's, where the request comes from one: what stands left of
 * it anybody can write. `isExempt`: who has no share to keep to, such as GitHub.
 */
export function makeAddressOf(trustedProxies: readonly string[], isExempt: IsAmong): AddressOf {
  const isTrusted = among(trustedProxies);
  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? '');
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    for (let hop = hops.length - 1; hop >= 0 && hop >= hops.length - MOST_HOPS && isTrusted(address); hop -= 1) {
      const next = plain(hops[hop] ?? '');
      if (isIP(next) === 0) break;
      address = next;
    }
    return isIP(address) === 0 || isExempt(address) ? null : networkOf(address);
  };
}

/** Without brackets, port and zone; an IPv4 address that came as an IPv6 one as what it is. */
function plain(text: string): string {
  const [, bracketed] = /^\[([^\]]{1,60})\](?::\d{1,5})?$/.exec(text.trim()) ?? [];
  const bare = (bracketed ?? text.trim()).split('%', 1)[0] ?? '';
  const withoutPort = /^[\d.]{7,15}:\d{1,5}$/.test(bare) ? (bare.split(':', 1)[0] ?? '') : bare;
  const [, mapped] = /^::ffff:([\d.]{7,15})$/i.exec(withoutPort) ?? [];
  return mapped ?? withoutPort;
}

/** One customer has a /64 of IPv6, and any of its addresses. */
function networkOf(address: string): string {
  if (isIP(address) === 4) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
