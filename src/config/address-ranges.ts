// Settings that list addresses and ranges of them (CIDR), and whether an address is in one.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** `10.0.0.0/8`, `2001:db8::/32`, or an address alone; null when it is neither. */
interface AddressRange {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

const MOST_RANGES = 500;

function parseRange(text: string): AddressRange | null {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) says something of one machine only.
  if (version === 0 || more.length > 0 || address.includes('%')) return null;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return null;
  return { address, bits: bits === undefined ? most : Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Whether an address (as `request.socket.remoteAddress` has it) is in one of the ranges; false for a text that is no address. */
export type IsAmong = (address: string) => boolean;

/** Makes the test for some ranges (`10.0.0.0/8`). Texts that are no range are ignored: settings are checked before, and what GitHub publishes may get new forms. */
export function among(ranges: readonly string[]): IsAmong {
  const list = new BlockList();
  for (const text of ranges.slice(0, MOST_RANGES)) {
    const range = parseRange(text);
    if (range !== null) list.addSubnet(range.address, range.bits, range.family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

const split = (text: string) => text.split(',').map((range) => range.trim());

/** Schema of a setting: addresses and ranges with commas between them. */
export const addressRanges = z
  .string()
  .refine((text) => split(text).length <= MOST_RANGES && split(text).every((range) => parseRange(range) !== null))
  .transform(split);
