// Whether github.com can reach a host at all. Pure.
import { isIP } from 'node:net';
import { among } from '../config/address-ranges.ts';

/** Addresses of this machine, of private networks, and of nobody: https://www.iana.org/assignments/iana-ipv4-special-registry */
const isPrivate = among([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/127',
  'fc00::/7',
  'fe80::/10',
]);
/** Top-level domains that no public name server knows: RFC 6761, RFC 6762, RFC 8375, .internal by ICANN, and what routers make up. */
const PRIVATE_DOMAINS = [
  'local',
  'internal',
  'localhost',
  'home.arpa',
  'test',
  'invalid',
  'lan',
  'home',
  'corp',
  'intranet',
  'private',
  'localdomain',
];

/** Of a host as `URL` has it: an address in its usual form, IPv6 in brackets, names in lower case. */
export function isPublicHost(host: string): boolean {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  if (isIP(name) !== 0) return !isPrivate(name);
  return name.includes('.') && !PRIVATE_DOMAINS.some((domain) => name.endsWith(`.${domain}`));
}
