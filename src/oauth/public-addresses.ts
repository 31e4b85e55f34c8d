// Which addresses of the internet anybody may be asked at. Pure.
import { isIP } from 'node:net';
import { among } from '../config/address-ranges.ts';

/** https://www.iana.org/assignments/iana-ipv4-special-registry and multicast. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** What is routed to hosts at all, and of it what is special: https://www.iana.org/assignments/iana-ipv6-special-registry */
const ROUTED_IPV6 = ['2000::/3'];
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const isSpecial4 = among(SPECIAL_IPV4);
const isRouted6 = among(ROUTED_IPV6);
const isSpecial6 = among(SPECIAL_IPV6);

/**
 * Whether an address, as a resolver gives it, is a public host's. An IPv4 address inside one of IPv6 (mapped, NAT64, 6to4, Teredo) is none,
 * whatever it holds: nobody has to be reached that way.
 */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !isSpecial4(address);
  return version === 6 && !address.includes('%') && isRouted6(address) && !isSpecial6(address);
}
